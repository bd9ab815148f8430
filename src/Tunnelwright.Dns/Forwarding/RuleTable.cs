using System.Net;
using Tunnelwright.Dns.Configuration;

namespace Tunnelwright.Dns.Forwarding;

/// <summary>The rules by domain; the longest that a name is under counts.</summary>
internal sealed class RuleTable
{
    private readonly Dictionary<byte[], ForwardingRule> _rules = new(DomainComparer.Instance);
    private readonly Dictionary<byte[], ForwardingRule>.AlternateLookup<ReadOnlySpan<byte>> _byName;

    public RuleTable(ForwarderOptions options)
    {
        var servers = new Dictionary<IPEndPoint, UpstreamServer>();
        UpstreamServer Server(IPEndPoint endPoint)
        {
            if (!servers.TryGetValue(endPoint, out var server)) servers.Add(endPoint, server = new UpstreamServer(endPoint, servers.Count));
            return server;
        }

        foreach (var rule in options.Rules) _rules[rule.Domain] = new ForwardingRule(rule, [.. rule.Servers.Select(Server)]);
        if (options.Defaults.Count > 0) _rules.TryAdd([0], new ForwardingRule(new RuleOptions { Domain = [0], Servers = options.Defaults }, [.. options.Defaults.Select(Server)]));
        Servers = [.. servers.Values];
        Rules = [.. _rules.Values];
        _byName = _rules.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    public UpstreamServer[] Servers { get; }

    public ForwardingRule[] Rules { get; }

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
