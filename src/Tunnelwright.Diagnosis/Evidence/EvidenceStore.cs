namespace Tunnelwright.Diagnosis;

/// <summary>All facts of a diagnosis, in bounded memory: of each kind and scope the first few are kept whole, and how often and when last it was seen.</summary>
internal sealed class EvidenceStore
{
    /// <summary>How many facts of a kind are kept whole in each scope.</summary>
    public const int KeptEach = 4;

    /// <summary>What the scope of a BGP session begins with, to tell it from the connections of IKE.</summary>
    public const string SessionPrefix = "bgp ";

    private const int MaximumScopes = 512;

    private readonly Dictionary<string, FactSeries?[]> _scopes = new(StringComparer.Ordinal);
    private int _sessions;
    private readonly FactSeries?[] _total = new FactSeries?[FactKinds.Count];
    private readonly List<Fact> _configuration = [];

    /// <summary>The tunnels that scopes are known to stand for.</summary>
    public Dictionary<string, int> Tunnels { get; } = new(StringComparer.Ordinal);

    /// <summary>Which facts are taken, by kind, scope and time where it is known; null for all.</summary>
    public Func<FactKind, string, DateTime?, bool>? Filter { get; set; }

    /// <summary>The number that the next fact gets.</summary>
    public long NextSequence { get; private set; } = 1;

    /// <summary>What configuration files say against the provider's file or the profile.</summary>
    public IReadOnlyList<Fact> ConfigurationFaults => _configuration;

    /// <summary>The scopes that were named.</summary>
    public IEnumerable<string> Scopes => _scopes.Keys;

    /// <summary>Whether another fact of this kind is worth its text.</summary>
    public bool Wants(FactKind kind, string scope) => Series(kind, scope) is not { Kept.Count: >= KeptEach };

    /// <summary>Adds a fact.</summary>
    public void Add(Fact fact)
    {
        if (Filter?.Invoke(fact.Kind, fact.Scope, fact.Time) == false) return;
        fact = fact with { Sequence = NextSequence++ };
        if (fact.Kind == FactKind.ConfigurationFault)
        {
            if (_configuration.Count < 1000) _configuration.Add(fact);
            return;
        }

        Touch(fact.Kind, fact.Scope, fact.Sequence, fact.Time, fact);
    }

    /// <summary>Counts a fact whose text is not needed.</summary>
    public void Count(FactKind kind, string scope, DateTime? time)
    {
        if (Filter?.Invoke(kind, scope, time) != false) Touch(kind, scope, NextSequence++, time, null);
    }

    /// <summary>How often a kind was seen.</summary>
    public long CountOf(FactKind kind) => _total[(int)kind]?.Count ?? 0;

    /// <summary>Whether a kind was seen.</summary>
    public bool Has(FactKind kind) => _total[(int)kind] is not null;

    /// <summary>The facts of a kind that no later success has made a matter of the past.</summary>
    public IEnumerable<Fact> Standing(FactKind kind)
    {
        if (!Has(kind)) yield break;
        foreach (var (scope, series) in _scopes)
        {
            if (series[(int)kind] is not { } seen || IsOver(kind, scope, seen)) continue;
            foreach (var fact in seen.Kept) yield return fact;
        }
    }

    /// <summary>Facts of a kind that a later success made a matter of the past.</summary>
    public bool HasOver(FactKind kind)
    {
        if (!Has(kind)) return false;
        foreach (var (scope, series) in _scopes)
        {
            if (series[(int)kind] is { } seen && IsOver(kind, scope, seen)) return true;
        }

        return false;
    }

    /// <summary>Whether a daemon of the log began anew and no tunnel has come up since: what the peer still sends is for SAs that are gone.</summary>
    public bool IsAfterStart => LastOf(FactKind.DaemonStarted) > LastOf(FactKind.ChildUp);

    /// <summary>The last time a kind was seen in a scope, as a place in the order of facts; 0 when never.</summary>
    public long LastOf(FactKind kind, string scope) => Series(kind, scope)?.LastSequence ?? 0;

    /// <summary>The last time a kind was seen anywhere.</summary>
    public long LastOf(FactKind kind) => _total[(int)kind]?.LastSequence ?? 0;

    private bool IsOver(FactKind kind, string scope, FactSeries seen) => FactKinds.PhaseOf(kind) switch
    {
        Phase.Ike => Later(FactKind.IkeUp, scope, seen) || Later(FactKind.ChildUp, scope, seen),
        Phase.Offer => Later(FactKind.OfferAccepted, scope, seen) || Later(FactKind.IkeUp, scope, seen) || Later(FactKind.ChildUp, scope, seen),
        Phase.Child => Later(FactKind.ChildUp, scope, seen),
        Phase.Host => LastOf(FactKind.ChildUp) > seen.LastSequence || Later(FactKind.IkeUp, scope, seen),
        Phase.Start => LastOf(FactKind.DaemonStarted) > seen.LastSequence || LastOf(FactKind.ChildUp) > seen.LastSequence || Later(FactKind.IkeUp, scope, seen),
        Phase.Bgp => scope.Length == 0 ? LastOf(FactKind.BgpUp) > seen.LastSequence : Math.Max(LastOf(FactKind.BgpUp, scope), LastOf(FactKind.BgpUp, "")) > seen.LastSequence,
        Phase.Progress => true,
        _ => false,
    };

    /// <summary>Success in the same scope; where one of the two does not name its scope, success anywhere when only one scope has a name.</summary>
    private bool Later(FactKind success, string scope, FactSeries seen)
    {
        if (LastOf(success, scope) > seen.LastSequence) return true;
        var named = _scopes.Count - _sessions - (_scopes.ContainsKey("") ? 1 : 0);
        if (scope.Length == 0) return named <= 1 && LastOf(success) > seen.LastSequence;
        return named <= 1 && LastOf(success, "") > seen.LastSequence;
    }

    private FactSeries? Series(FactKind kind, string scope) => _scopes.TryGetValue(scope, out var series) ? series[(int)kind] : null;

    private void Touch(FactKind kind, string scope, long sequence, DateTime? time, Fact? fact)
    {
        if (!_scopes.TryGetValue(scope, out var series))
        {
            if (_scopes.Count >= MaximumScopes && scope.Length > 0)
            {
                Touch(kind, "", sequence, time, fact is null ? null : fact with { Scope = "" });
                return;
            }

            _scopes[scope] = series = new FactSeries?[FactKinds.Count];
            if (scope.StartsWith(SessionPrefix, StringComparison.Ordinal)) _sessions++;
        }

        (series[(int)kind] ??= new FactSeries()).See(sequence, time, fact);
        (_total[(int)kind] ??= new FactSeries()).See(sequence, time, null);
    }

    private sealed class FactSeries
    {
        public long Count { get; private set; }

        public long LastSequence { get; private set; }

        public DateTime? LastTime { get; private set; }

        public List<Fact> Kept { get; } = [];

        public void See(long sequence, DateTime? time, Fact? fact)
        {
            Count++;
            LastSequence = sequence;
            LastTime = time ?? LastTime;
            if (fact is not null && (Kept.Count < KeptEach || fact.IsOrigin)) Kept.Add(fact);
        }
    }
}
