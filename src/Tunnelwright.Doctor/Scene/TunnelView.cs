using Tunnelwright.Diagnosis;
using Tunnelwright.Gateway;
using Tunnelwright.Model;
using Tunnelwright.Vici;

namespace Tunnelwright.Doctor;

/// <summary>One tunnel: what runs, what its provider's file says, and what is seen of it. Who set it up makes no difference to those who look at it.</summary>
internal sealed record TunnelView
{
    public required ConnectionView Connection { get; init; }

    /// <summary>Its number in the provider's file; without one its place among the tunnels of this host, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>Its name in the IKE daemon, which logs call it by.</summary>
    public required string Name { get; init; }

    public required Ipv4Address RemoteOutside { get; init; }

    /// <summary>This host's outside address, when it must be a given one.</summary>
    public Ipv4Address? LocalOutside { get; init; }

    /// <summary>This host's address in the tunnel; null where there is none or it is not known.</summary>
    public Ipv4Address? LocalInside { get; init; }

    /// <summary>The peer's address in the tunnel; null where there is none or it is not known.</summary>
    public Ipv4Address? RemoteInside { get; init; }

    /// <summary>The IKE version in service, 1 or 2.</summary>
    public required int Version { get; init; }

    /// <summary>The proposals of phase 1 in service, in strongSwan's notation; empty for the daemon's defaults.</summary>
    public required IReadOnlyList<string> Proposals { get; init; }

    /// <summary>Keys that must not be shown.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>Whether a BGP session belongs into it.</summary>
    public bool HasSession { get; init; }

    /// <summary>The session's name in BIRD; null where only the neighbour's address tells it.</summary>
    public string? SessionName { get; init; }

    /// <summary>The tunnel of the provider's file; null when none is known.</summary>
    public Tunnel? Agreed { get; init; }

    /// <summary>What a person wrote, when this product did not set it up.</summary>
    public DeviceConnection? Written { get; init; }

    public DaemonView? Daemon { get; init; }

    public IkeSaStatus? Ike { get; init; }

    public ChildSaStatus? Child { get; init; }

    /// <summary>The tunnel's interface; null without one.</summary>
    public string? Device { get; init; }

    /// <summary>Bytes of the interface's MTU.</summary>
    public int? Mtu { get; init; }

    /// <summary>What the agent says; null without an agent.</summary>
    public TunnelStatus? Status { get; init; }

    /// <summary>How checks and progress call it.</summary>
    public string Title => Written is null ? $"tunnel {Number}" : $"tunnel {Number} ('{Name}')";

    /// <summary>Whether an SA pair is installed.</summary>
    public bool HasPair => Child is not null;

    /// <summary>The IKE version that was agreed; without a provider's file the one in service.</summary>
    public int AgreedVersion => (int?)Agreed?.Ike.Version ?? Version;

    /// <summary>The proposals that were agreed; without a provider's file those in service.</summary>
    public IReadOnlyList<string> AgreedProposals => Agreed is { } agreed ? [agreed.Ike.Proposal.ToString()] : Proposals;

    /// <summary>Where the proposals come from, in a word.</summary>
    public string ProposalOrigin => Agreed is null && Written is not null ? "configured" : "agreed";
}
