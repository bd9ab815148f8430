namespace Tunnelwright.Linux;

/// <summary>A table of the packet filter.</summary>
/// <param name="Family">ip, ip6, inet, arp, bridge or netdev.</param>
/// <param name="Name">Its name.</param>
/// <param name="Handle">The kernel's number for it.</param>
/// <param name="Chains">Its chains with their rules.</param>
/// <param name="Sets">Its sets and maps.</param>
/// <param name="Counters">Its named counters.</param>
public sealed record NftTable(
    string Family, string Name, long Handle,
    IReadOnlyList<NftChain> Chains, IReadOnlyList<NftSet> Sets, IReadOnlyList<NftNamedCounter> Counters)
{
    /// <summary>The chain of this name, or null.</summary>
    public NftChain? Chain(string name) => Chains.FirstOrDefault(chain => chain.Name == name);

    /// <summary>The set or map of this name, or null.</summary>
    public NftSet? Set(string name) => Sets.FirstOrDefault(set => set.Name == name);

    /// <summary>The first rule with this comment, or null.</summary>
    public NftRule? Rule(string comment) => Chains.SelectMany(chain => chain.Rules).FirstOrDefault(rule => rule.Comment == comment);
}

/// <summary>A chain.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Handle">The kernel's number for it.</param>
/// <param name="Hook">Where it is hooked in (input, forward …), or null for a chain that is only jumped to.</param>
/// <param name="Type">filter, nat or route, or null.</param>
/// <param name="Priority">Its place among the chains of the hook.</param>
/// <param name="Policy">accept or drop, or null.</param>
/// <param name="Rules">Its rules, in order.</param>
public sealed record NftChain(
    string Name, long Handle, string? Hook, string? Type, int Priority, string? Policy, IReadOnlyList<NftRule> Rules);

/// <summary>A rule.</summary>
/// <param name="Handle">The kernel's number for it.</param>
/// <param name="Comment">Its comment, or null.</param>
/// <param name="Counter">Its own counter, or null when it counts nothing.</param>
/// <param name="Expressions">Its expressions as JSON text, for those who need more.</param>
public sealed record NftRule(long Handle, string? Comment, NftCounter? Counter, string Expressions);

/// <summary>What was counted.</summary>
/// <param name="Packets">Packets.</param>
/// <param name="Bytes">Bytes.</param>
public sealed record NftCounter(long Packets, long Bytes);

/// <summary>A counter with a name of its own.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Comment">Its comment, or null.</param>
/// <param name="Counter">What was counted.</param>
public sealed record NftNamedCounter(string Name, string? Comment, NftCounter Counter);

/// <summary>A set or a map.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Handle">The kernel's number for it.</param>
/// <param name="Type">The type of its elements; parts of a concatenation are joined with " . ".</param>
/// <param name="IsMap">Whether it maps its elements to something.</param>
/// <param name="Elements">Its elements.</param>
public sealed record NftSet(string Name, long Handle, string Type, bool IsMap, IReadOnlyList<NftElement> Elements);

/// <summary>An element of a set.</summary>
/// <param name="Value">
/// As in nft's language: <c>10.0.0.1</c>, <c>10.0.0.0/8</c>, <c>10.0.0.1-10.0.0.9</c>, <c>443</c>; parts joined with " . ".
/// </param>
/// <param name="MappedTo">What a map gives for it (JSON text when it is not a plain value), or null in a set.</param>
/// <param name="Comment">Its comment, or null.</param>
/// <param name="Counter">Its counter, or null.</param>
/// <param name="Expires">How long it has still to live, or null for ever.</param>
public sealed record NftElement(string Value, string? MappedTo, string? Comment, NftCounter? Counter, TimeSpan? Expires);
