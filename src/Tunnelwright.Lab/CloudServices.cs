using Tunnelwright.Linux;

namespace Tunnelwright.Lab;

/// <summary>The programs that run in the cloud's and the customer's network: DNS (dnsmasq), load balancer (HAProxy), front end (nginx), database (PostgreSQL), the cloud's router (BIRD, nftables).</summary>
internal sealed class CloudServices(LabOptions options, LabFolder folder, Func<string, LabHost> host)
{
    /// <summary>Programs that the lab needs, beside those of a gateway.</summary>
    public static readonly IReadOnlyList<string> Programs = ["dnsmasq", "haproxy", "nginx", "bird", "nft", "nsenter", "unshare"];

    /// <summary>Starts everything.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => Task.WhenAll(
        Task.WhenAll(ServiceCustomer.All(options).Select(customer => RouterAsync(host(customer.Router), cancellationToken))),
        Task.WhenAll(ServiceCustomer.Further(options).Select(customer => DnsAsync(host(customer.Server), folder, CloudRecords(service: true) + customer.Record, cancellationToken))),
        NatAsync(cancellationToken),
        DnsAsync(host("cloud-dns-1"), folder, options.Service ? CloudRecords(service: true) + ServiceCustomer.First.Record : CloudRecords(service: false), cancellationToken),
        DnsAsync(host("cloud-dns-2"), folder, CloudRecords(options.Service), cancellationToken),
        DnsAsync(host("customer-dns"), folder, LabNames.Customer, cancellationToken),
        DnsAsync(host("internet"), folder, LabNames.Public, cancellationToken),
        FrontEndAsync(cancellationToken),
        LoadBalancerAsync(cancellationToken),
        DatabaseAsync(cancellationToken));

    private static string CloudRecords(bool service) => LabNames.Cloud(LabNames.AddressesOf(LabNames.LoadBalancer)[0], LabNames.AddressesOf(LabNames.Database)[0], service);

    /// <summary>Where a DNS server's configuration is, as seen from outside.</summary>
    public static string DnsConfigurationOf(LabHost host) => $"{host.Root}/run/dnsmasq.conf";

    /// <summary>Lets a DNS server answer by other records.</summary>
    public static async Task RestartDnsAsync(LabInstance lab, string name, string records, CancellationToken cancellationToken)
    {
        var target = lab.Host(name);
        await Task.WhenAll(ServiceProcess.FindByMark(LabHost.Mark(lab.Name, $"{name}/dnsmasq")).Select(process => process.StopAsync(TimeSpan.FromSeconds(2), cancellationToken)));
        await DnsAsync(target, new LabFolder(lab.Name), records, cancellationToken);
        var endPoint = new System.Net.IPEndPoint(System.Net.IPAddress.Parse(target.Addresses[0]), 53);
        var started = TimeProvider.System.GetTimestamp();
        while ((await TcpCheck.ConnectAsync(endPoint, new TcpCheckOptions { Namespace = new NetworkNamespace(target.Namespace), Timeout = TimeSpan.FromSeconds(1) }, cancellationToken: cancellationToken)).Outcome != TcpOutcome.Open)
        {
            if (TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromSeconds(20)) throw new LabException($"the DNS server of {name} does not start again");
            await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken);
        }
    }

    /// <summary>
    /// The cloud's router. From customers only DNS and ping to the DNS servers, the load balancer's ports and the database's port pass;
    /// outward everything does. Which endpoint leads to the customer it learns from the endpoints.
    /// </summary>
    private async Task RouterAsync(LabHost router, CancellationToken cancellationToken)
    {
        if (!options.Service) await SecurityGroupsAsync(router, cancellationToken);
        var neighbors = options.Service ? ServiceAddresses.Nodes.Select(node => node.Fabric.Address) : Enumerable.Range(1, 2).Select(number => LabAddresses.EndpointToRouter(number).Address);
        await ConfigureAndStartAsync(
            router,
            "bird",
            "/run/bird.conf",
            $$"""
            log "/run/bird.log" all;
            router id 10.8.2.1;
            protocol device { scan time 10; }
            protocol kernel { scan time 10; ipv4 { import none; export where source = RTS_BGP; }; }
            protocol bfd {
              accept direct ipv4;
              interface "*" { min rx interval 300 ms; min tx interval 300 ms; idle tx interval 1 s; multiplier 5; };
            }
            template bgp endpoint {
              local as {{LabAddresses.RouterAsn}};
              direct;
              bfd on;
              hold time 30;
              connect delay time 1;
              connect retry time 2;
              error wait time 1, 5;
              ipv4 { import all; export none; };
            }
            {{string.Join('\n', neighbors.Select((address, index) => $"protocol bgp endpoint{index + 1} from endpoint {{ neighbor {address} as {LabAddresses.CloudAsn}; }}"))}}

            """,
            ["bird", "-f", "-c", "/run/bird.conf", "-s", "/run/bird.ctl", "-P", "/run/bird.pid"],
            cancellationToken);
    }

    /// <summary>Who may reach what. With the provider's service that is its nodes' work.</summary>
    private Task SecurityGroupsAsync(LabHost router, CancellationToken cancellationToken)
    {
        var ports = options.HttpsOnly ? "443" : "80, 443";
        return new Nftables(new NetworkNamespace(router.Namespace)).ApplyAsync(
            $$"""
            table inet security_groups {
              chain forwarded {
                type filter hook forward priority filter; policy drop;
                ct state established,related accept
                iifname "cloud" accept
                ip saddr {{LabAddresses.Customer}} ip daddr { 10.8.2.2, 10.8.2.3 } icmp type echo-request accept
                ip saddr {{LabAddresses.Customer}} ip daddr { 10.8.2.2, 10.8.2.3 } meta l4proto { tcp, udp } th dport 53 accept
                ip saddr {{LabAddresses.Customer}} ip daddr { 10.8.2.10, 10.8.2.11 } tcp dport { {{ports}} } accept
                ip saddr {{LabAddresses.Customer}} ip daddr { 10.8.2.30, 10.8.2.31 } tcp dport 5432 accept
                ip saddr {{LabAddresses.Customer}} ip daddr { {{LabAddresses.EndpointInCloud(1)}}, {{LabAddresses.EndpointInCloud(2)}} } meta l4proto { tcp, udp } th sport 53 accept
                counter drop comment "not allowed"
              }
            }
            """,
            cancellationToken);
    }

    private Task NatAsync(CancellationToken cancellationToken) => !options.Nat
        ? Task.CompletedTask
        : new Nftables(new NetworkNamespace(host("customer-nat").Namespace)).ApplyAsync(
            """
            table ip nat {
              chain out {
                type nat hook postrouting priority srcnat;
                oifname "outside" masquerade
              }
            }
            """,
            cancellationToken);

    private static async Task DnsAsync(LabHost target, LabFolder folder, string records, CancellationToken cancellationToken)
    {
        var listen = target.Name == "internet" ? $"listen-address={LabAddresses.PublicDns}" : "interface=eth0";
        await File.WriteAllTextAsync(DnsConfigurationOf(target), $"no-daemon\nno-hosts\nno-resolv\nall-servers\nbind-interfaces\n{listen}\nuser=root\ncache-size=0\n{records}\n", cancellationToken);
        await target.StartServiceAsync("dnsmasq", ["dnsmasq", "--conf-file=/run/dnsmasq.conf"], folder.Log(target.Name, "dnsmasq"), cancellationToken);
    }

    private Task FrontEndAsync(CancellationToken cancellationToken) => ConfigureAndStartAsync(
        host("cloud-frontend"),
        "nginx",
        "/run/nginx.conf",
        """
        daemon off; pid /run/nginx.pid; error_log stderr; worker_processes 1;
        events { worker_connections 64; }
        http {
          access_log off; client_body_temp_path /run/body; proxy_temp_path /run/proxy; fastcgi_temp_path /run/fastcgi; uwsgi_temp_path /run/uwsgi; scgi_temp_path /run/scgi;
          server { listen 8080; location / { default_type text/plain; return 200 "front end of the cloud\n"; } }
        }

        """,
        ["nginx", "-c", "/run/nginx.conf"],
        cancellationToken);

    private Task LoadBalancerAsync(CancellationToken cancellationToken)
    {
        var binds = options.HttpsOnly ? "  bind 10.8.2.10:443,10.8.2.11:443" : "  bind 10.8.2.10:80,10.8.2.11:80\n  bind 10.8.2.10:443,10.8.2.11:443";
        return ConfigureAndStartAsync(
            host("cloud-lb"),
            "haproxy",
            "/run/haproxy.cfg",
            $"""
            global
              maxconn 256
            defaults
              mode tcp
              timeout connect 3s
              timeout client 30s
              timeout server 30s
            frontend web
            {binds}
              default_backend frontends
            backend frontends
              server frontend 10.8.2.20:8080

            """,
            ["haproxy", "-db", "-f", "/run/haproxy.cfg"],
            cancellationToken);
    }

    private async Task DatabaseAsync(CancellationToken cancellationToken)
    {
        var database = host("cloud-db");
        var programs = Directory.Exists("/usr/lib/postgresql") ? Directory.EnumerateDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).LastOrDefault() : null;
        if (programs is null || !File.Exists($"{programs}/bin/initdb")) throw new LabException("PostgreSQL is missing: apt-get install --no-install-recommends postgresql-15");
        const string script = """
            set -e
            mkdir -p /run/postgresql
            chown postgres /run/postgresql
            runuser -u postgres -- "$1/bin/initdb" --no-sync --auth=trust --pgdata /run/postgresql/data >/dev/null
            printf 'host all all 0.0.0.0/0 trust\n' >> /run/postgresql/data/pg_hba.conf
            exec runuser -u postgres -- "$1/bin/postgres" -D /run/postgresql/data -c listen_addresses=10.8.2.30,10.8.2.31 -c unix_socket_directories=/run/postgresql -c fsync=off -c shared_buffers=16MB
            """;
        await database.StartServiceAsync("postgres", ["sh", "-c", script, "sh", programs], folder.Log(database.Name, "postgres"), cancellationToken);
    }

    private async Task ConfigureAndStartAsync(LabHost target, string service, string path, string configuration, IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(target.Root + path, configuration, cancellationToken);
        await target.StartServiceAsync(service, command, folder.Log(target.Name, service), cancellationToken);
    }
}
