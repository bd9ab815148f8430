using Tunnelwright.Gateway;
using Tunnelwright.Model;

namespace Tunnelwright.Doctor;

/// <summary>One connection and what is known of the networks at its ends, whoever set it up.</summary>
internal sealed record ConnectionView
{
    /// <summary>The provider's id, or a name of our own for what was set up by hand.</summary>
    public required string Id { get; init; }

    /// <summary>The customer's ranges; empty when they are not known.</summary>
    public required IReadOnlyList<Cidr> LocalRanges { get; init; }

    /// <summary>The cloud's ranges as they are in service; empty when only routes tell them.</summary>
    public required IReadOnlyList<Cidr> RemoteRanges { get; init; }

    public IReadOnlyList<Ipv4Address> CloudDnsServers { get; init; } = [];

    /// <summary>The provider's file; null when none is known.</summary>
    public DoctorConnection? File { get; init; }

    /// <summary>Whether a person set it up without this product.</summary>
    public bool IsHandMade { get; init; }

    /// <summary>Whether this host is to pass packets on: it is not when only addresses of its own are tunnelled.</summary>
    public bool Forwards => LocalRanges.Count == 0 || LocalRanges.Any(range => range.PrefixLength < 32);

    /// <summary>The host's own address in the customer's ranges: what it talks to the other side from, because inside addresses are not registered there.</summary>
    public Ipv4Address? HostSource(ObservedGateway observed)
    {
        foreach (var address in observed.Addresses)
        {
            if (Ipv4Address.TryParse(address.Address, out var candidate) && LocalRanges.Any(range => range.Contains(candidate))) return candidate;
        }

        return null;
    }

    public static ConnectionView Of(DesiredConnection desired, DoctorConnection? file) => new()
    {
        Id = desired.Id,
        LocalRanges = [.. desired.LocalRanges],
        RemoteRanges = [.. desired.RemoteRanges],
        CloudDnsServers = [.. desired.CloudDnsServers],
        File = file,
    };
}
