namespace Tunnelwright.Cli.Commands;

/// <summary>dns: the forwarder by itself, and a look-up that shows the whole chain.</summary>
internal static class DnsCommand
{
    public static Command Create() => new("dns", "Names through the tunnel: a forwarder, and a look-up that shows the whole chain.") { DnsServeCommand.Create(), DnsLookupCommand.Create() };
}
