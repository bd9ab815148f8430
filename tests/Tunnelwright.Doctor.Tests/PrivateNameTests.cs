using System.Net;
using Tunnelwright.Dns.Lookup;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Doctor.Tests;

/// <summary>What is made of a resolver's answer beside the cloud's, and what is not.</summary>
public sealed class PrivateNameTests
{
    private const string Name = "app.cloud.example";

    private static LookupAnswer Says(ResponseCode? code, params string[] addresses) => new(
        RecordType.A, new IPEndPoint(IPAddress.Parse("10.1.0.53"), 53), code, null, [.. addresses.Select(address => new LookupRecord(Name, RecordType.A, 60, address, IPAddress.Parse(address)))], true, false, false, TimeSpan.Zero, code is null ? "no answer" : null);

    [Theory]
    [InlineData(ResponseCode.NoError, "198.51.100.82", (int)NameVerdict.Public)]
    [InlineData(ResponseCode.NonExistentDomain, null, (int)NameVerdict.Public)]
    [InlineData(ResponseCode.NoError, "10.8.2.10", (int)NameVerdict.Private)]
    [InlineData(ResponseCode.ServerFailure, null, (int)NameVerdict.Fails)] // its own servers may be slow
    [InlineData(ResponseCode.Refused, null, (int)NameVerdict.Fails)]
    public void Only_an_answer_shows_whom_a_resolver_asks(ResponseCode code, string? address, int expected)
    {
        var here = address is null ? Says(code) : Says(code, address);
        Assert.Equal((NameVerdict)expected, NameVerdicts.Judge(here, Says(ResponseCode.NoError, "10.8.2.10"), null));
    }

    [Fact]
    public void An_alias_that_fails_at_its_end_has_not_escaped()
    {
        LookupAnswer Alias(ResponseCode code, params string[] addresses) => Says(code, addresses) with { Chain = [new LookupRecord(Name, RecordType.Cname, 60, "host.compute.example", null), .. Says(code, addresses).Chain] };
        var there = Alias(ResponseCode.NoError, "10.8.2.10");
        Assert.Equal(NameVerdict.AliasIsPublic, NameVerdicts.Judge(Alias(ResponseCode.NoError, "198.51.100.82"), there, null));
        Assert.Equal(NameVerdict.AliasIsPublic, NameVerdicts.Judge(Alias(ResponseCode.NonExistentDomain), there, null));
        Assert.Equal(NameVerdict.Public, NameVerdicts.Judge(Alias(ResponseCode.NoError, "198.51.100.82"), there, "the cloud knows no alias"));
        Assert.Equal(NameVerdict.Fails, NameVerdicts.Judge(Alias(ResponseCode.ServerFailure), there, null));
    }

    [Fact]
    public void A_name_that_nobody_has_and_a_resolver_that_is_slow_are_no_fault()
    {
        Assert.Equal(NameVerdict.NothingToCompare, NameVerdicts.Judge(Says(ResponseCode.NonExistentDomain), Says(ResponseCode.NonExistentDomain), null));
        Assert.Equal(NameVerdict.NothingToCompare, NameVerdicts.Judge(Says(ResponseCode.NoError, "198.51.100.82"), Says(ResponseCode.NoError, "198.51.100.82"), null));
        Assert.Equal(NameVerdict.NothingToCompare, NameVerdicts.Judge(Says(ResponseCode.NoError, "198.51.100.82"), null, null));
        Assert.Equal(NameVerdict.Silent, NameVerdicts.Judge(null, Says(ResponseCode.NoError, "10.8.2.10"), null));
    }

    /// <summary>The second server of resolv.conf is asked when the first is silent or failed, not when the first says that there is no such name.</summary>
    [Fact]
    public void The_answer_is_the_one_that_programs_get()
    {
        var (silent, failed, denies, here, other) = (Says(null), Says(ResponseCode.ServerFailure), Says(ResponseCode.NonExistentDomain), Says(ResponseCode.NoError, "10.8.2.10"), Says(ResponseCode.NoError, "198.51.100.82"));
        Assert.Same(here, NameVerdicts.Choose([here, other]));
        Assert.Same(other, NameVerdicts.Choose([silent, other]));
        Assert.Same(other, NameVerdicts.Choose([failed, other]));
        Assert.Same(denies, NameVerdicts.Choose([denies, other]));
        Assert.Same(failed, NameVerdicts.Choose([silent, failed]));
        Assert.Null(NameVerdicts.Choose([silent]));
    }

    /// <summary>A person pins a private address because DNS tells the public one: that is no change of the private one.</summary>
    [Theory]
    [InlineData("10.8.2.11", true)]
    [InlineData("10.8.2.10", false)]
    [InlineData("198.51.100.82", false)]
    [InlineData(null, false)]
    public void A_pinned_address_is_old_when_DNS_tells_another_private_one(string? told, bool stale) =>
        Assert.Equal(stale, NameExamination.IsStale(IPAddress.Parse("10.8.2.10"), told is null ? [] : [IPAddress.Parse(told)]));
}
