using Tunnelwright.Gateway;
using Tunnelwright.Model;

namespace Tunnelwright.Lab;

/// <summary>What a lab is to be like.</summary>
public sealed record LabOptions
{
    /// <summary>The lab's name, 1 to 16 lower-case letters, digits and '-'. Several labs stand at once under different names.</summary>
    public string Name { get; init; } = "default";

    /// <summary>Static routing or BGP.</summary>
    public Model.Routing Routing { get; init; } = Model.Routing.Static;

    /// <summary>Whether a NAT stands in front of the customer's gateway.</summary>
    public bool Nat { get; init; }

    /// <summary>IKE version of both tunnels.</summary>
    public IkeVersion IkeVersion { get; init; } = IkeVersion.V2;

    /// <summary>What protects the IKE SAs.</summary>
    public IkeProposal Ike { get; init; } = new(EncryptionAlgorithm.Aes256, IntegrityAlgorithm.Sha256, new DhGroup(14));

    /// <summary>What protects the traffic.</summary>
    public EspProposal Esp { get; init; } = new(EncryptionAlgorithm.Aes256Gcm16, null, new DhGroup(14));

    /// <summary>Lifetime of the IKE SAs in seconds, 900 to 28,800.</summary>
    public int IkeLifetimeSeconds { get; init; } = 28800;

    /// <summary>Lifetime of the IPsec SAs in seconds, 900 to 3,600.</summary>
    public int IpsecLifetimeSeconds { get; init; } = 3600;

    /// <summary>Whether the load balancer takes 443 only, and not 80.</summary>
    public bool HttpsOnly { get; init; }

    /// <summary>The data plane of the cloud's endpoints.</summary>
    public DataPlane DataPlane { get; init; }

    /// <summary>Whether the cloud's endpoints run our engine; without it they stand empty, for a responder of somebody else's.</summary>
    public bool CloudEndpoints { get; init; } = true;

    /// <summary>Whether the provider's service stands in the cloud, with three nodes, in place of two endpoints with a connection that is there from the start.</summary>
    public bool Service { get; init; }

    /// <summary>Customers of the provider's service, 1 to 9, all with the same ranges and the same cloud network. Those after the first have a gateway, a host, a cloud router and a cloud server.</summary>
    public int Customers { get; init; } = 1;
}
