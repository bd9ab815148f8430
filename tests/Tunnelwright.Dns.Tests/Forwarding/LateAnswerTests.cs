using Tunnelwright.Dns.Tests.Support;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Tests.Forwarding;

public sealed class LateAnswerTests
{
    [Fact]
    public async Task An_answer_to_an_earlier_sending_still_counts()
    {
        // The first datagram is answered late, the later ones never: the forwarder has asked again meanwhile.
        var asked = 0;
        await using var server = new FakeServer(query => Interlocked.Increment(ref asked) == 1 ? query.Answer().A(query.Name, "10.8.2.1").Build() : null) { Delay = TimeSpan.FromMilliseconds(700) };
        await using var forwarder = TestForwarder.Start("cloud.example", server);

        var answer = await TestClient.AskAsync(forwarder, "abcdefghijklmnopqrstuvwxyz.cloud.example");

        Assert.Equal(ResponseCode.NoError, answer.Code);
        Assert.InRange(forwarder.Metrics().Retries, 1, 10);
        Assert.Equal(0, forwarder.Metrics().Forged);
        Assert.DoesNotContain(server.Asked, query => query.IsTcp);
    }
}
