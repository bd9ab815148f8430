namespace Tunnelwright.Formats;

/// <summary>BIND 9 (named.conf(5)).</summary>
internal sealed class BindNames : INameWriter
{
    public string Name => "bind";

    public string Description => "BIND 9: forward zones, to be included in named.conf";

    public string Write(ForwardedNames names) => NameWriters.Lines(
    [
        "// To be included in named.conf, such as /etc/bind/named.conf.local. The servers have to answer chains of CNAMEs flattened: named looks for the end of any other itself.",
        "// Where named validates (dnssec-validation), its options need:",
        $"//   validate-except {{ {string.Concat(names.Domains.Select(domain => $"\"{domain}\"; "))}}};",
        .. names.Domains.SelectMany(domain => (string[])
        [
            $"zone \"{domain}\" {{",
            "    type forward;",
            "    forward only;",
            $"    forwarders {{ {string.Concat(names.Servers.Select(server => server.Port == NameWriters.DnsPort ? $"{server.Address}; " : $"{server.Address} port {server.Port}; "))}}};",
            "};",
        ]),
    ]);
}
