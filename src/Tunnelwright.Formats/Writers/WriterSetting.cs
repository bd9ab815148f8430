namespace Tunnelwright.Formats;

/// <summary>A setting that a target takes, given as name=value.</summary>
/// <param name="Name">The name, such as local-range.</param>
/// <param name="Example">A value, such as 10.1.0.0/16.</param>
/// <param name="Description">What it says, in a few words.</param>
public sealed record WriterSetting(string Name, string Example, string Description)
{
    internal static readonly WriterSetting CustomerAddress = new("customer-address", "98.80.93.58", "the customer gateway's public address, where the file has a placeholder or another one counts");
    internal static readonly WriterSetting CustomerAsn = new("customer-asn", "65000", "the customer's AS number, where the file has a placeholder or another one counts");
    internal static readonly WriterSetting LocalAddress = new("local-address", "10.0.0.5", "the gateway's own private address, when a NAT stands before it");
    internal static readonly WriterSetting LocalRange = new("local-range", "10.1.0.0/16,10.2.0.0/16", "the customer's ranges; may be given again");
    internal static readonly WriterSetting CloudRange = new("cloud-range", "10.8.2.0/24", "the cloud's ranges; may be given again");
    internal static readonly WriterSetting OutsideInterface = new("outside-interface", "eth0", "the interface that faces the internet");
    internal static readonly WriterSetting DeviceInterface = new("outside-interface", "GigabitEthernet1", "the interface that faces the internet, in the device's own spelling");
    internal static readonly WriterSetting TunnelInterface = new("tunnel-interface", "vpn1,vpn2", "the names of the tunnels' interfaces");
    internal static readonly WriterSetting InterfaceId = new("interface-id", "100", "number that the tunnels' interface ids or marks are counted from");
    internal static readonly WriterSetting Prefer = new("prefer", "1", "the tunnel that carries the traffic while it is up: 1, 2 or none");
    internal static readonly WriterSetting Profile = new("profile", "outsystems", "the provider's requirement profile, for timers");

    /// <summary>What every device target takes; each uses those that it needs.</summary>
    internal static IReadOnlyList<WriterSetting> Device { get; } =
        [LocalRange, CloudRange, CustomerAddress, CustomerAsn, LocalAddress, DeviceInterface, InterfaceId, Prefer, Profile];

    /// <summary>What every gateway target takes, so that one set of settings serves all of them; each uses those that it needs.</summary>
    internal static IReadOnlyList<WriterSetting> Gateway { get; } =
        [LocalRange, CloudRange, CustomerAddress, CustomerAsn, LocalAddress, OutsideInterface, TunnelInterface, InterfaceId, Prefer, Profile];
}
