namespace Tunnelwright.Formats;

/// <summary>Windows DNS Server: PowerShell (Add-DnsServerConditionalForwarderZone). It knows no port but 53.</summary>
internal sealed class WindowsNames : INameWriter
{
    public string Name => "windows";

    public string Description => "Windows DNS Server: conditional forwarders, a PowerShell script";

    public string Write(ForwardedNames names)
    {
        if (names.Servers.FirstOrDefault(server => server.Port != NameWriters.DnsPort) is { Port: > 0 } other)
            throw new NotSupportedException($"Windows DNS Server asks conditional forwarders at port {NameWriters.DnsPort} only, and {other} is at another one");
        return NameWriters.Lines(
        [
            "# Run as an administrator on the DNS server. On a domain controller add -ReplicationScope Forest to each New line, and once is enough for all of them.",
            "$ErrorActionPreference = 'Stop'",
            $"$servers = {string.Join(", ", names.Servers.Select(server => $"'{server.Address}'"))}",
            $"foreach ($domain in {string.Join(", ", names.Domains.Select(domain => $"'{domain}'"))}) {{",
            "    if (Get-DnsServerZone -Name $domain -ErrorAction SilentlyContinue) {",
            "        Set-DnsServerConditionalForwarderZone -Name $domain -MasterServers $servers",
            "    } else {",
            "        Add-DnsServerConditionalForwarderZone -Name $domain -MasterServers $servers",
            "    }",
            "}",
            "Clear-DnsServerCache -Force",
        ]);
    }
}
