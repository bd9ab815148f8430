using Tunnelwright.Dns.Tests.Support;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Tests.Forwarding;

/// <summary>Servers that say what is not meant, or what does not hold for long.</summary>
public sealed class OddServersTests
{
    /// <summary>A server that cannot read what was asked says nothing about the client's question, which was in order.</summary>
    [Theory]
    [InlineData(ResponseCode.FormatError)]
    [InlineData(ResponseCode.NotImplemented)]
    public async Task A_server_that_does_not_understand_is_no_fault_of_the_client(ResponseCode code)
    {
        await using var server = new FakeServer(query => query.Code(code));
        await using var forwarder = TestForwarder.Start("cloud.example", server);

        Assert.Equal(ResponseCode.ServerFailure, (await TestClient.AskAsync(forwarder, "www.cloud.example")).Code);
        Assert.Equal(ResponseCode.ServerFailure, (await TestClient.AskAsync(forwarder, "www.cloud.example")).Code);
    }

    /// <summary>RFC 4074 section 4.2: some load balancers deny the whole name when they are asked for its IPv6 addresses.</summary>
    [Fact]
    public async Task A_name_that_had_addresses_is_asked_for_again_though_it_was_denied_for_another_type()
    {
        var time = new ManualTime();
        await using var server = new FakeServer(query => query.Type == RecordType.A ? query.Answer().A(query.Name, "10.8.2.10", 5).Build() : query.Answer().Code(ResponseCode.NonExistentDomain).Soa("cloud.example", 300).Build());
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("cloud.example", server)], time: time);
        Assert.Single((await TestClient.AskAsync(forwarder, "app.cloud.example")).Records);
        Assert.Equal(ResponseCode.NonExistentDomain, (await TestClient.AskAsync(forwarder, "app.cloud.example", RecordType.Aaaa)).Code);

        time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(["app.cloud.example A 10.8.2.10"], (await TestClient.AskAsync(forwarder, "app.cloud.example")).Records);
    }
}
