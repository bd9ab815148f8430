using System.Text.Json.Serialization;

namespace Tunnelwright.Cloud.Contract;

/// <summary>Whether a node takes and keeps endpoints.</summary>
[JsonConverter(typeof(WordConverter<NodeState>))]
public enum NodeState
{
    /// <summary>"ready": reports, and takes endpoints.</summary>
    Ready,

    /// <summary>"draining": reports, keeps what it has and takes nothing new.</summary>
    Draining,

    /// <summary>"silent": has not reported for a while; its endpoints move.</summary>
    Silent,

    /// <summary>"forgotten": was silent when an administrator forgot it; its addresses are kept back until it comes and gives up what it had, or is forgotten by force.</summary>
    Forgotten,
}

/// <summary>A gateway node as administrators see it.</summary>
/// <param name="Id">node- and twelve hexadecimal digits.</param>
/// <param name="Name">The name that it gave itself.</param>
/// <param name="FailureDomain">What fails together, such as a zone.</param>
/// <param name="State">Whether it takes and keeps endpoints.</param>
/// <param name="LastSeenAt">When it last said anything.</param>
/// <param name="Tunnels">Tunnels that end on it.</param>
/// <param name="DesiredVersion">Newest version of what it should do.</param>
/// <param name="AppliedVersion">Version that it says it has carried out.</param>
public sealed record Node(string Id, string Name, string FailureDomain, NodeState State, DateTimeOffset LastSeenAt, int Tunnels, long DesiredVersion, long AppliedVersion);

/// <summary>PATCH of a node.</summary>
/// <param name="Draining">Whether it takes no new endpoints.</param>
public sealed record NodeChange(bool Draining);

/// <summary>POST <see cref="Paths.RegistrationTokens"/>.</summary>
/// <param name="FailureDomain">The failure domain of the node that will use it, 1 to 32 letters, digits and '-'.</param>
/// <param name="ExpiresInSeconds">How long it can be used for a first registration, 60 to 604,800; an hour when null.</param>
public sealed record NewRegistrationToken(string? FailureDomain = null, int? ExpiresInSeconds = null);

/// <summary>A registration token, shown once. The first node that registers with it owns it; the same node may register again with it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="FailureDomain">The failure domain.</param>
/// <param name="ExpiresAt">When it ends.</param>
/// <param name="Secret">The text that goes into the node's token file.</param>
public sealed record RegistrationToken(string Id, string FailureDomain, DateTimeOffset ExpiresAt, string Secret);

/// <summary>A range of public addresses for endpoints. Every tunnel has an address of its own, which moves with it from node to node.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Range">/16 to /32.</param>
/// <param name="Total">Addresses in it that can be used.</param>
/// <param name="Free">Addresses that no tunnel has.</param>
public sealed record AddressPool(string Id, string Range, int Total, int Free);

/// <summary>POST <see cref="Paths.AddressPools"/>.</summary>
/// <param name="Range">/16 to /32; all addresses but the first and the last of a range wider than /31.</param>
public sealed record NewAddressPool(string? Range = null);
