namespace Tunnelwright.Formats;

/// <summary>dnsmasq (dnsmasq(8)).</summary>
internal sealed class DnsmasqNames : INameWriter
{
    public string Name => "dnsmasq";

    public string Description => "dnsmasq: servers by domain, a file for dnsmasq.d";

    public string Write(ForwardedNames names) => NameWriters.Lines(
    [
        "# A file for /etc/dnsmasq.d. dnsmasq passes whole answers on. Names under these domains never go to its other servers, so that no question can go in a circle with them.",
        .. names.Domains.SelectMany(domain => (string[])
        [
            .. names.Servers.Select(server => server.Port == NameWriters.DnsPort ? $"server=/{domain}/{server.Address}" : $"server=/{domain}/{server.Address}#{server.Port}"),
            $"rebind-domain-ok=/{domain}/",
        ]),
    ]);
}
