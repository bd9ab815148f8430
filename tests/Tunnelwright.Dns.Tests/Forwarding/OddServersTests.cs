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
}
