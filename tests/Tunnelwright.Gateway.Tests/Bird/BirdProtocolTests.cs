using System.Text;

namespace Tunnelwright.Gateway.Tests;

/// <summary>What is read out of "show protocols all".</summary>
public sealed class BirdProtocolTests
{
    [Fact]
    public void Established_connecting_and_disabled_sessions() => Assert.Equal(
        [
            new BirdProtocol("tunnel1_vpn_0a1b2c", Up: true, "established", 17, 2, null) { Neighbor = "10.9.0.2" },
            new BirdProtocol("tunnel2_vpn_0a1b2c", Up: false, "active", 0, 0, "Socket: No route to host") { Neighbor = "10.9.0.3" },
            new BirdProtocol("tunnel1_disabled", Up: false, "down", 0, 0, null) { Neighbor = "10.9.0.4" },
        ],
        BirdProtocol.Parse(BirdOutput.Lines(BirdOutput.Sessions)));

    [Fact]
    public void A_limit_that_was_exceeded_and_a_wait_after_an_error() => Assert.Equal(
        [
            new BirdProtocol("tunnel1_vpn_0a1b2c", Up: false, "down", 0, 0, "Automatic shutdown: Route limit exceeded") { Neighbor = "10.9.0.2" },
            new BirdProtocol("tunnel2_vpn_0a1b2c", Up: false, "idle", 0, 0, "BGP Error: Bad peer AS") { Neighbor = "10.9.0.3" },
        ],
        BirdProtocol.Parse(BirdOutput.Lines(BirdOutput.Troubled)));

    [Theory]
    [InlineData("    Routes:         3 imported, 1 filtered, 4 exported, 2 preferred", 3, 4, 1)]
    [InlineData("    Routes:         3 imported, 4 exported", 3, 4, 0)]
    [InlineData("    Routes:         none", 0, 0, 0)]
    [InlineData("    Routes:         -3 imported, 99999999999999 exported", 0, 0, 0)]
    [InlineData("    Routes:", 0, 0, 0)]
    public void Route_counts(string line, int imported, int exported, int refused)
    {
        var session = Assert.Single(BirdProtocol.Parse(["t BGP --- up 1 Established", line]));
        Assert.Equal((imported, exported, refused), (session.Imported, session.Exported, session.Refused));
    }

    [Fact]
    public void Nothing_is_no_session()
    {
        Assert.Empty(BirdProtocol.Parse([]));
        Assert.Empty(BirdProtocol.Parse(["", "   BGP state: Established", "device1    Device     ---        up     1"]));
    }

    [Fact]
    public void Mutated_output_is_read_without_an_exception()
    {
        var random = new Random(84);
        var good = BirdOutput.Sessions + BirdOutput.Troubled;
        var sessions = 0;
        for (var i = 0; i < 5000; i++)
        {
            var text = new StringBuilder(good);
            for (var changes = random.Next(1, 30); changes > 0; changes--)
            {
                var at = random.Next(text.Length);
                switch (random.Next(4))
                {
                    case 0: text.Remove(at, Math.Min(random.Next(1, 40), text.Length - at)); break;
                    case 1: text[at] = (char)random.Next(1, 0x2100); break;
                    case 2: text.Insert(at, '\n'); break;
                    default: text.Insert(at, good.AsSpan(random.Next(good.Length - 60), 60)); break;
                }
            }

            var read = BirdProtocol.Parse(text.ToString().Split('\n'));
            Assert.All(read, session => Assert.True(session.Imported >= 0 && session.Exported >= 0 && session.Name.Length > 0));
            sessions += read.Count;
        }

        Assert.True(sessions > 5000);
    }
}
