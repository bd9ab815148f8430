namespace Tunnelwright.Formats;

/// <summary>PowerDNS Recursor 4 (doc.powerdns.com/recursor, "forward-zones-recurse").</summary>
internal sealed class PowerDnsRecursorNames : INameWriter
{
    public string Name => "pdns-recursor";

    public string Description => "PowerDNS Recursor 4: forward zones, a file for recursor.d";

    public string Write(ForwardedNames names) => NameWriters.Lines(
    [
        "# A file for /etc/powerdns/recursor.d. The servers have to answer chains of CNAMEs flattened: the Recursor looks for the end of any other itself.",
        "# Where it validates (dnssec=validate), its Lua configuration needs:",
        .. names.Domains.Select(domain => $"#   addNTA(\"{domain}\")"),
        "# Where recursor.conf sets forward-zones-recurse already, write += for =.",
        $"forward-zones-recurse={string.Join(", ", names.Domains.Select(domain => $"{domain}={string.Join(';', names.Servers.Select(server => server.Port == NameWriters.DnsPort ? $"{server.Address}" : $"{server}"))}"))}",
    ]);
}
