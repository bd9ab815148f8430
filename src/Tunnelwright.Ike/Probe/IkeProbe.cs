using System.Net;
using System.Net.Sockets;

namespace Tunnelwright.Ike;

/// <summary>
/// Asks a peer with the first message of IKE, and only that: IKE_SA_INIT (RFC 7296 section 1.2) and the first message of IKEv1's main mode (RFC 2409 section 5). It never goes
/// further, so the most that it leaves at a peer is a half-open SA, of which it leaves as few as it can.
/// </summary>
public static class IkeProbe
{
    private const int MostPorts = 8;
    private const int MostSuites = 16;

    /// <summary>Probes one peer.</summary>
    /// <param name="address">The peer, IPv4 or IPv6.</param>
    /// <param name="options">How; null means the defaults.</param>
    /// <param name="progress">Told a line for each thing found; null for nobody.</param>
    /// <param name="time">Where times come from; null means the system's clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What was found out. What a peer sends, or does not, never raises an error.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public static async Task<IkeProbeResult> RunAsync(
        IPAddress address, IkeProbeOptions? options = null, Action<string>? progress = null, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        options ??= new IkeProbeOptions();
        Check(address, options);
        await using var run = new ProbeRun(address, options, progress, time ?? TimeProvider.System);
        return await run.RunAsync(cancellationToken);
    }

    private static void Check(IPAddress address, IkeProbeOptions options)
    {
        if (options.Ports.Count is 0 or > MostPorts || options.Ports.Any(port => port.Number is < 1 or > ushort.MaxValue)) throw new ArgumentException("The ports must be 1 to 8 numbers from 1 to 65535.", nameof(options));
        if (options.Versions.Count is 0 or > 2 || options.Versions.Distinct().Count() < options.Versions.Count || options.Versions.Any(version => version is not (1 or 2))) throw new ArgumentException("The versions must be 1, 2 or both.", nameof(options));
        if (options.Suites.Count > MostSuites) throw new ArgumentException("At most 16 suites can be offered.", nameof(options));
        if (options.Suites.Select(suite => suite.Group).Concat(options.Space.Groups).FirstOrDefault(group => !IkeGroups.CanCreate(group)) is not 0 and var unknown) throw new ArgumentException($"Group {unknown} is not known here.", nameof(options));
        if (options.Space.Ciphers.Count > 16 || options.Space.Integrities.Count > 16 || options.Space.Groups.Count is 0 or > 32 || Offer.Of(options.Space).Count == 0) throw new ArgumentException("The set of algorithms is empty or too large.", nameof(options));
        if (options.Timeout < TimeSpan.FromSeconds(0.1) || options.Timeout > TimeSpan.FromSeconds(60)) throw new ArgumentException("The timeout must be 0.1 to 60 s.", nameof(options));
        if (options.Pace < TimeSpan.Zero || options.Pace > TimeSpan.FromSeconds(10)) throw new ArgumentException("The pace must be 0 to 10 s.", nameof(options));
        if (options.PaddingBytes is < 0 or > 4000 || (options.PaddingBytes > 0 && !options.LeavesNothing)) throw new ArgumentException("The padding must be 0 to 4000 bytes, and nothing may be left behind.", nameof(options));
        if (options.Source is { } source && source.AddressFamily != address.AddressFamily) throw new ArgumentException("The source must be of the peer's address family.", nameof(options));
        if (address.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6)) throw new ArgumentException("The peer must have an IP address.", nameof(address));
    }
}
