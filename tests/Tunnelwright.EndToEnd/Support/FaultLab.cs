using System.Globalization;
using System.Text.RegularExpressions;
using Tunnelwright.Linux;
using Tunnelwright.Vici;

namespace Tunnelwright.EndToEnd;

/// <summary>A lab that stays up for a class of faults: each test finds both tunnels up and no fault, and leaves it so that the next one does.</summary>
internal sealed partial class FaultLab(TestLab lab) : IAsyncDisposable
{
    public const string Internet = "internet";
    public const string CustomerHost = "customer-host";
    private const string Ping = "ping";

    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ComeBack = TimeSpan.FromSeconds(TestMachine.IsGuest ? 180 : 90);

    public TestLab Lab { get; } = lab;

    /// <summary>Stands it up, the customer's gateway too.</summary>
    public static async Task<FaultLab> UpAsync(params string[] options)
    {
        var lab = new FaultLab(await TestLab.UpAsync(options));
        await lab.Lab.BringUpAsync();
        await lab.ReadyAsync();
        return lab;
    }

    /// <summary>Heals, which is fine without a fault, and waits until the network works.</summary>
    public async Task ReadyAsync()
    {
        await HealAsync();
        await Task.WhenAll(
            ComesBackAsync(1),
            ComesBackAsync(2),
            Eventually.HoldsAsync("the customer's host reaches the cloud", ComeBack, () => ReachesAsync(CustomerHost, "10.8.2.2")));
    }

    /// <summary>Waits until both tunnels have been up for some seconds.</summary>
    public Task CalmAsync() => Eventually.HoldsAsync("both tunnels stay up", ComeBack, async () =>
        (await Lab.StatusAsync()).Connection.Tunnels.All(tunnel => tunnel.State == "up" && DateTimeOffset.UtcNow - tunnel.Since > Calm));

    /// <summary>Types "lab fault inject"; it has to succeed.</summary>
    public async Task InjectAsync(string fault, int? tunnel = null)
    {
        var result = await TypeAsync("inject", tunnel is { } number ? [fault, "--tunnel", $"{number}"] : [fault]);
        Assert.True(result.ExitCode == 0, $"inject {fault}: {result.ExitCode}: {result.Error}");
        Complaint.AssertNoTrace(result);
    }

    /// <summary>Types "lab fault heal"; it has to succeed, and has nothing to do the second time.</summary>
    public async Task HealAsync()
    {
        var result = await TypeAsync("heal");
        Assert.True(result.ExitCode == 0, $"heal: {result.ExitCode}: {result.Error}");
        Complaint.AssertNoTrace(result);
    }

    /// <summary>Types "lab fault".</summary>
    public Task<CommandResult> TypeAsync(string verb, params string[] arguments) => TestLab.TunnelwrightAsync(["lab", "fault", verb, "--name", Lab.Name, .. arguments]);

    /// <summary>Whether an echo request is answered within a second (ping(8): with -w one answer is waited for).</summary>
    public async Task<bool> ReachesAsync(string from, params string[] to) => (await Lab.RunAsync(from, [Ping, "-n", "-c", "1", "-i", "0.2", "-w", "1", .. to])).Succeeded;

    /// <summary>Whether packets pass through a tunnel: the gateway asks the endpoint's inside address.</summary>
    public Task<bool> PassesAsync(int tunnel) => ReachesAsync(TestLab.Gateway, Inside(tunnel));

    /// <summary>Waits until packets pass through a tunnel.</summary>
    public Task<TimeSpan> ComesBackAsync(int tunnel) => Eventually.HoldsAsync($"tunnel {tunnel} passes packets", ComeBack, () => PassesAsync(tunnel));

    /// <summary>Waits until none do.</summary>
    public Task<TimeSpan> StopsAsync(int tunnel) => Eventually.HoldsAsync($"tunnel {tunnel} passes nothing", TimeSpan.FromSeconds(15), async () => !await PassesAsync(tunnel));

    /// <summary>Waits until as many echo requests in a row are all answered.</summary>
    public Task<TimeSpan> PassesAllAsync(int tunnel, int requests) =>
        Eventually.HoldsAsync($"tunnel {tunnel} passes {requests} packets of {requests}", ComeBack, async () => await LossAsync(tunnel, requests) == 0);

    /// <summary>Share of echo requests through a tunnel that are not answered.</summary>
    public async Task<double> LossAsync(int tunnel, int requests)
    {
        var result = await Lab.RunAsync(TestLab.Gateway, Ping, "-n", "-q", "-c", $"{requests}", "-i", "0.01", "-W", "1", Inside(tunnel));
        return double.Parse(LossShare().Match(result.Output).Groups["share"].Value, CultureInfo.InvariantCulture) / 100;
    }

    /// <summary>The endpoint's inside address.</summary>
    public static string Inside(int tunnel) => tunnel == 1 ? "169.254.10.1" : "169.254.20.1";

    /// <summary>The endpoint's public address.</summary>
    public static string Outside(int tunnel) => tunnel == 1 ? "198.51.100.2" : "192.0.2.2";

    /// <summary>Sends UDP datagrams of zeros from the gateway.</summary>
    public Task SendAsync(string address, int port, int bytes, int count) =>
        Lab.RunAsync(TestLab.Gateway, "bash", "-c", $"exec 3<>/dev/udp/{address}/{port}; for i in $(seq {count}); do head -c {bytes} /dev/zero | dd bs={bytes} iflag=fullblock status=none >&3; done; true");

    /// <summary>Packets that a fault's table on a host has dropped.</summary>
    public async Task<long> DroppedAsync(string host, string fault, int tunnel, string family = "inet")
    {
        var table = await Lab.OutputAsync(host, "nft", "list", "table", family, $"fault_{fault.Replace('-', '_')}_{tunnel}");
        return Packets().Matches(table).Sum(match => long.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture));
    }

    /// <summary>What the IKE daemons of a host have logged.</summary>
    public IReadOnlyDictionary<string, long> Logs(string host) => LogFiles(host).ToDictionary(file => file, file => new FileInfo(file).Length, StringComparer.Ordinal);

    /// <summary>Waits until a host's IKE daemons have logged something new that holds the words.</summary>
    public Task<TimeSpan> LogsAsync(string host, IReadOnlyDictionary<string, long> since, string words) =>
        Eventually.HoldsAsync($"the log of {host} says: {words}", ComeBack, () => HasLogged(host, since, words));

    /// <summary>Renews the pair of a tunnel of the customer's gateway until its IKE daemons have logged something new that holds the words: the first SA may be about to be replaced.</summary>
    public Task<TimeSpan> RenewedAsync(int tunnel, string words)
    {
        var since = Logs(TestLab.Gateway);
        return Eventually.HoldsAsync($"the log says after a renewal: {words}", ComeBack, async () =>
        {
            await RenewAsync(tunnel);
            await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
            return HasLogged(TestLab.Gateway, since, words);
        });
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Lab.DisposeAsync();

    private bool HasLogged(string host, IReadOnlyDictionary<string, long> since, string words) => LogFiles(host).Any(file =>
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Position = Math.Min(since.GetValueOrDefault(file), stream.Length);
        using var reader = new StreamReader(stream);
        return Regex.IsMatch(reader.ReadToEnd(), words, RegexOptions.None, TimeSpan.FromSeconds(5));
    });

    private async Task RenewAsync(int tunnel)
    {
        foreach (var folder in Directory.GetDirectories($"{Lab.Host(TestLab.Gateway).Root}/run/tunnelwright/default", "charon-*"))
        {
            await using var client = new ViciClient($"{folder}/vici");
            foreach (var sa in (await client.ListSasAsync()).Where(sa => sa.Name.EndsWith($"-{tunnel}", StringComparison.Ordinal) && sa.Children.Any(child => child.IsInstalled)))
            {
                try
                {
                    await client.RekeyAsync(new SaSelector { Child = sa.Name });
                }
                catch (ViciCommandFailedException)
                {
                    // It has gone since.
                }
            }
        }
    }

    private string[] LogFiles(string host)
    {
        var folder = $"{Lab.Host(host).Root}/run/tunnelwright/default";
        return Directory.Exists(folder) ? [.. Directory.GetDirectories(folder, "charon-*").Select(charon => $"{charon}/charon.log").Where(File.Exists)] : [];
    }

    [GeneratedRegex(@"(?<share>[0-9.]+)% packet loss", RegexOptions.None, 1000)]
    private static partial Regex LossShare();

    [GeneratedRegex(@"counter packets (?<count>\d+) ", RegexOptions.None, 1000)]
    private static partial Regex Packets();
}

/// <summary>A lab with static routing and IKEv2, and one with BGP, IKEv1 and a NAT, each made when it is first asked for.</summary>
public sealed class FaultLabs : IAsyncLifetime
{
    private FaultLab? _static;
    private FaultLab? _bgp;

    /// <summary>Static routing and IKEv2; no fault, both tunnels up.</summary>
    internal async Task<FaultLab> StaticAsync()
    {
        _static ??= await FaultLab.UpAsync("--routing", "static");
        await _static.ReadyAsync();
        return _static;
    }

    /// <summary>BGP, IKEv1, NAT; no fault, both tunnels up.</summary>
    internal async Task<FaultLab> BgpAsync()
    {
        _bgp ??= await FaultLab.UpAsync("--routing", "bgp", "--ike", "1", "--nat");
        await _bgp.ReadyAsync();
        return _bgp;
    }

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_static is not null) await _static.DisposeAsync();
        if (_bgp is not null) await _bgp.DisposeAsync();
    }
}
