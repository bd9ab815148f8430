using System.Diagnostics;
using Tunnelwright.Formats;
using Tunnelwright.Gateway;
using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Lab;

/// <summary>A lab that stands: both networks, the internet between them, and the cloud's end of the connection. The customer's gateway is empty.</summary>
public sealed class LabInstance
{
    /// <summary>How long one part of a lab may take to come up; guests and busy machines are slow.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly LabFolder _folder;

    private LabInstance(string name, IReadOnlyList<LabHost> hosts)
    {
        Name = name;
        Hosts = hosts;
        _folder = new LabFolder(name);
    }

    /// <summary>The lab's name.</summary>
    public string Name { get; }

    /// <summary>Its hosts.</summary>
    public IReadOnlyList<LabHost> Hosts { get; }

    /// <summary>The file that the lab's provider hands out, as a path that lab hosts see too. It holds the keys and has mode 0600.</summary>
    public string ProviderFile => _folder.ProviderFile;

    /// <summary>Names of the labs that stand or left something behind.</summary>
    public static IReadOnlyList<string> Names() => LabFolder.Names();

    /// <summary>A host by its name.</summary>
    /// <param name="name">Such as customer-gateway.</param>
    /// <exception cref="LabException">The lab has no such host.</exception>
    public LabHost Host(string name) => Hosts.FirstOrDefault(host => host.Name == name)
        ?? throw new LabException($"lab {Name} has no host '{name}'; hosts: {string.Join(", ", Hosts.Select(host => host.Name))}") { IsWrongCall = true };

    /// <summary>A lab that stands already.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="LabException">It does not stand.</exception>
    public static LabInstance Open(string name)
    {
        CheckName(name);
        var hosts = new LabFolder(name).ReadHosts() ?? throw new LabException($"lab {name} does not stand; tunnelwright lab up makes it") { IsWrongCall = true };
        return new LabInstance(name, hosts);
    }

    /// <summary>Stands a lab up. What an earlier run of the same name left half done is taken away first.</summary>
    /// <param name="options">What it is to be like.</param>
    /// <param name="progress">Takes a line a step; null for none.</param>
    /// <param name="cancellationToken">Ends the work; what stands by then is taken away again.</param>
    /// <exception cref="LabException">It stands already, or something did not start; the message says what.</exception>
    public static async Task<LabInstance> UpAsync(LabOptions options, Action<string>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        CheckName(options.Name);
        foreach (var program in CloudServices.Programs) ProgramFinder.Find(program);
        var folder = new LabFolder(options.Name);
        if (folder.ReadHosts() is { } standing && standing.All(host => ProcessStatistics.TryRead(host.Pid) is not null && File.Exists($"{host.Root}/run/lab-host-ready")))
            throw new LabException($"lab {options.Name} stands already; tunnelwright lab down --name {options.Name} takes it away");
        await DownAsync(options.Name, cancellationToken);
        try
        {
            folder.Create();
            var network = new LabNetwork(options.Name, folder);
            var topology = Topology.Of(options);
            var lab = new LabInstance(options.Name, await network.BuildAsync(topology, cancellationToken));
            progress?.Invoke($"{lab.Hosts.Count} hosts");
            var connection = LabConnection.Create(options);
            AtomicFile.Write(folder.ProviderFile, GenericTextWriter.Write(connection));
            var services = new CloudServices(options, folder, lab.Host).StartAsync(cancellationToken);
            if (options.CloudEndpoints)
            {
                await Task.WhenAll(lab.StartEndpointAsync(connection, 1, options, cancellationToken), lab.StartEndpointAsync(connection, 2, options, cancellationToken));
                progress?.Invoke("cloud endpoints");
            }

            await services;
            await lab.WaitForServicesAsync(cancellationToken);
            await lab.WaitForSwitchesAsync(topology, cancellationToken);
            progress?.Invoke("DNS, load balancer, front end, database");
            return lab;
        }
        catch
        {
            await DownAsync(options.Name, CancellationToken.None);
            throw;
        }
    }

    /// <summary>Takes a lab away, whatever state it is in. A lab that does not stand is fine.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Ends the work; the next call goes on.</param>
    public static async Task DownAsync(string name, CancellationToken cancellationToken = default)
    {
        CheckName(name);
        await LabNetwork.RemoveAsync(name, cancellationToken);
        var folder = new LabFolder(name);
        if (Directory.Exists(folder.Path)) Directory.Delete(folder.Path, recursive: true);
    }

    /// <summary>The status of the agent on a lab host.</summary>
    /// <param name="host">customer-gateway or a cloud endpoint.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The status; null when no agent answers there.</returns>
    public async Task<StatusDocument?> StatusOfAsync(string host, CancellationToken cancellationToken = default)
    {
        using var agent = AgentClient.ForSocket(Host(host).Root + new GatewayPaths("default").ControlSocket);
        return await agent.TryGetStatusAsync(cancellationToken);
    }

    private static void CheckName(string name)
    {
        if (name.Length is 0 or > 16 || name.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-'))
            throw new LabException($"'{name}' is not a lab's name: 1 to 16 lower-case letters, digits and '-'") { IsWrongCall = true };
    }

    private async Task StartEndpointAsync(VpnConnection connection, int number, LabOptions options, CancellationToken cancellationToken)
    {
        var host = Host($"cloud-endpoint-{number}");
        var desired = new DesiredGateway
        {
            Name = "default",
            Connections = [CloudEndpoint.Desire(connection, number, [LabAddresses.Cloud])],
            DataPlane = options.DataPlane,
            Dns = new DesiredDns
            {
                Listen = [new Ipv4EndPoint(LabAddresses.EndpointToRouter(number).Address, DesiredDns.Port)],
                Allow = [LabAddresses.Cloud],
                Rules = [new DesiredDnsRule { Domain = LabNames.CustomerDomain, Servers = [new Ipv4EndPoint(LabAddresses.CustomerDns, DesiredDns.Port)], Connection = connection.Id }],
            },
            Upstream = new UpstreamSession(LabAddresses.EndpointToRouter(number).Address, LabAddresses.CloudAsn, LabAddresses.RouterToEndpoint(number).Address, LabAddresses.RouterAsn, number * 100),
        };
        var file = $"{_folder.Path}/{host.Name}.json";
        AtomicFile.Write(file, DesiredGatewayJson.Write(desired));
        await host.StartServiceAsync("agent", [LabEnvironment.Program, "gateway", "run", "--desired", file], _folder.Log(host.Name, "agent"), cancellationToken);
        await UntilAsync(
            async () => (await StatusOfAsync(host.Name, cancellationToken)) is { Settled: true },
            async () => $"the agent of {host.Name} did not settle: {string.Join("; ", (await StatusOfAsync(host.Name, cancellationToken))?.Problems.Select(problem => problem.Message) ?? [])}; see {_folder.Log(host.Name, "agent")}",
            cancellationToken);
    }

    private async Task WaitForServicesAsync(CancellationToken cancellationToken)
    {
        foreach (var (host, address, port) in new[] { ("cloud-dns-1", 53), ("cloud-dns-2", 53), ("cloud-lb", 443), ("cloud-frontend", 8080), ("cloud-db", 5432), ("customer-dns", 53) }.Select(item => (item.Item1, Address: Host(item.Item1).Addresses[0], item.Item2)).Append(("internet", $"{LabAddresses.PublicDns}", 53)))
        {
            var space = new NetworkNamespace(Host(host).Namespace);
            var endPoint = new System.Net.IPEndPoint(System.Net.IPAddress.Parse(address), port);
            await UntilAsync(
                async () => (await TcpCheck.ConnectAsync(endPoint, new TcpCheckOptions { Namespace = space, Timeout = TimeSpan.FromSeconds(1) }, cancellationToken: cancellationToken)).Outcome == TcpOutcome.Open,
                () => Task.FromResult($"nothing listens on {host} port {port}; see the logs in {_folder.Path}/log"),
                cancellationToken);
        }
    }

    /// <summary>A bridge passes nothing through a port until the kernel has noted the port's carrier, up to a second after the port was set up.</summary>
    private async Task WaitForSwitchesAsync(Topology topology, CancellationToken cancellationToken)
    {
        foreach (var host in topology.Hosts)
        {
            if (host.Switch is not { } bridge) continue;
            var tool = new IpTool(new NetworkNamespace(Host(host.Name).Namespace));
            await UntilAsync(
                async () => (await tool.GetLinksAsync(cancellationToken)).Count(link => link.OperState == "UP" && bridge.Ports.Contains(link.Name)) == bridge.Ports.Count,
                () => Task.FromResult($"the ports of the bridge {bridge.Bridge} of {host.Name} have no carrier"),
                cancellationToken);
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> ready, Func<Task<string>> otherwise, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (!await ready())
        {
            if (clock.Elapsed > Patience) throw new LabException(await otherwise());
            await Task.Delay(TimeSpan.FromMilliseconds(10), cancellationToken);
        }
    }
}
