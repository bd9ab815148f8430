using Tunnelwright.Model;
using Tunnelwright.Vici;

namespace Tunnelwright.Gateway;

/// <summary>When the renewal of an SA pair or an IKE SA, which is charon's work, has to be taken for refused.</summary>
internal static class Renewal
{
    /// <summary>How long the newest pair has stood before older ones beside it are ended: both ends have long been sending with it.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(8);

    /// <summary>
    /// In how long half of the time between the renewal and the end of the newest pair will have passed; not positive when it has. Null when there is no
    /// pair, or one that is not renewed by this side.
    /// </summary>
    /// <param name="sas">The tunnel's IKE SAs.</param>
    public static TimeSpan? OverdueIn(IEnumerable<IkeSaStatus> sas) => sas
        .SelectMany(sa => sa.Children)
        .Where(child => child.State is "INSTALLED" or "REKEYING")
        .MaxBy(child => child.UniqueId) is { RekeyIn: { } renewal, ExpiresIn: { } end } && end > renewal
            ? (renewal + end) / 2
            : null;

    /// <summary>
    /// In how long half of the time between the renewal of the newest IKE SA and its end, with which its pairs go, will have passed; not positive when it has.
    /// Null when none stands, or the age of none is known.
    /// </summary>
    /// <param name="sas">The tunnel's IKE SAs.</param>
    /// <param name="lifetime">How long each of them lives.</param>
    public static TimeSpan? IkeOverdueIn(IEnumerable<IkeSaStatus> sas, Lifetime lifetime) => sas
        .Where(sa => sa.State is "ESTABLISHED" or "REKEYING")
        .MaxBy(sa => sa.UniqueId) is { Established: { } age }
            ? TimeSpan.FromSeconds(lifetime.Seconds - (TunnelSecurity.IkeMargin(lifetime) / 2.0)) - age
            : null;

    /// <summary>
    /// Pairs that stand beside a newer one for good, as when charon and this engine, or both ends, begin one at the same moment: the provider allows one.
    /// The initiator's end tidies up, so that never both ends end different ones.
    /// </summary>
    /// <param name="sas">The tunnel's IKE SAs.</param>
    public static IReadOnlyList<uint> Superfluous(IEnumerable<IkeSaStatus> sas)
    {
        var pairs = sas.SelectMany(sa => sa.Children).Where(child => child.IsInstalled).OrderBy(child => child.UniqueId).ToList();
        return pairs.Count > 1 && pairs[^1].Installed >= Settled ? [.. pairs.SkipLast(1).Select(child => child.UniqueId)] : [];
    }

    /// <summary>When the next of these has to be looked for; null when there is no such moment ahead.</summary>
    public static TimeSpan? NextIn(ObservedGateway observed, DesiredGateway desired)
    {
        var lifetimes = desired.AllTunnels().ToDictionary(item => GatewayNames.Connection(item.Connection.Id, item.Tunnel.Number), item => item.Tunnel.Ike.Lifetime, StringComparer.Ordinal);
        return observed.Charons
            .SelectMany(charon => charon.Sas)
            .GroupBy(sa => sa.Name, StringComparer.Ordinal)
            .SelectMany(sas => new[]
            {
                OverdueIn(sas),
                lifetimes.TryGetValue(sas.Key, out var lifetime) ? IkeOverdueIn(sas, lifetime) : null,
                sas.SelectMany(sa => sa.Children).Count(child => child.IsInstalled) > 1 ? Settled : null,
            })
            .Where(moment => moment > TimeSpan.Zero)
            .Min();
    }
}
