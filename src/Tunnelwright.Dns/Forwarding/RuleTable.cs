using Tunnelwright.Dns.Configuration;

namespace Tunnelwright.Dns.Forwarding;

/// <summary>The rules by domain; the longest that a name is under counts.</summary>
internal sealed class RuleTable
{
    private int _returns;
    private readonly Dictionary<byte[], ForwardingRule> _rules = new(DomainComparer.Instance);
    private readonly Dictionary<byte[], ForwardingRule>.AlternateLookup<ReadOnlySpan<byte>> _byName;

    /// <param name="options">The rules.</param>
    /// <param name="pool">What is known of servers; new ones are added.</param>
    /// <param name="before">The rules of before, whose counters go on; null for none.</param>
    public RuleTable(ForwarderOptions options, ServerPool pool, RuleTable? before = null)
    {
        Numbers = before?.Numbers ?? 0;
        RuleCounters CountersOf(byte[] domain) => before?._rules.GetValueOrDefault(domain)?.Counters ?? new RuleCounters(Numbers++);
        foreach (var rule in options.Rules) Add(rule);
        if (options.Defaults.Count > 0 && !_rules.ContainsKey([0])) Add(new RuleOptions { Domain = [0], Servers = options.Defaults });
        Rules = [.. _rules.Values];
        Servers = [.. Rules.SelectMany(rule => rule.Servers).Distinct()];
        _byName = _rules.GetAlternateLookup<ReadOnlySpan<byte>>();

        void Add(RuleOptions rule) => _rules[rule.Domain] = new ForwardingRule(rule, [.. rule.Servers.Select(server => pool.Of(server, rule.Source))], CountersOf(rule.Domain));
    }

    /// <summary>How many numbers rules have had so far.</summary>
    public int Numbers { get; private set; }

    public UpstreamServer[] Servers { get; }

    public ForwardingRule[] Rules { get; }

    /// <summary>How often a server that was down has answered again.</summary>
    public int Returns => Volatile.Read(ref _returns);

    public void Returned() => Interlocked.Increment(ref _returns);

    /// <summary>Whether answers by these rules are the same as by others': domains, servers, and how answers are given.</summary>
    public bool SaysTheSameAs(RuleTable other) =>
        Rules.Length == other.Rules.Length && Array.TrueForAll(Rules, rule => other._rules.TryGetValue(rule.Domain, out var twin) && rule.SaysTheSameAs(twin));

    /// <param name="name">A name without compression, in lower case.</param>
    /// <returns>Null when no rule is for it and there are no default servers.</returns>
    public ForwardingRule? Match(ReadOnlySpan<byte> name)
    {
        while (true)
        {
            if (_byName.TryGetValue(name, out var rule)) return rule;
            if (name.Length <= 1) return null;
            name = name[(1 + name[0])..];
        }
    }

    private sealed class DomainComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly DomainComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
