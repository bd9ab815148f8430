using Tunnelwright.Linux;

namespace Tunnelwright.Lab.Faults;

/// <summary>Another program, or another configuration, in the place of the customer's DNS server.</summary>
internal abstract class CustomerDnsFault(string name, string cause, string breaks) : WholeFault(name, cause, breaks)
{
    protected const string NoForwarder = "dns-no-forwarder";
    protected const string CnameEscapes = "dns-cname-escapes";
    private const string Host = "customer-dns";
    private static readonly string[] Replacements = [NoForwarder, CnameEscapes];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Lets a program answer instead until the fault is healed.</summary>
    protected async Task ReplaceAsync(FaultSite site, string file, string configuration, IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        ProgramFinder.Find(command[0]);
        site.AtHealing(Host, ["rm", "-f", file]);
        await File.WriteAllTextAsync($"{site.Host(Host).Root}{file}", configuration, cancellationToken);

        // What another of these faults put there goes for good; the customer's own server comes back.
        foreach (var other in Replacements) await site.EndAsync(Host, other, cancellationToken);
        await site.KillServicesAsync(Host, ["dnsmasq"], cancellationToken);
        await site.StartAsync(Host, Name, command, cancellationToken);
        var started = TimeProvider.System.GetTimestamp();
        var endPoint = new System.Net.IPEndPoint(LabAddresses.CustomerDns.ToIPAddress(), 53);
        while ((await TcpCheck.ConnectAsync(endPoint, new TcpCheckOptions { Namespace = new NetworkNamespace(site.Host(Host).Namespace), Timeout = TimeSpan.FromSeconds(1) }, cancellationToken: cancellationToken)).Outcome != TcpOutcome.Open)
        {
            if (TimeProvider.System.GetElapsedTime(started) > Patience) throw new LabException($"{Name}: {command[0]} does not start on {Host}");
            await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken);
        }
    }
}

/// <summary>The customer's DNS server asks the internet for everything.</summary>
internal sealed class DnsNoForwarder() : CustomerDnsFault(NoForwarder, NoForwarder, "the customer's DNS server has no conditional forwarder: the cloud's names get public addresses")
{
    protected override Task InjectAsync(FaultSite site, CancellationToken cancellationToken) => ReplaceAsync(
        site,
        "/run/no-forwarder.conf",
        $"no-daemon\nno-hosts\nno-resolv\nbind-interfaces\ninterface=eth0\nuser=root\ncache-size=0\n{LabNames.OwnOfCustomer}\nserver={LabAddresses.PublicDns}\n",
        ["dnsmasq", "--conf-file=/run/no-forwarder.conf"],
        cancellationToken);
}

/// <summary>Unbound believes a forward zone's servers only what is under the zone's name, and looks for the rest of a chain itself.</summary>
internal sealed class DnsCnameEscapes() : CustomerDnsFault(CnameEscapes, CnameEscapes, "the customer's DNS server follows the database's alias by itself, out on the internet")
{
    protected override Task InjectAsync(FaultSite site, CancellationToken cancellationToken) => ReplaceAsync(
        site,
        "/run/escapes.conf",
        $"""
        server:
          directory: "/run"
          chroot: ""
          username: ""
          pidfile: ""
          use-syslog: no
          do-daemonize: no
          interface: {LabAddresses.CustomerDns}
          access-control: 10.0.0.0/8 allow
          module-config: "iterator"
          msg-cache-size: 0
          rrset-cache-size: 0
          local-zone: "{LabNames.CustomerDomain}." static
          local-data: "customer-host.{LabNames.CustomerDomain}. A 10.1.0.10"
        remote-control:
          control-enable: no
        forward-zone:
          name: "{LabNames.CloudDomain}."
          forward-addr: 10.8.2.2
          forward-addr: 10.8.2.3
        forward-zone:
          name: "{LabNames.DatabaseDomain}."
          forward-addr: 10.8.2.2
          forward-addr: 10.8.2.3
        forward-zone:
          name: "."
          forward-addr: {LabAddresses.PublicDns}

        """,
        ["unbound", "-d", "-c", "/run/escapes.conf"],
        cancellationToken);
}
