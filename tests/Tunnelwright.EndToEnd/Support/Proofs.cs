using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Tunnelwright.Linux;

namespace Tunnelwright.EndToEnd;

/// <summary>What shows, seen from both networks, that a connection works, and that no more passes than has to.</summary>
internal sealed partial class Proofs(TestLab lab)
{
    private const string Host = "customer-host";
    private const string LoadBalancer = "10.8.2.10";
    private const string FrontEnd = "10.8.2.20";
    private const string Database = "10.8.2.30";

    /// <summary>Waits until packets pass: with BGP the cloud's own routers follow a moment after the tunnels.</summary>
    public Task<TimeSpan> PassesAsync(TimeSpan limit) =>
        Eventually.HoldsAsync($"{Host} has an answer from 10.8.2.2", limit, async () => await AnswersAsync(Host, "-W", "1", "10.8.2.2"));

    /// <summary>Everything, in a few seconds.</summary>
    /// <param name="mss">Largest TCP segment that may pass, in bytes.</param>
    public async Task EverythingAsync(int mss)
    {
        await PassesAsync(TimeSpan.FromSeconds(15));
        await Task.WhenAll(
            PingAsync(),
            LargePacketsAsync(),
            NamesAsync(),
            WebAsync(),
            DatabaseAsync(),
            FrontEndHidesAsync(),
            UnregisteredRangeAsync(),
            OtherDirectionAsync());
        await MssAsync(mss);
    }

    /// <summary>Both of the cloud's DNS servers answer echo requests.</summary>
    public async Task PingAsync()
    {
        foreach (var address in new[] { "10.8.2.2", "10.8.2.3" }) Assert.True(await AnswersAsync(Host, address), $"no answer from {address}");
    }

    /// <summary>Packets larger than the tunnel pass: in fragments, and with Don't Fragment, which the gateway clears.</summary>
    public async Task LargePacketsAsync()
    {
        Assert.True(await AnswersAsync(Host, "-s", "1430", "10.8.2.2"), "a large packet does not pass");
        Assert.True(await AnswersAsync(Host, "-M", "do", "-s", "1472", "10.8.2.2"), "a large packet with Don't Fragment does not pass");
        Assert.True(await AnswersAsync(Host, "-s", "4000", "10.8.2.3"), "fragments do not pass");
    }

    /// <summary>Names over UDP and TCP.</summary>
    public async Task NamesAsync()
    {
        Assert.Equal(LoadBalancer, await lab.OutputAsync(Host, "dig", "+short", "+time=3", "@10.8.2.2", "app.cloud.example"));
        Assert.Equal(Database, await lab.OutputAsync(Host, "dig", "+short", "+time=3", "+tcp", "@10.8.2.3", "db.cloud.example"));
    }

    /// <summary>The front end's page through the load balancer.</summary>
    public async Task WebAsync() =>
        Assert.Equal("front end of the cloud", await lab.OutputAsync(Host, "curl", "--silent", "--show-error", "--fail", "--max-time", "10", $"http://{LoadBalancer}:443/"));

    /// <summary>A query to the database.</summary>
    public async Task DatabaseAsync() =>
        Assert.Equal("42", await lab.OutputAsync(Host, "psql", "--no-psqlrc", "-h", Database, "-U", "postgres", "-Atc", "select 6 * 7"));

    /// <summary>The front end answers neither echo requests nor its own port, and the database no other port than its own.</summary>
    public async Task FrontEndHidesAsync()
    {
        var closed = new[] { (FrontEnd, 8080), (FrontEnd, 80), (Database, 22) }.Select(async target =>
            Assert.False((await lab.RunAsync(Host, "nc", "-z", "-w", "1", target.Item1, target.Item2.ToString(CultureInfo.InvariantCulture))).Succeeded, $"{target} can be reached"));
        await Task.WhenAll([.. closed, SilentAsync()]);

        async Task SilentAsync() => Assert.False(await AnswersAsync(Host, "-W", "1", FrontEnd), "the front end answers echo requests");
    }

    /// <summary>The cloud drops what comes from a range that is not registered, and counts it.</summary>
    public async Task UnregisteredRangeAsync()
    {
        await lab.OutputAsync(Host, "ip", "address", "add", "10.99.0.10/24", "dev", "eth0");
        var before = await DroppedAsync();
        await Eventually.HoldsAsync("the cloud's end drops packets of the range that is not registered", TimeSpan.FromSeconds(10), async () =>
        {
            Assert.False(await AnswersAsync(Host, "-W", "1", "-I", "10.99.0.10", "10.8.2.2"), "a range that is not registered is answered");
            return await DroppedAsync() > before;
        });
        await lab.OutputAsync(Host, "ip", "address", "del", "10.99.0.10/24", "dev", "eth0");
    }

    /// <summary>The cloud reaches the customer's network: an echo and a name of the customer's own DNS server.</summary>
    public async Task OtherDirectionAsync()
    {
        // In a guest beside much else two requests were once not answered within 3 s, right after the first bring-up with a node.
        if (TestMachine.IsGuest) await Eventually.HoldsAsync("the cloud reaches the customer's host", TimeSpan.FromSeconds(20), () => AnswersAsync("cloud-dns-1", "10.1.0.10"));
        else Assert.True(await AnswersAsync("cloud-dns-1", "10.1.0.10"), "the cloud does not reach the customer's host");
        Assert.Equal("10.1.0.10", await lab.OutputAsync("cloud-dns-2", "dig", "+short", "+time=3", "@10.1.0.53", "customer-host.company.local"));
    }

    /// <summary>Both ends of a TCP connection send segments that fit the tunnel: 12 bytes less than the clamp for the time stamps (RFC 7323).</summary>
    public async Task MssAsync(int mss)
    {
        using var connection = await new NetworkNamespace(lab.Host(Host).Namespace).RunInsideAsync(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(new IPEndPoint(IPAddress.Parse(LoadBalancer), 443));
            return socket;
        });
        Assert.Equal(mss - 12, await SegmentAsync(Host, "dst"));
        Assert.Equal(mss - 12, await SegmentAsync("cloud-lb", "src"));
    }

    /// <summary>Whether one of at most two echo requests is answered.</summary>
    public async Task<bool> AnswersAsync(string from, params string[] to) =>
        (await lab.RunAsync(from, ["ping", "-n", "-c", "2", "-i", "0.2", .. to.Contains("-W") ? Array.Empty<string>() : ["-W", "3"], .. to])).Succeeded;

    private async Task<int> SegmentAsync(string host, string side)
    {
        IReadOnlyList<int> found = [];

        // At the far side the connection stands only when the handshake's last segment has arrived.
        await Eventually.HoldsAsync($"{host} has the connection", TimeSpan.FromSeconds(10), async () =>
        {
            var sockets = await lab.OutputAsync(host, "ss", "-Htni", "state", "established", side, $"{LoadBalancer}:443");
            found = [.. SegmentSize().Matches(sockets).Select(match => int.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture)).Distinct()];
            return found.Count > 0;
        });
        return Assert.Single(found);
    }

    private async Task<long> DroppedAsync()
    {
        var dropped = 0L;
        foreach (var endpoint in new[] { "cloud-endpoint-1", "cloud-endpoint-2" })
        {
            var rules = await lab.OutputAsync(endpoint, "nft", "list", "ruleset");
            dropped += NotRegistered().Matches(rules).Sum(match => long.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture));
        }

        return dropped;
    }

    [GeneratedRegex(@"\bmss:(?<value>\d+)", RegexOptions.None, 1000)]
    private static partial Regex SegmentSize();

    [GeneratedRegex(@"packets (?<value>\d+) bytes \d+ drop comment ""range not registered""", RegexOptions.None, 1000)]
    private static partial Regex NotRegistered();
}
