using System.Text;

namespace Tunnelwright.Diagnosis;

/// <summary>Makes facts of the lines of one log: what a phrase means depends on how far the connection's negotiation has come.</summary>
internal sealed class LineInterpreter(string source, EvidenceStore evidence, Secrets secrets)
{
    private const int MaximumExchanges = 1024;
    private const int LookBehind = 4096;

    private readonly Dictionary<string, Exchange> _exchanges = new(StringComparer.Ordinal);
    private readonly ScopeReader _scopes = new();
    private readonly long[] _products = new long[Enum.GetValues<Product>().Length];
    private readonly Exchange _session = new();
    private int _rows;
    private string _peer = "";
    private readonly LastWait _wait = new();
    private Exchange? _current;
    private string _currentScope = "";

    /// <summary>The number of the first line that is read, where what stands before it was passed over.</summary>
    public long FirstLine { get; init; } = 1;

    /// <summary>How many lines there are, where they are read from the last to the first; null where they are read as they stand.</summary>
    public long? TurnedLines { get; init; }

    /// <summary>The connection of a line, by its place among those that are read (from 0), where somebody knows it better than the line, which may name a pair as other connections' are named, too; null: nobody does.</summary>
    public Func<long, string>? ScopeOf { get; init; }

    /// <summary>Whose log it is, by the phrases found so far; Any when there were none.</summary>
    public Product Product
    {
        get
        {
            var best = 0;
            for (var i = 1; i < _products.Length; i++)
            {
                if (_products[i] > _products[best]) best = i;
            }

            return (Product)best;
        }
    }

    /// <summary>Whether the next line may be a row of a table, which is to be read whatever stands in it.</summary>
    public bool IsInTable => _rows > 0;

    /// <summary>Whether it may be a log of a product that nobody knows, so that plain words count; a log of a host that is known has none.</summary>
    public bool ReadsPlainWords { get; init; }

    /// <summary>Whether lines that a daemon writes for debugging count, too.</summary>
    public bool ReadsDebugging { get; init; }

    /// <summary>Whether any of the lines said something, in a product's words or in plain ones.</summary>
    public bool HasTold { get; private set; }

    /// <summary>Whether there were words of a product in lines for debugging that do not count.</summary>
    public bool HasPassedOver { get; private set; }

    /// <summary>Looks at a line in which phrases were found.</summary>
    /// <param name="line">The line without its end.</param>
    /// <param name="hits">The phrases.</param>
    /// <param name="number">Its number, counted from 1.</param>
    /// <param name="before">What stands before it, as far as it is still at hand.</param>
    public void Read(ReadOnlySpan<byte> line, ReadOnlySpan<Hit> hits, long number, ReadOnlySpan<byte> before)
    {
        if (hits.Length == 0 || IsComment(line, hits)) return;
        var known = hits[0].Phrase;
        var hasFault = false;
        foreach (var hit in hits)
        {
            if (hit.Phrase.IsFallback) continue;
            if (known.IsFallback || (known.Product == Product.Bird && hit.Phrase.Product != Product.Bird)) known = hit.Phrase;
            var isProgress = FactKinds.PhaseOf(hit.Phrase.Kind) == Phase.Progress;

            // Words that other programs write, too, say whose log it is only where they mean something.
            if (isProgress || hit.Phrase.Detail == Detail.None) _products[(int)hit.Phrase.Product]++;
            if (hit.Phrase.Kind == FactKind.DaemonStarted) BeginAnew();
            hasFault |= !isProgress && hit.Phrase.Detail != Detail.Quiet;
        }

        if (!ReadsDebugging && known.Product == Product.Pluto && IsDebugging(line))
        {
            HasPassedOver = true;
            return;
        }

        var scope = _scopes.Read(line, known.Product);
        if (ScopeOf?.Invoke(number - 1) is { Length: > 0 } given) scope = given;
        var exchange = known.Product == Product.Bird ? SessionOf(line, ref scope) : ExchangeOf(scope, known.Product);
        if (known.Product == Product.Aws) AwsState(line, exchange);
        var reader = new LineMeaning(line, before.Length > LookBehind ? before[^LookBehind..] : before, exchange);
        FactKind? told = null;
        FactKind? looked = null;
        DateTime? time = null;
        for (var pass = 0; pass < 2; pass++)
        {
            foreach (var hit in hits)
            {
                var isProgress = FactKinds.PhaseOf(hit.Phrase.Kind) == Phase.Progress;
                if (isProgress != (pass == 0) || hit.Phrase.Detail == Detail.Plain || (hasFault && hit.Phrase.IsFallback) || hit.Phrase.Kind == looked || (told is not null && IsState(hit.Phrase))) continue;
                looked = hit.Phrase.Kind;
                if (NeedsTime(hit.Phrase.Kind)) time ??= Timestamps.Read(line);
                if (reader.Of(hit, time) is not { } kind || kind == told) continue;
                told = kind;
                _products[(int)hit.Phrase.Product]++;
                if (hit.Phrase.Detail == Detail.IkeStands)
                {
                    exchange.IkeStands();
                    if (scope.Length == 0) scope = _currentScope;
                    Tell(FactKind.IkeUp, scope, line, hit.At, number, time);
                }

                Tell(kind, scope, line, hit.At, number, time);
            }
        }

        if (_session.TableFollows) (_rows, _session.TableFollows) = (SessionTable.Rows, false);
        if (ReadsPlainWords && told is null && Product is not (Product.Charon or Product.Pluto) && IsOpen(hits)) ReadPlain(line, hits, number, reader, scope);
        if (_wait.Begins(exchange)) _wait.Note(exchange, MakeFact(exchange.Waiting!.Value, scope, line, hits[0].At, number, time));
    }

    /// <summary>The first of the plain words that means something is what the line says; where none does, the line may be suspected to speak of something.</summary>
    private void ReadPlain(ReadOnlySpan<byte> line, ReadOnlySpan<Hit> hits, long number, LineMeaning reader, string scope)
    {
        foreach (var hit in hits)
        {
            if (!hit.Phrase.IsFallback || reader.Of(hit, time: null) is not { } kind) continue;
            Tell(kind, scope, line, hit.At, number, time: null);
            return;
        }

        foreach (var hit in hits)
        {
            if (hit.Phrase.Detail != Detail.Plain) continue;
            if (reader.Suspicion(hit) is { } suspected) Tell(suspected, scope, line, hit.At, number, time: null);
            return;
        }
    }

    /// <summary>Whether none of the phrases says on purpose that a line means nothing.</summary>
    private static bool IsOpen(ReadOnlySpan<Hit> hits)
    {
        foreach (var hit in hits)
        {
            if (FactKinds.PhaseOf(hit.Phrase.Kind) == Phase.Progress || !(hit.Phrase.IsFallback || hit.Phrase.Detail is Detail.State or Detail.OfIpsec or Detail.MessageNumber or Detail.NotFound or Detail.Failed)) return false;
        }

        return true;
    }

    /// <summary>Looks at a line that may be a row of a table of BGP sessions.</summary>
    /// <param name="line">The line without its end.</param>
    /// <param name="number">Its number, counted from 1.</param>
    public void ReadRow(ReadOnlySpan<byte> line, long number)
    {
        _rows--;
        if (SessionTable.Read(line, out var peer) is not { } kind) return;
        _peer = _scopes.Session(peer);
        (_session.SessionIsUp, _session.SessionIsDown) = (kind is FactKind.BgpUp or FactKind.BgpRouteDenied, kind is FactKind.BgpRefused or FactKind.BgpTooManyPrefixes);
        _products[(int)Product.Bird]++;
        if (kind == FactKind.BgpRouteDenied) Tell(FactKind.BgpUp, _peer, line, 0, number, null);
        Tell(kind, _peer, line, 0, number, null);
    }

    /// <summary>What is known of the BGP session of a line; what is indented belongs to the neighbour that was named last.</summary>
    private Exchange SessionOf(ReadOnlySpan<byte> line, ref string scope)
    {
        if (scope.Length == 0 && line.StartsWith("  "u8)) scope = _peer;
        else if (line.Has("neighbor is "u8) && scope != _peer) (_peer, _session.SessionIsUp, _session.SessionIsDown) = (scope, false, false);
        return _session;
    }

    /// <summary>The log is at its end: what it waits for then is told, where it told nothing else.</summary>
    public void End()
    {
        if (_wait.Fact is not { } fact) return;
        HasTold = true;
        evidence.Add(fact);
    }

    /// <summary>"# …" is a comment of a file of settings or of whoever wrote the log down, unless a daemon's message begins so.</summary>
    private static bool IsComment(ReadOnlySpan<byte> line, ReadOnlySpan<Hit> hits)
    {
        var text = line.TrimStart(" \t"u8);
        if (text is not [(byte)'#', (byte)' ' or (byte)'\t' or (byte)'#', ..]) return false;
        foreach (var hit in hits)
        {
            if (hit.At == line.Length - text.Length) return false;
        }

        return true;
    }

    /// <summary>Debugging lines of pluto ("| …") tell of every attempt on the way to a decision, which has a line of its own.</summary>
    private static bool IsDebugging(ReadOnlySpan<byte> line) => line.StartsWith("| "u8) || line[..Math.Min(line.Length, 100)].IndexOf(": | "u8) >= 0;

    /// <summary>"MM_WAIT_MSG2": of several states in a line the first is where it ended.</summary>
    private static bool IsState(Phrase phrase) => phrase.Words.StartsWith("MM_WAIT_MSG", StringComparison.Ordinal);

    private static bool NeedsTime(FactKind kind) => kind is FactKind.ChildUp or FactKind.PeerDeletedIke or FactKind.PeerDeletedChild or FactKind.WeDeleted or FactKind.Expired;

    /// <summary>A daemon that starts has no SAs and no negotiations, whatever the lines before it say.</summary>
    private void BeginAnew()
    {
        _exchanges.Clear();
        _current = null;
    }

    private void Tell(FactKind kind, string scope, ReadOnlySpan<byte> line, int at, long number, DateTime? time)
    {
        HasTold = true;
        _wait.Saw(kind);
        if (kind == FactKind.UnknownSpi && evidence.IsAfterStart) kind = FactKind.UnknownSpiAfterStart;
        if (FactKinds.PhaseOf(kind) == Phase.Progress ? evidence.LastOf(kind, scope) == 0 : evidence.Wants(kind, scope))
        {
            evidence.Add(MakeFact(kind, scope, line, at, number, time));
            return;
        }

        evidence.Count(kind, scope, time);
    }

    private Fact MakeFact(FactKind kind, string scope, ReadOnlySpan<byte> line, int at, long number, DateTime? time) =>
        new(kind, source, TurnedLines is { } lines ? lines - number + 1 : number + FirstLine - 1, secrets.Clean(LineText.Show(line, at))) { Scope = scope, Time = time ?? Timestamps.Read(line) };

    /// <summary>The connection's state; a line that names none belongs to the connection that was spoken of last.</summary>
    private Exchange ExchangeOf(string scope, Product product)
    {
        if (scope.Length == 0 && product != Product.Aws && _current is not null) return _current;
        _currentScope = scope;
        if (_exchanges.TryGetValue(scope, out var known)) return _current = known;
        if (_exchanges.Count >= MaximumExchanges) return _current ??= new Exchange();

        // The first lines of a negotiation often have no name yet: what they said holds for the connection that is then named.
        var made = _exchanges.Count == 1 && _exchanges.TryGetValue("", out var nameless) ? nameless : new Exchange();
        _exchanges[scope] = made;
        return _current = made;
    }

    /// <summary>Every record of AWS says in which state the phases are.</summary>
    private static void AwsState(ReadOnlySpan<byte> line, Exchange exchange)
    {
        var at = LineText.Where(line, "ike_phase1_state"u8);
        if (at < 0) at = LineText.Where(line, "TunnelIKEPhase1State"u8);
        if (at < 0) return;
        var value = line.Slice(at, Math.Min(48, line.Length - at));
        if (value.Has("established"u8)) exchange.IkeStands();
        else exchange.IkeIsDown();
    }

    /// <summary>The words of a proposal list behind a phrase.</summary>
    internal static string Rest(ReadOnlySpan<byte> line, int from) => Encoding.ASCII.GetString(line.Slice(from, Math.Min(2000, line.Length - from)));
}
