namespace Tunnelwright.Diagnosis;

/// <summary>One thing that was seen, and where.</summary>
/// <param name="Kind">What.</param>
/// <param name="Source">The file (or the counter, or the probe) it was seen in.</param>
/// <param name="Line">The line, counted from 1; null where there are no lines.</param>
/// <param name="Text">The line without its secrets.</param>
internal sealed record Fact(FactKind Kind, string Source, long? Line, string Text)
{
    /// <summary>The connection or peer it belongs to, as its source names it; empty when the source does not say.</summary>
    public string Scope { get; init; } = "";

    /// <summary>Whether it may belong to any connection of IKE: its source names none, or only a neighbour of BGP.</summary>
    public bool IsOfAny => Scope.Length == 0 || Scope.StartsWith(EvidenceStore.SessionPrefix, StringComparison.Ordinal);

    /// <summary>When; null when the source does not say.</summary>
    public DateTime? Time { get; init; }

    /// <summary>Place in the order of all facts of a diagnosis.</summary>
    public long Sequence { get; init; }

    /// <summary>Whether it is where the thing itself is written, which is shown before what follows from it.</summary>
    public bool IsOrigin { get; init; }

    /// <summary>For <see cref="FactKind.ConfigurationFault"/>: the cause that the value amounts to.</summary>
    public string? Cause { get; init; }

    /// <summary>1 or 2 where it is known.</summary>
    public int? Tunnel { get; init; }

    /// <summary>For <see cref="FactKind.ConfigurationFault"/>: whether it only keeps things from being as good as they could be.</summary>
    public bool IsMinor { get; init; }
}
