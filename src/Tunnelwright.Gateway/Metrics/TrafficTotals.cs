namespace Tunnelwright.Gateway;

/// <summary>What went through a tunnel since this process began.</summary>
internal readonly record struct Traffic(long BytesIn, long BytesOut, long PacketsIn, long PacketsOut)
{
    public static Traffic operator +(Traffic left, Traffic right) =>
        new(left.BytesIn + right.BytesIn, left.BytesOut + right.BytesOut, left.PacketsIn + right.PacketsIn, left.PacketsOut + right.PacketsOut);

    /// <summary>What was added since an earlier count; nothing where the later count is the smaller one.</summary>
    public Traffic Since(Traffic earlier) => new(
        Math.Max(BytesIn - earlier.BytesIn, 0),
        Math.Max(BytesOut - earlier.BytesOut, 0),
        Math.Max(PacketsIn - earlier.PacketsIn, 0),
        Math.Max(PacketsOut - earlier.PacketsOut, 0));
}

/// <summary>
/// Adds up the counters of SA pairs, each of which starts at 0 and goes away, to counters of tunnels that never go backwards, whether a pair
/// is renewed, its charon ends, or a look does not see it. Pairs that were there at the first look count from then.
/// </summary>
internal sealed class TrafficTotals
{
    /// <summary>Pairs remembered a tunnel: one that a look missed is not counted twice.</summary>
    private const int Remembered = 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (Traffic Total, List<(string Spi, Traffic Seen)> Pairs)> _tunnels = new(StringComparer.Ordinal);
    private bool _begun;

    /// <summary>Takes a look's counters.</summary>
    public void Take(ObservedGateway observed)
    {
        lock (_gate)
        {
            foreach (var sa in observed.Charons.SelectMany(charon => charon.Sas))
            {
                var (total, pairs) = _tunnels.TryGetValue(sa.Name, out var known) ? known : (default, []);
                foreach (var child in sa.Children)
                {
                    if (child.SpiIn is not { } spi) continue;
                    var now = new Traffic(child.BytesIn, child.BytesOut, child.PacketsIn, child.PacketsOut);
                    var place = pairs.FindIndex(pair => pair.Spi == spi);
                    if (place >= 0)
                    {
                        var added = now.Since(pairs[place].Seen);
                        total += added;
                        pairs[place] = (spi, pairs[place].Seen + added);
                    }
                    else
                    {
                        if (_begun) total += now;
                        pairs.Add((spi, now));
                        if (pairs.Count > Remembered) pairs.RemoveAt(0);
                    }
                }

                _tunnels[sa.Name] = (total, pairs);
            }

            _begun = true;
        }
    }

    /// <summary>The total of a tunnel by its name in charon; nothing for one that was never seen.</summary>
    public Traffic Of(string name)
    {
        lock (_gate) return _tunnels.TryGetValue(name, out var known) ? known.Total : default;
    }
}
