namespace Tunnelwright.Diagnosis;

/// <summary>
/// What a log waits for at its end: somebody cut it, or stopped the daemon, before it gave up. It counts only where the log tells of nothing else,
/// neither of a fault nor of a success.
/// </summary>
internal sealed class LastWait
{
    private Exchange? _exchange;
    private Fact? _fact;
    private bool _hasOther;

    /// <summary>The fact; null when nothing is waited for, or when the log tells of something else.</summary>
    public Fact? Fact => !_hasOther && _fact is { } fact && _exchange!.Waiting == fact.Kind ? fact : null;

    /// <summary>Whether a connection now waits for something that it did not wait for before.</summary>
    public bool Begins(Exchange exchange) => !_hasOther && exchange.Waiting is { } kind && !(ReferenceEquals(exchange, _exchange) && _fact?.Kind == kind);

    /// <summary>Keeps what is waited for.</summary>
    public void Note(Exchange exchange, Fact fact) => (_exchange, _fact) = (exchange, fact);

    /// <summary>Something was told.</summary>
    public void Saw(FactKind kind) => _hasOther |= FactKinds.PhaseOf(kind) != Phase.Progress || kind is FactKind.IkeUp or FactKind.ChildUp or FactKind.BgpUp;
}
