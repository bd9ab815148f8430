namespace Tunnelwright.Cloud.Contract;

/// <summary>POST of a customer's connections: the request form. Texts come as they were typed; the service says everything that is wrong with them at once.</summary>
/// <param name="Purpose">Free text, at most 500 characters.</param>
/// <param name="ContactEmail">Who is told.</param>
/// <param name="GatewayAddress">The customer gateway's public IPv4 address; behind NAT the NAT's.</param>
/// <param name="Routing">Static or BGP; static when missing.</param>
/// <param name="CustomerAsn">AS number, with BGP.</param>
/// <param name="Ranges">Internal network ranges.</param>
/// <param name="Device">A device of GET /v1/devices; generic when null.</param>
/// <param name="Ike">Phase 1; the defaults when null.</param>
/// <param name="Ipsec">Phase 2; the defaults when null.</param>
public sealed record ConnectionRequest(
    string? Purpose = null,
    string? ContactEmail = null,
    string? GatewayAddress = null,
    RoutingKind Routing = RoutingKind.Static,
    long? CustomerAsn = null,
    IReadOnlyList<string>? Ranges = null,
    string? Device = null,
    IkeParameters? Ike = null,
    IpsecParameters? Ipsec = null);

/// <summary>PATCH of a connection: members that are null stay as they are. Ranges change without a tunnel going down.</summary>
/// <param name="Purpose">Free text.</param>
/// <param name="ContactEmail">Who is told.</param>
/// <param name="Ranges">The whole new list.</param>
/// <param name="Device">A device of GET /v1/devices.</param>
public sealed record ConnectionChange(string? Purpose = null, string? ContactEmail = null, IReadOnlyList<string>? Ranges = null, string? Device = null);

/// <summary>A device that files are written for.</summary>
/// <param name="Id">What the request and the download take.</param>
/// <param name="Name">The name for people.</param>
public sealed record Device(string Id, string Name);

/// <summary>The devices.</summary>
/// <param name="Items">In the order of the form.</param>
public sealed record DeviceList(IReadOnlyList<Device> Items);
