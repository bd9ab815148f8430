using System.Collections.Concurrent;
using System.Net;
using Tunnelwright.Ike;
using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Doctor;

/// <summary>What reaches out over the wire. Each thing is found out once, when the first examination asks for it.</summary>
internal sealed class Senses(Scene scene, CancellationToken cancellationToken) : IAsyncDisposable
{
    /// <summary>How long a silent port is waited for.</summary>
    private static readonly TimeSpan PortPatience = TimeSpan.FromSeconds(2.2);

    /// <summary>IKEv1 has room for so many proposals in a message that is not fragmented.</summary>
    private const int MostSuites = 48;

    private const int BgpPort = 179;

    private readonly ConcurrentDictionary<string, Lazy<Task>> _found = new(StringComparer.Ordinal);

    /// <summary>Whether the endpoint's ports answer, asked without leaving anything there.</summary>
    public Task<IkeProbeResult> PortsAsync(TunnelView tunnel) => OnceAsync($"ports {tunnel.RemoteOutside}", () => ProbeAsync(tunnel, new IkeProbeOptions { LeavesNothing = true, Versions = [2, 1], Timeout = PortPatience }));

    /// <summary>Whether large messages, which travel as IP fragments, are answered.</summary>
    public Task<IkeProbeResult> LargeMessagesAsync(TunnelView tunnel) => OnceAsync($"large {tunnel.RemoteOutside}", () => ProbeAsync(tunnel, new IkeProbeOptions { LeavesNothing = true, Versions = [2], PaddingBytes = 2400, Ports = [IkeProbePort.Ike, IkeProbePort.NatTraversal], Timeout = PortPatience }));

    /// <summary>What the endpoint says to the proposal of the provider's file in the file's version; a half-open SA stays there.</summary>
    public Task<IkeProbeResult> OfferAsync(TunnelView tunnel, int version, bool agreedOnly) => OnceAsync($"offer {tunnel.RemoteOutside} {version} {agreedOnly}", () =>
    {
        IkeSuite[] suites = agreedOnly ? Suites(tunnel.AgreedProposals) : version == 1 ? [.. Suites(tunnel.AgreedProposals.SelectMany(Resembling)).Distinct().Take(MostSuites)] : [];
        IPAddress[] registered = tunnel.Agreed?.CustomerOutside is { } address ? [address.ToIPAddress()] : [];
        return ProbeAsync(tunnel, new IkeProbeOptions { Versions = [version], Suites = suites, ExpectedSources = registered, Timeout = PortPatience });
    });

    /// <summary>ICMP errors about anything that this host sends, also its daemons: a host sends few of them, and not each to whoever asks.</summary>
    public Task<IReadOnlyList<OverheardError>> OverheardAsync() => OnceAsync("overheard", () => IcmpListener.ListenAsync(PortPatience, cancellationToken));

    /// <summary>This host's own packet filter.</summary>
    public Task<RulesetWalk> RulesetAsync() => OnceAsync("ruleset", async () =>
    {
        var nft = new Nftables(NetworkNamespace.Current);
        var tables = new List<NftTable>();
        foreach (var (family, name) in (await nft.ListTablesAsync(cancellationToken)).Where(table => table.Family is "inet" or "ip"))
        {
            if (await nft.ListTableAsync(family, name, cancellationToken) is { } table) tables.Add(table);
        }

        return new RulesetWalk(tables);
    });

    /// <summary>Echo requests to the endpoint's public address.</summary>
    public Task<EchoSample> OutsideAsync(TunnelView tunnel) => OnceAsync($"outside {tunnel.RemoteOutside}", async () =>
    {
        var address = tunnel.RemoteOutside.ToIPAddress();
        var sample = await EchoSample.TakeAsync(address, null, 60, TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(1), cancellationToken);

        // Where nearly everything is lost, something passes now and then: that is another fault than silence.
        return sample is { IsSilent: true, Error: null, Refusal: null }
            ? await EchoSample.TakeAsync(address, null, 120, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(1), cancellationToken)
            : sample;
    });

    /// <summary>Echo requests through the tunnel to the endpoint's inside address; where that is not known, to a DNS server that was named, from this host's own network.</summary>
    public Task<EchoSample> InsideAsync(TunnelView tunnel) => OnceAsync($"inside {tunnel.Name}", () => Inside(tunnel) is not var (destination, source)
        ? Task.FromResult(new EchoSample(0, 0, null, null, tunnel.Device is null && tunnel.Written is null ? "the tunnel has no interface" : "no address is known that answers through the tunnel"))
        : EchoSample.TakeAsync(destination, new EchoOptions { Device = tunnel.Device, Source = source }, 50, TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(1), cancellationToken));

    /// <summary>Echo requests through the tunnel as large as its interface takes.</summary>
    public Task<EchoSample> LargeInsideAsync(TunnelView tunnel) => OnceAsync($"large inside {tunnel.Name}", () => Inside(tunnel) is not var (destination, source) || tunnel is not { Device: { } device, Mtu: { } mtu }
        ? Task.FromResult(new EchoSample(0, 0, null, null, "the tunnel has no interface"))
        : EchoSample.TakeAsync(
            destination,
            new EchoOptions { Device = device, Source = source, PayloadBytes = Math.Max(56, mtu - 28), DoNotFragment = true },
            8,
            TimeSpan.FromMilliseconds(50),
            TimeSpan.FromSeconds(1),
            cancellationToken));

    /// <summary>Whether a TCP connection to the endpoint's inside address is answered, be it with a refusal: whoever answers no ping may answer that.</summary>
    public Task<bool> AnswersTcpAsync(TunnelView tunnel) => OnceAsync($"tcp inside {tunnel.Name}", async () => Inside(tunnel) is var (destination, source)
        && (await TcpCheck.ConnectAsync(new IPEndPoint(destination, BgpPort), new TcpCheckOptions { Source = source, Device = tunnel.Device, Timeout = TimeSpan.FromSeconds(2) }, cancellationToken: cancellationToken)).Outcome is TcpOutcome.Open or TcpOutcome.Refused);

    /// <summary>Whom to ask through a tunnel, and from where.</summary>
    private (IPAddress Destination, IPAddress Source)? Inside(TunnelView tunnel)
    {
        if (tunnel.Device is null && tunnel.Written is null) return null;
        if (tunnel is { LocalInside: { } here, RemoteInside: { } there }) return (there.ToIPAddress(), here.ToIPAddress());
        if (scene.Observed is not { } observed || tunnel.Connection.HostSource(observed) is not { } own) return null;
        var server = scene.Request.DnsServers.FirstOrDefault(address => Ipv4Address.TryParse(address.ToString(), out var known) && tunnel.Connection.RemoteRanges.Any(range => range.Contains(known)));
        return server is null ? null : (server, own.ToIPAddress());
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var found in _found.Values.Where(found => found.IsValueCreated))
        {
            try
            {
                await found.Value;
            }
            catch (Exception problem) when (Examination.IsObstacle(problem))
            {
                // Whoever asked for it has been told.
            }
        }
    }

    public async Task<T> OnceAsync<T>(string key, Func<Task<T>> find) => await (Task<T>)_found.GetOrAdd(key, _ => new Lazy<Task>(() => Task.Run(find, cancellationToken))).Value;

    private static IkeSuite[] Suites(IEnumerable<string> proposals)
    {
        var suites = new List<IkeSuite>();
        foreach (var proposal in proposals)
        {
            if (IkeSuite.TryParse(proposal, out var suite) && IkeGroups.CanCreate(suite.Group)) suites.Add(suite);
        }

        return [.. suites];
    }

    /// <summary>The proposals that differ from one in a single algorithm: IKEv1 has no room for every combination in one message.</summary>
    private static IEnumerable<string> Resembling(string proposal)
    {
        if (proposal.Split('-') is not [var cipher, var integrity, var group]) return [proposal];
        string[] groups = ["modp1024", "modp1536", "modp2048", "modp3072", "modp4096", "ecp256", "ecp384", "ecp521"];
        string[] integrities = ["sha1", "sha256", "sha384", "sha512"];
        string[] ciphers = ["aes128", "aes256"];
        return groups.Select(other => $"{cipher}-{integrity}-{other}").Concat(integrities.Select(other => $"{cipher}-{other}-{group}")).Concat(ciphers.Select(other => $"{other}-{integrity}-{group}")).Distinct();
    }

    private Task<IkeProbeResult> ProbeAsync(TunnelView tunnel, IkeProbeOptions options) => IkeProbe.RunAsync(tunnel.RemoteOutside.ToIPAddress(), options, cancellationToken: cancellationToken);
}
