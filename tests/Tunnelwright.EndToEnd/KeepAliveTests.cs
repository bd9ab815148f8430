using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Tunnelwright.Vici;

namespace Tunnelwright.EndToEnd;

/// <summary>A provider's endpoint that closes a tunnel after ten seconds in which nothing went through it, and does not count what goes to itself.</summary>
public sealed partial class KeepAliveTests(StandingLab labs, ITestOutputHelper output) : IClassFixture<StandingLab>
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(TestMachine.IsGuest ? 60 : 30);

    [Fact]
    public async Task With_the_clouds_DNS_servers_named_no_tunnel_is_ever_idle()
    {
        var lab = await labs.StaticAsync();
        await lab.BringUpAsync();
        Assert.Equal(2, await ClosedAsync(lab, TimeSpan.FromSeconds(14)));
        await lab.EmptyAsync();
        await lab.BringUpAsync("--cloud-dns", "10.8.2.2,10.8.2.3");
        await Eventually.HoldsAsync("both tunnels are up", Moment, async () => (await lab.StatusAsync()).Connection.State == "up");
        var sas = await lab.SaIdentitiesAsync();
        Assert.Equal(0, await ClosedAsync(lab, TimeSpan.FromSeconds(30)));
        Assert.Equal(sas, await lab.SaIdentitiesAsync());
    }

    [Fact]
    public async Task A_healthy_tunnel_can_be_asked_more_seldom_and_its_death_is_seen_all_the_same()
    {
        var lab = await labs.StaticAsync();
        await FarSide.MendAsync(lab);
        await lab.BringUpAsync("--echo-interval", "1000");
        await Eventually.HoldsAsync("both tunnels are up", Moment, async () => (await lab.StatusAsync()).Connection.State == "up");
        await lab.OutputAsync(TestLab.Gateway, "nft", "table inet asked { chain out { type filter hook output priority 0; ip daddr 169.254.10.1 icmp type echo-request counter; }; }");
        await Task.Delay(TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken);
        var asked = Packets().Matches(await lab.OutputAsync(TestLab.Gateway, "nft", "list", "table", "inet", "asked")).Sum(match => long.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture));
        await lab.OutputAsync(TestLab.Gateway, "nft", "delete", "table", "inet", "asked");
        await FarSide.SilenceAsync(lab, 1);
        var took = await Eventually.HoldsAsync("tunnel 1 is down", Moment, async () => (await lab.StatusAsync()).Tunnel(1).State == "down");
        await FarSide.MendAsync(lab);
        output.WriteLine($"{asked} requests in 6 s; dead {took.TotalSeconds:0.0} s after the silence began");

        // A busy machine delays an answer now and then, and then some more are asked; 60 would be asked by default.
        Assert.InRange(asked, 4, 30);
        Assert.InRange(took.TotalSeconds, 0, TestMachine.IsGuest ? 15 : 5);
    }

    /// <summary>Does what such an endpoint does, for some time.</summary>
    /// <returns>How many tunnels were closed at least once.</returns>
    private async Task<int> ClosedAsync(TestLab lab, TimeSpan time)
    {
        var closed = await Task.WhenAll(Enumerable.Range(1, 2).Select(number => WatchAsync($"cloud-endpoint-{number}")));
        return closed.Count(each => each);

        async Task<bool> WatchAsync(string endpoint)
        {
            const string Table = "table inet idle";
            var devices = TestMachine.DataPlane == "userspace" ? "ipsec*" : "tw*";
            await lab.OutputAsync(endpoint, "nft", $"{Table}; delete {Table}; {Table} {{ chain through {{ type filter hook forward priority 5; oifname \"{devices}\" counter; iifname \"{devices}\" counter; }}; }}");
            var clock = Stopwatch.StartNew();
            var (seen, at, longest, any) = (-1L, clock.Elapsed, TimeSpan.Zero, false);
            while (clock.Elapsed < time)
            {
                var now = Packets().Matches(await lab.OutputAsync(endpoint, "nft", "list", "table", "inet", "idle")).Sum(match => long.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture));
                if (now != seen) (seen, at) = (now, clock.Elapsed);
                if (clock.Elapsed - at > longest) longest = clock.Elapsed - at;
                if (clock.Elapsed - at > Idle)
                {
                    any = true;
                    await lab.WithCharonsAsync(endpoint, async client =>
                    {
                        foreach (var sa in await client.ListSasAsync()) await client.TerminateAsync(new TerminateRequest { IkeId = sa.UniqueId, Timeout = TimeSpan.FromSeconds(5) });
                    });
                    break;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(250));
            }

            output.WriteLine($"{endpoint}: {(any ? "closed" : "not closed")}, idle for {longest.TotalSeconds:0.0} s at most");
            return any;
        }
    }

    [GeneratedRegex(@"packets (?<count>\d+)", RegexOptions.None, 1000)]
    private static partial Regex Packets();
}
