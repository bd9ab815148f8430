namespace Tunnelwright.Formats;

/// <summary>Unbound (unbound.conf(5)).</summary>
internal sealed class UnboundNames : INameWriter
{
    public string Name => "unbound";

    public string Description => "Unbound: forward zones, a file for unbound.conf.d";

    public string Write(ForwardedNames names) => NameWriters.Lines(
    [
        "# A file for /etc/unbound/unbound.conf.d. The servers have to answer chains of CNAMEs flattened: Unbound looks for the end of any other itself.",
        "server:",
        .. names.Servers.Any(server => server.Address.ToString().StartsWith("127.", StringComparison.Ordinal)) ? (string[])["    do-not-query-localhost: no"] : [],
        .. names.Domains.SelectMany(domain => (string[])[$"    domain-insecure: \"{domain}\"", $"    private-domain: \"{domain}\""]),
        .. names.Domains.SelectMany(domain => (string[])
        [
            "forward-zone:",
            $"    name: \"{domain}.\"",
            .. names.Servers.Select(server => server.Port == NameWriters.DnsPort ? $"    forward-addr: {server.Address}" : $"    forward-addr: {server.Address}@{server.Port}"),
            "    forward-first: no",
        ]),
    ]);
}
