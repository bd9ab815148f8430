using System.Text.Json.Serialization;

namespace Tunnelwright.Cloud.Contract;

/// <summary>How routes are learnt.</summary>
[JsonConverter(typeof(WordConverter<RoutingKind>))]
public enum RoutingKind
{
    /// <summary>"static": static routes on both ends.</summary>
    Static,

    /// <summary>"bgp": BGP in the tunnels.</summary>
    Bgp,
}

/// <summary>How far the service is with a connection. It says nothing about whether the customer's gateway is up: tunnels have states of their own.</summary>
[JsonConverter(typeof(WordConverter<ConnectionState>))]
public enum ConnectionState
{
    /// <summary>"allocating": accepted; two nodes of different failure domains are not there yet.</summary>
    Allocating,

    /// <summary>"programming": the nodes are being told; the file is not handed out yet.</summary>
    Programming,

    /// <summary>"available": both endpoints answer and the file is ready.</summary>
    Available,

    /// <summary>"changing": available, and a change is on its way.</summary>
    Changing,

    /// <summary>"deleting": the nodes are giving it up.</summary>
    Deleting,
}

/// <summary>A change of a connection. A customer has one at a time.</summary>
[JsonConverter(typeof(WordConverter<OperationKind>))]
public enum OperationKind
{
    /// <summary>"create".</summary>
    Create,

    /// <summary>"change-ranges".</summary>
    ChangeRanges,

    /// <summary>"rotate-keys".</summary>
    RotateKeys,

    /// <summary>"replace-endpoint".</summary>
    ReplaceEndpoint,

    /// <summary>"delete".</summary>
    Delete,
}

/// <summary>Whether a tunnel carries traffic, as its node sees it.</summary>
[JsonConverter(typeof(WordConverter<TunnelState>))]
public enum TunnelState
{
    /// <summary>"unknown": no node has told yet, or its node is silent.</summary>
    Unknown,

    /// <summary>"down": the customer's gateway has no SA with the endpoint.</summary>
    Down,

    /// <summary>"connecting": an IKE SA without a CHILD_SA, or BGP not established yet.</summary>
    Connecting,

    /// <summary>"up".</summary>
    Up,
}
