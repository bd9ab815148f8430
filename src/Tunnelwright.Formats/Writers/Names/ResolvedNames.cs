namespace Tunnelwright.Formats;

/// <summary>systemd-resolved (resolved.conf(5)).</summary>
internal sealed class ResolvedNames : INameWriter
{
    public string Name => "systemd-resolved";

    public string Description => "systemd-resolved: routing domains, a file for resolved.conf.d";

    public string Write(ForwardedNames names) => NameWriters.Lines(
    [
        "# A file for /etc/systemd/resolved.conf.d. Names under these domains go to these servers alone; other names go to the links' servers and to these as well,",
        "# which should refuse them or know an upstream for them.",
        "[Resolve]",
        $"DNS={string.Join(' ', names.Servers.Select(server => server.Port == NameWriters.DnsPort ? $"{server.Address}" : $"{server}"))}",
        $"Domains={string.Join(' ', names.Domains.Select(domain => $"~{domain}"))}",
    ]);
}
