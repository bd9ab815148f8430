using Tunnelwright.Vici;

namespace Tunnelwright.Gateway;

/// <summary>When the renewal of an SA pair, which is charon's work, has to be taken for refused.</summary>
internal static class Renewal
{
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

    /// <summary>The earliest such moment of all tunnels that lies ahead; null when there is none.</summary>
    public static TimeSpan? NextIn(ObservedGateway observed) => observed.Charons
        .SelectMany(charon => charon.Sas)
        .GroupBy(sa => sa.Name, StringComparer.Ordinal)
        .Select(OverdueIn)
        .Where(moment => moment > TimeSpan.Zero)
        .Min();
}
