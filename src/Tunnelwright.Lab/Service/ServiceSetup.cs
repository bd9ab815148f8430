using System.Globalization;
using System.Net.Sockets;
using Tunnelwright.Cloud.Client;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Linux;

namespace Tunnelwright.Lab;

/// <summary>Starts the provider's service and its nodes, and puts in what a provider puts in: addresses, a customer with its cloud network, a token for it.</summary>
internal sealed class ServiceSetup(LabOptions options, LabFolder folder, Func<string, LabHost> host)
{
    /// <summary>Where the control plane keeps its state on its host.</summary>
    public const string StateFolder = "/run/tunnelwright-cloud";

    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan LookPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Stands everything up: nodes that the service knows as ready, and a customer that can ask for a connection.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var control = StartControlAsync(cancellationToken);
        await Task.WhenAll([InternetAsync(cancellationToken), control, .. ServiceCustomer.All(options).Select(customer => SegmentAsync(customer, cancellationToken))]);
        using var service = Client();
        service.Token = await AdministratorAsync(service, await control, cancellationToken);
        await Task.WhenAll(AddressesAsync(service, cancellationToken), CustomersAsync(service, cancellationToken));
        await Task.WhenAll(ServiceAddresses.Nodes.Select(node => StartNodeAsync(service, node, cancellationToken)));
        await UntilAsync(
            async () => (await service.GetAsync(Paths.Nodes, CloudJson.Default.PageNode, cancellationToken: cancellationToken))!.Items.Count(node => node.State == NodeState.Ready) == ServiceAddresses.Nodes.Count,
            $"the nodes did not register; see {folder.Path}/log",
            cancellationToken);
    }

    /// <summary>Starts the control plane; also after it was ended.</summary>
    public Task<ServiceProcess> StartControlAsync(CancellationToken cancellationToken)
    {
        // PostgreSQL runs as a user of its own, who has to get to its folder in this one.
        Directory.CreateDirectory(host("cloud-control").Root + StateFolder, Owner | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        return host("cloud-control").StartServiceAsync(
            "service",
            [
                .. ServiceProgram.Command(), "serve", "--listen", $"http://0.0.0.0:{ServiceAddresses.ControlPort}", "--state-folder", StateFolder, "--lab",
                "--heartbeat-seconds", "2", "--silent-after-seconds", "8", "--drain-seconds", "3",
            ],
            folder.Log("cloud-control", "service"),
            cancellationToken);
    }

    /// <summary>Starts a node's agent; also after it was ended.</summary>
    public Task StartNodeAsync(ServiceNode node, CancellationToken cancellationToken) => host(node.Host).StartServiceAsync(
        "node",
        [
            LabEnvironment.Program, "node", "run", "--cloud", ServiceAddresses.ForNodes, "--token", TokenFile(node), "--name", node.Host, "--fabric", "fabric",
            "--cloud-router", $"{ServiceAddresses.RouterFabric.Address}", "--cloud-router-asn", $"{LabAddresses.RouterAsn}", "--edge-asn", $"{ServiceAddresses.EdgeAsn}",
            "--asn", $"{LabAddresses.CloudAsn}", "--data-plane", options.DataPlane.ToString().ToLowerInvariant(),
        ],
        folder.Log(node.Host, "node"),
        cancellationToken);

    private async Task StartNodeAsync(ServiceClient service, ServiceNode node, CancellationToken cancellationToken)
    {
        var token = await service.SendAsync(
            HttpMethod.Post, Paths.RegistrationTokens, new NewRegistrationToken(node.FailureDomain), CloudJson.Default.NewRegistrationToken, CloudJson.Default.RegistrationToken, cancellationToken: cancellationToken);
        AtomicFile.Write(TokenFile(node), token.Secret + "\n");
        await StartNodeAsync(node, cancellationToken);
    }

    private string TokenFile(ServiceNode node) => $"{folder.Path}/{node.Host}.token";

    /// <summary>A client whose connections begin at the control plane's own host. It has no token yet.</summary>
    public ServiceClient Client()
    {
        var space = new NetworkNamespace(host("cloud-control").Namespace);
        return new ServiceClient(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ServiceAddresses.ControlPort}")), async (endPoint, stop) =>
        {
            var socket = await space.RunInsideAsync(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
            try
            {
                await socket.ConnectAsync(endPoint.Host, endPoint.Port, stop);
                return socket;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        });
    }

    private async Task<string> AdministratorAsync(ServiceClient service, ServiceProcess control, CancellationToken cancellationToken)
    {
        var file = $"{host("cloud-control").Root}{StateFolder}/administrator-token";
        await UntilAsync(
            async () =>
            {
                if (!control.IsAlive) throw new LabException($"the service ended: {File.ReadLines(folder.Log("cloud-control", "service")).LastOrDefault(line => line.StartsWith("error: ", StringComparison.Ordinal))}");
                if (!File.Exists(file)) return false;
                try
                {
                    service.Token = (await File.ReadAllTextAsync(file, cancellationToken)).Trim();
                    return await service.GetAsync(Paths.Session, CloudJson.Default.Session, cancellationToken: cancellationToken) is not null;
                }
                catch (ServiceException silence) when (silence.Status is null)
                {
                    return false;
                }
            },
            $"the service did not come up; see {folder.Log("cloud-control", "service")}",
            cancellationToken);
        return service.Token!;
    }

    private static async Task AddressesAsync(ServiceClient service, CancellationToken cancellationToken) => await service.SendAsync(
        HttpMethod.Post, Paths.AddressPools, new NewAddressPool($"{ServiceAddresses.Pool}"), CloudJson.Default.NewAddressPool, CloudJson.Default.AddressPool, cancellationToken: cancellationToken);

    /// <summary>One after the other: the service numbers them, and the number is that of the cloud network's segment.</summary>
    private async Task CustomersAsync(ServiceClient service, CancellationToken cancellationToken)
    {
        foreach (var customer in ServiceCustomer.All(options)) await CustomerAsync(service, customer, cancellationToken);
    }

    private async Task CustomerAsync(ServiceClient service, ServiceCustomer named, CancellationToken cancellationToken)
    {
        var wanted = new NewCustomer(
            named.Name,
            $"{LabAddresses.Cloud}",
            LabAddresses.CloudAsn.Value,
            new Cloud.Contract.CloudServices(["10.8.2.2", "10.8.2.3"], "10.8.2.10", [new DatabaseService("10.8.2.30", 5432, "postgresql", ReadOnly: false)], [$"{LabAddresses.EndpointInCloud(1)}", $"{LabAddresses.EndpointInCloud(2)}"]),
            new EditionFlags(options.HttpsOnly),
            Dns: new DnsForwarding([], [new DnsForward(LabNames.CustomerDomain, [new DnsServer($"{LabAddresses.CustomerDns}")])]));
        var customer = await service.SendAsync(HttpMethod.Post, Paths.Customers, wanted, CloudJson.Default.NewCustomer, CloudJson.Default.Customer, cancellationToken: cancellationToken);
        var token = await service.SendAsync(
            HttpMethod.Post, Paths.Tokens(customer.Id), new NewApiToken("lab", Role.Operator), CloudJson.Default.NewApiToken, CloudJson.Default.IssuedToken, cancellationToken: cancellationToken);
        AtomicFile.Write(folder.CustomerToken(named.Number), token.Secret + "\n");
    }

    /// <summary>The internet's router learns from the nodes where the outside addresses are.</summary>
    private async Task InternetAsync(CancellationToken cancellationToken)
    {
        var internet = host("internet");
        var neighbors = string.Join('\n', ServiceAddresses.Nodes.Select(node => $"protocol bgp node{node.Number} from node {{ neighbor {node.Uplink.Address} as {LabAddresses.CloudAsn}; }}"));
        await File.WriteAllTextAsync(
            $"{internet.Root}/run/bird.conf",
            $$"""
            log "/run/bird.log" all;
            router id 203.0.113.1;
            protocol device { scan time 10; }
            protocol kernel { scan time 10; ipv4 { import none; export where source = RTS_BGP; }; }
            protocol bfd {
              accept direct ipv4;
              interface "node-*" { min rx interval 300 ms; min tx interval 300 ms; idle tx interval 1 s; multiplier 5; };
            }
            template bgp node {
              local as {{ServiceAddresses.EdgeAsn}};
              direct;
              bfd on;
              hold time 30;
              connect delay time 1;
              connect retry time 2;
              error wait time 1, 5;
              ipv4 { import where net ~ [ {{ServiceAddresses.Pool}}{32,32} ]; export none; };
            }
            {{neighbors}}

            """,
            cancellationToken);
        await internet.StartServiceAsync("bird", ["bird", "-f", "-c", "/run/bird.conf", "-s", "/run/bird.ctl", "-P", "/run/bird.pid"], folder.Log("internet", "bird"), cancellationToken);
    }

    /// <summary>A customer's cloud network in its segment of the fabric: the router's end, which floods to every node.</summary>
    private async Task SegmentAsync(ServiceCustomer customer, CancellationToken cancellationToken)
    {
        var (fabric, router) = (new NetworkNamespace(host("cloud-fabric").Namespace), new NetworkNamespace(host(customer.Router).Namespace));
        var device = customer.Segment;
        await new IpTool(fabric).BatchAsync(
            [["link", "add", "name", device, "netns", router.Name!, "type", "vxlan", "id", $"{customer.Number}", "local", $"{ServiceAddresses.RouterFabric.Address}", "dstport", "4789", "dev", "fabric"]],
            cancellationToken);
        await new IpTool(router).BatchAsync([["address", "add", $"{ServiceAddresses.RouterFabric}", "dev", device], ["link", "set", "dev", device, "up"]], cancellationToken);
        foreach (var node in ServiceAddresses.Nodes)
            await router.RunCommandAsync("bridge", ["fdb", "append", "00:00:00:00:00:00", "dev", device, "dst", $"{node.Fabric.Address}"], cancellationToken: cancellationToken);
    }

    private static async Task UntilAsync(Func<Task<bool>> ready, string otherwise, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await ready())
        {
            if (TimeProvider.System.GetElapsedTime(began) > Patience) throw new LabException(otherwise);
            await Task.Delay(LookPause, cancellationToken);
        }
    }
}
