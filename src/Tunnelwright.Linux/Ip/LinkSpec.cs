namespace Tunnelwright.Linux;

/// <summary>A link that shall exist.</summary>
/// <param name="Name">Its name, at most 15 characters.</param>
public abstract record LinkSpec(string Name)
{
    /// <summary>The largest packet in bytes, or null to leave it.</summary>
    public int? Mtu { get; init; }

    /// <summary>The alias, which marks it as somebody's, or null to leave it.</summary>
    public string? Alias { get; init; }

    /// <summary>Whether to set it up (true), down (false), or leave it (null). Default true.</summary>
    public bool? Up { get; init; } = true;

    internal abstract string Kind { get; }

    internal abstract IEnumerable<string> KindArguments();
}

/// <summary>An XFRM interface: everything routed into it is encrypted by the policies and states that have its if_id (ip-link(8)).</summary>
/// <param name="Name">Its name.</param>
/// <param name="IfId">The if_id, not 0.</param>
/// <param name="UnderlyingDevice">The device below it, or null for none.</param>
public sealed record XfrmLinkSpec(string Name, uint IfId, string? UnderlyingDevice = null) : LinkSpec(Name)
{
    internal override string Kind => "xfrm";

    internal override IEnumerable<string> KindArguments()
        => UnderlyingDevice is null ? ["if_id", $"{IfId}"] : ["dev", LinkNames.Check(UnderlyingDevice), "if_id", $"{IfId}"];
}

/// <summary>A pair of virtual Ethernet links, joined like by a cable.</summary>
/// <param name="Name">The name at this end.</param>
/// <param name="PeerName">The name at the other end.</param>
/// <param name="PeerNamespace">The named namespace of the other end, or null for the same as this end.</param>
public sealed record VethLinkSpec(string Name, string PeerName, NetworkNamespace? PeerNamespace = null) : LinkSpec(Name)
{
    internal override string Kind => "veth";

    internal override IEnumerable<string> KindArguments()
        => PeerNamespace is null
            ? ["peer", "name", LinkNames.Check(PeerName)]
            : ["peer", "name", LinkNames.Check(PeerName), "netns", LinkNames.NamespaceArgument(PeerNamespace)];
}

/// <summary>A dummy link: packets sent into it vanish.</summary>
/// <param name="Name">Its name.</param>
public sealed record DummyLinkSpec(string Name) : LinkSpec(Name)
{
    internal override string Kind => "dummy";

    internal override IEnumerable<string> KindArguments() => [];
}

/// <summary>An Ethernet bridge.</summary>
/// <param name="Name">Its name.</param>
public sealed record BridgeLinkSpec(string Name) : LinkSpec(Name)
{
    internal override string Kind => "bridge";

    internal override IEnumerable<string> KindArguments() => [];
}
