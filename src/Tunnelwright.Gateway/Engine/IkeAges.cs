using Tunnelwright.Vici;

namespace Tunnelwright.Gateway;

/// <summary>
/// How long the IKE SAs of one charon have stood. charon does not tell while it renews one, which with IKEv1 is until the end when the peer refuses: then it is
/// counted on from what it told before.
/// </summary>
internal sealed class IkeAges(TimeProvider time)
{
    private Dictionary<uint, DateTimeOffset> _since = [];

    /// <summary>The same SAs, with their ages where they are known.</summary>
    public IReadOnlyList<IkeSaStatus> Complete(IReadOnlyList<IkeSaStatus> sas)
    {
        var now = time.GetUtcNow();
        var since = new Dictionary<uint, DateTimeOffset>();
        foreach (var sa in sas)
        {
            if (sa.Established is { } age) since[sa.UniqueId] = now - age;
            else if (_since.TryGetValue(sa.UniqueId, out var known)) since[sa.UniqueId] = known;
        }

        Volatile.Write(ref _since, since);
        return [.. sas.Select(sa => since.TryGetValue(sa.UniqueId, out var at) ? sa with { Established = now - at } : sa)];
    }
}
