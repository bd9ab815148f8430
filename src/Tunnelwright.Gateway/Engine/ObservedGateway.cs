using Tunnelwright.Linux;
using Tunnelwright.Model;
using Tunnelwright.Vici;

namespace Tunnelwright.Gateway;

/// <summary>What was seen on the host in one look. Planning compares it with the desired state and needs nothing else.</summary>
internal sealed record ObservedGateway
{
    /// <summary>When the look began, on the clock that only goes forward: of two looks the later one counts, whichever ended first.</summary>
    public long Taken { get; init; }

    /// <summary>The data plane that the host can offer and that was asked for.</summary>
    public required DataPlane Plane { get; init; }

    /// <summary>Why the kernel plane, which was asked for, cannot be had; null when it can.</summary>
    public string? KernelRefusal { get; init; }

    /// <summary>Whether the kernel forwards IPv4 packets.</summary>
    public required bool Forwarding { get; init; }

    public required IReadOnlyList<ObservedCharon> Charons { get; init; }

    public required IReadOnlyList<Link> Links { get; init; }

    public required IReadOnlyList<Tunnelwright.Linux.InterfaceAddress> Addresses { get; init; }

    /// <summary>Every route of the main table.</summary>
    public required IReadOnlyList<Route> Routes { get; init; }

    /// <summary>The comment of our filter table; null without a table.</summary>
    public required string? FilterFingerprint { get; init; }

    /// <summary>rp_filter of interfaces that carry tunnels.</summary>
    public required IReadOnlyDictionary<string, string> ReversePathFilters { get; init; }

    public required ObservedBird? Bird { get; init; }

    /// <summary>Our DNS forwarder; null when none runs.</summary>
    public ObservedDns? Dns { get; init; }

    /// <summary>Which address packets to a peer start from: null when there is no route.</summary>
    public required IReadOnlyDictionary<Ipv4Address, Ipv4Address?> SourceOf { get; init; }

    /// <summary>Programs other than ours that hold a UDP port that we need.</summary>
    public IReadOnlyList<PortHolder> PortHolders { get; init; } = [];

    /// <summary>The host's own address in a connection's local ranges: what it talks to the other side from, because inside addresses are not registered there.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="except">Addresses that are for something else; null for none.</param>
    public Ipv4Address? HostSource(DesiredConnection connection, ValueList<Ipv4Address>? except = null)
    {
        foreach (var address in Addresses)
        {
            if (Ipv4Address.TryParse(address.Address, out var candidate) && except?.Contains(candidate) != true && connection.LocalRanges.Any(range => range.Contains(candidate))) return candidate;
        }

        return null;
    }
}

/// <summary>One of our charon processes.</summary>
internal sealed record ObservedCharon
{
    public required CharonInstance Instance { get; init; }

    public required ServiceProcess Process { get; init; }

    /// <summary>The tunnel it carries ("vpn-…-1"); null when it carries all (kernel plane).</summary>
    public required string? Carries { get; init; }

    /// <summary>Whether it answered on its VICI socket.</summary>
    public required bool Answers { get; init; }

    /// <summary>Whether it has not answered for so long that it is given up.</summary>
    public bool Hangs { get; init; }

    /// <summary>The TUN device of kernel-libipsec; null in the kernel plane.</summary>
    public string? TunDevice { get; init; }

    public IReadOnlyList<string> KeyNames { get; init; } = [];

    public IReadOnlyList<string> ConnectionNames { get; init; } = [];

    public IReadOnlyList<IkeSaStatus> Sas { get; init; } = [];
}

/// <summary>Our BIRD process.</summary>
internal sealed record ObservedBird
{
    public required ServiceProcess Process { get; init; }

    /// <summary>The configuration that it runs on; null when the file is gone.</summary>
    public required string? Configuration { get; init; }

    /// <summary>Static protocols that are enabled.</summary>
    public IReadOnlySet<string> EnabledStatics { get; init; } = new HashSet<string>();

    /// <summary>Sessions; null when it does not answer.</summary>
    public required IReadOnlyList<BirdProtocol>? Sessions { get; init; }
}

/// <summary>A process that holds a port.</summary>
internal sealed record PortHolder(int Port, int? Pid, string? Program)
{
    public override string ToString() => Program is { } program ? $"{Path.GetFileName(program)}{(Pid is { } pid ? $" (process {pid})" : "")}" : "another program";
}
