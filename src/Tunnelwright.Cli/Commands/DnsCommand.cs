namespace Tunnelwright.Cli.Commands;

/// <summary>dns: the forwarder by itself, a look-up that shows the whole chain, and what the forwarder is asked.</summary>
internal static class DnsCommand
{
    public static Command Create() => new("dns", "Names through the tunnel: a forwarder, a look-up that shows the whole chain, what the forwarder is asked, and configuration for other DNS software.")
    {
        DnsServeCommand.Create(),
        DnsLookupCommand.Create(),
        DnsQueriesCommand.Create(),
        DnsExportCommand.Create(),
    };
}
