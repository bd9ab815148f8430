using System.Net;
using Tunnelwright.Diagnosis;
using Tunnelwright.Formats;
using Tunnelwright.Gateway;
using Tunnelwright.Model;

namespace Tunnelwright.Doctor;

/// <summary>A connection that the host is to have, as its provider's file says.</summary>
/// <param name="File">The file.</param>
/// <param name="Read">What was read from it.</param>
/// <param name="Desired">What the gateway has to realise; null when something is missing that neither the file nor the options say.</param>
public sealed record DoctorConnection(string File, ReadResult Read, DesiredConnection? Desired);

/// <summary>What is to be looked at, and how deep.</summary>
public sealed record DoctorRequest
{
    /// <summary>The gateway's name on this host.</summary>
    public required string Gateway { get; init; }

    /// <summary>The connections that the host is to have; none on a host that was set up by hand.</summary>
    public required IReadOnlyList<DoctorConnection> Connections { get; init; }

    /// <summary>Provider's files that were given for this run: what is in service is compared with them, also on a host that was set up by hand.</summary>
    public IReadOnlyList<DoctorConnection> Files { get; init; } = [];

    /// <summary>Only this connection; null for all.</summary>
    public string? Only { get; init; }

    /// <summary>What the provider requires and offers.</summary>
    public required RequirementProfile Profile { get; init; }

    /// <summary>Whether to look deeper: the path's MTU and its hops.</summary>
    public bool Deep { get; init; }

    /// <summary>Ports behind the tunnel that have to take TCP connections.</summary>
    public IReadOnlyList<IPEndPoint> Ports { get; init; } = [];

    /// <summary>DNS servers to ask for names besides those that this host knows.</summary>
    public IReadOnlyList<IPAddress> DnsServers { get; init; } = [];

    /// <summary>Names that have to have private addresses here.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Called with each check as it is done; from several threads, one at a time.</summary>
    public Action<Check>? Progress { get; init; }
}
