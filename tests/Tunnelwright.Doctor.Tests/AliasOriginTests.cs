using System.Net;
using Tunnelwright.Dns.Lookup;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Doctor.Tests;

/// <summary>No forwarder and an alias that escapes give the same public address; what else is said tells them apart.</summary>
public sealed class AliasOriginTests
{
    private const string Name = "orders.c9xk2.rds.example";
    private const string Target = "ec2-10-8-2-30.compute.example";

    private static LookupAnswer Answer(ResponseCode code, string? alias = null, string? zone = null) => new(
        RecordType.A, new IPEndPoint(IPAddress.Loopback, 53), code, null,
        alias is null ? [] : [new LookupRecord(Name, RecordType.Cname, 60, alias, null), new LookupRecord(alias, RecordType.A, 60, "198.51.100.83", IPAddress.Parse("198.51.100.83"))],
        true, false, false, TimeSpan.Zero, null)
    {
        Zone = zone,
    };

    [Theory]
    [InlineData(Target, Target, ResponseCode.NonExistentDomain, "rds.example ns.cloud.example", ResponseCode.NonExistentDomain, "rds.example ns.cloud.example", false)]
    [InlineData(Target, "EC2-10-8-2-30.compute.example", ResponseCode.NonExistentDomain, null, ResponseCode.NonExistentDomain, null, false)]
    [InlineData(Target, "ec2-198-51-100-83.compute.example", ResponseCode.NonExistentDomain, null, ResponseCode.NonExistentDomain, null, true)]
    [InlineData(Target, null, ResponseCode.NonExistentDomain, null, ResponseCode.NonExistentDomain, null, true)]
    [InlineData(Target, Target, ResponseCode.Refused, null, ResponseCode.NonExistentDomain, null, true)]
    [InlineData(Target, Target, ResponseCode.NonExistentDomain, "rds.example ns.public.example", ResponseCode.NonExistentDomain, "rds.example ns.cloud.example", true)]
    [InlineData(Target, Target, ResponseCode.NonExistentDomain, "rds.example ns.public.example", ResponseCode.NonExistentDomain, null, false)]
    [InlineData(Target, Target, ResponseCode.ServerFailure, null, ResponseCode.NonExistentDomain, null, false)]
    [InlineData(Target, Target, ResponseCode.NonExistentDomain, null, ResponseCode.Refused, null, false)]
    [InlineData(null, Target, ResponseCode.NonExistentDomain, null, ResponseCode.NoError, null, false)]
    public void Who_does_not_ask_the_cloud_says_something_else(string? here, string? there, ResponseCode absentHere, string? zoneHere, ResponseCode absentThere, string? zoneThere, bool elsewhere)
    {
        var why = AliasOrigin.FromElsewhere(Answer(ResponseCode.NoError, here), Answer(ResponseCode.NoError, there), Answer(absentHere, null, zoneHere), Answer(absentThere, null, zoneThere));
        Assert.Equal(elsewhere, why is not null);
        Assert.Null(AliasOrigin.FromElsewhere(Answer(ResponseCode.NoError, Target), Answer(ResponseCode.NoError, Target), null, null));
    }

    [Fact]
    public void The_sibling_is_another_each_time_and_under_the_same_domain()
    {
        var (first, second) = (AliasOrigin.Sibling(Name), AliasOrigin.Sibling(Name));
        Assert.NotEqual(first, second);
        Assert.All([first, second], name => Assert.Matches(@"^tw-[0-9a-f]{12}\.c9xk2\.rds\.example$", name));
    }
}
