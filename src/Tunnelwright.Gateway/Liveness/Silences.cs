using Tunnelwright.Vici;

namespace Tunnelwright.Gateway;

/// <summary>Tells which way a tunnel is dead whose echo requests are not answered: the counters of its SA pair show whether the peer's packets still arrive.</summary>
internal sealed class Silences(TimeProvider time)
{
    /// <summary>Packets of the peer that tell; one may have been on its way when the silence began.</summary>
    private const int Telling = 2;

    /// <summary>How long nothing arrives until that tells, too: a peer of ours asks ten times a second.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(800);

    private readonly Dictionary<string, Silence> _known = new(StringComparer.Ordinal);

    /// <summary>Takes a look at a tunnel.</summary>
    /// <param name="name">Its name in charon.</param>
    /// <param name="health">What its echo requests say.</param>
    /// <param name="pair">Its SA pair; null without one.</param>
    /// <param name="taken">When that was looked at, as <see cref="ObservedGateway.Taken"/>.</param>
    /// <returns>"out", "unknown", or null: see <see cref="ProbeStatus.Silent"/>.</returns>
    public string? Look(string name, TunnelHealth health, ChildSaStatus? pair, long taken)
    {
        if (health is not (TunnelHealth.Dead or TunnelHealth.GivenUp))
        {
            _known.Remove(name);
            return null;
        }

        if (pair is null) return _known.GetValueOrDefault(name)?.Verdict;

        // All that a pair carries that was made after the silence began tells; of the one that was there, what comes from now on.
        if (!_known.TryGetValue(name, out var silence)) _known[name] = silence = new Silence(pair.SpiIn, pair.PacketsIn, taken, null);
        else if (silence.Spi != pair.SpiIn) _known[name] = silence = silence with { Spi = pair.SpiIn, PacketsBefore = 0, Since = taken };
        if (pair.PacketsIn - silence.PacketsBefore >= Telling) silence = silence with { Verdict = "out" };
        else if (silence.Verdict is null && time.GetElapsedTime(silence.Since, taken) >= Patience) silence = silence with { Verdict = "unknown" };
        _known[name] = silence;
        return silence.Verdict;
    }

    private sealed record Silence(string? Spi, long PacketsBefore, long Since, string? Verdict);
}
