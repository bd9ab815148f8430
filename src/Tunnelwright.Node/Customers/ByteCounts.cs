using Tunnelwright.Gateway;

namespace Tunnelwright.Node.Customers;

/// <summary>Counts a tunnel's traffic over its SA pairs, whose own counters begin anew with each renewal.</summary>
internal sealed class ByteCounts
{
    private string? _pair;
    private (long BytesIn, long BytesOut, long PacketsIn, long PacketsOut) _before;
    private (long BytesIn, long BytesOut, long PacketsIn, long PacketsOut) _now;

    /// <summary>Takes what the SA pair counts now, and gives the sum over all pairs so far.</summary>
    public (long BytesIn, long BytesOut, long PacketsIn, long PacketsOut) Add(ChildStatus child)
    {
        if (child.SpiIn != _pair)
        {
            _before = Sum(_before, _now);
            _pair = child.SpiIn;
        }

        _now = (child.BytesIn, child.BytesOut, child.PacketsIn, child.PacketsOut);
        return Sum(_before, _now);
    }

    private static (long, long, long, long) Sum((long, long, long, long) left, (long, long, long, long) right) =>
        (left.Item1 + right.Item1, left.Item2 + right.Item2, left.Item3 + right.Item3, left.Item4 + right.Item4);
}
