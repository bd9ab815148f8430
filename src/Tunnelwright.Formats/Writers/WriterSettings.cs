using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>What a device's configuration needs and the provider's file does not say.</summary>
public sealed record WriterSettings
{
    /// <summary>Nothing said: every value from the file or by default.</summary>
    public static WriterSettings Default { get; } = new();

    /// <summary>The customer's ranges; those of the connection when empty.</summary>
    public ValueList<Cidr> LocalRanges { get; init; }

    /// <summary>The cloud's ranges; those of the connection when empty.</summary>
    public ValueList<Cidr> CloudRanges { get; init; }

    /// <summary>The customer gateway's public address; the file's when null.</summary>
    public Ipv4Address? CustomerAddress { get; init; }

    /// <summary>The customer's AS number; the file's when null.</summary>
    public Asn? CustomerAsn { get; init; }

    /// <summary>The gateway's own address when a NAT stands before it; null without NAT.</summary>
    public Ipv4Address? LocalAddress { get; init; }

    /// <summary>The interface that faces the internet; null when it need not be named.</summary>
    public string? OutsideInterface { get; init; }

    /// <summary>Names of the tunnels' interfaces in order; vpn1, vpn2 when empty.</summary>
    public ValueList<string> TunnelInterfaces { get; init; }

    /// <summary>Number that XFRM interface ids and marks are counted from, 1 to 65,000: tunnel 1 has the next one.</summary>
    public int InterfaceId { get; init; } = 100;

    /// <summary>The number of the tunnel that carries the traffic while it is up; null when both may.</summary>
    public int? Prefer { get; init; }

    /// <summary>What the provider allows: timers and windows are taken from it.</summary>
    public RequirementProfile Profile { get; init; } = RequirementProfile.Default;

    /// <summary>Parameters of a template that the file does not say, by name.</summary>
    public IReadOnlyDictionary<string, string> TemplateParameters { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether a NAT stands before the gateway.</summary>
    internal bool BehindNat => LocalAddress is not null;

    /// <summary>Reads settings given as name=value.</summary>
    /// <param name="writer">The target: only its settings are known.</param>
    /// <param name="assignments">The settings, such as local-range=10.1.0.0/16.</param>
    /// <exception cref="WriterException">A name is unknown or a value cannot be one; every such setting is named, and unknown names get the list of the known ones.</exception>
    public static WriterSettings Parse(IConfigurationWriter writer, IEnumerable<string> assignments) => WriterSettingsParser.Parse(writer, assignments);

    /// <summary>The connection with the settings' values in the places of the file's.</summary>
    internal VpnConnection Apply(VpnConnection connection) => connection with
    {
        Tunnels = connection.Tunnels.Select(tunnel => tunnel with
        {
            CustomerOutside = CustomerAddress ?? tunnel.CustomerOutside,
            Bgp = tunnel.Bgp is { } bgp ? bgp with { CustomerAsn = CustomerAsn ?? bgp.CustomerAsn } : null,
        }).ToValueList(),
        CustomerRanges = LocalRanges.Count > 0 ? LocalRanges : connection.CustomerRanges,
        CloudRanges = CloudRanges.Count > 0 ? CloudRanges : connection.CloudRanges,
    };

    /// <summary>The name of a tunnel's interface; <paramref name="index"/> counts from 0.</summary>
    internal string InterfaceOf(int index) => index < TunnelInterfaces.Count ? TunnelInterfaces[index] : $"vpn{index + 1}";

    /// <summary>The XFRM interface id or mark of a tunnel; <paramref name="index"/> counts from 0.</summary>
    internal int InterfaceIdOf(int index) => InterfaceId + index + 1;
}
