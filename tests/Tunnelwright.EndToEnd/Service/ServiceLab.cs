using System.Text.Json;
using Tunnelwright.Cloud.Client;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Lab;
using Tunnelwright.Linux;

namespace Tunnelwright.EndToEnd.Service;

/// <summary>A lab with the provider's service, and what a customer and a provider do with it.</summary>
internal sealed class ServiceLab : IAsyncDisposable
{
    private const string File = "/run/vpn.txt";
    private const string Customer = "10.1.0.0/24";
    private const string Cloud = "10.8.2.0/24";

    private readonly ServiceSetup _setup;

    private ServiceLab(TestLab lab, int customers)
    {
        Lab = lab;
        var options = new LabOptions { Name = lab.Name, DataPlane = Enum.Parse<Gateway.DataPlane>(TestMachine.DataPlane, ignoreCase: true), Customers = customers };
        Customers = ServiceCustomer.All(options);
        _setup = new ServiceSetup(options, new LabFolder(lab.Name), lab.Host);
    }

    public TestLab Lab { get; }

    /// <summary>The customers, the first one first.</summary>
    public IReadOnlyList<ServiceCustomer> Customers { get; }

    public static async Task<ServiceLab> UpAsync(int customers = 1) => new(await TestLab.UpAsync("--service", "--data-plane", TestMachine.DataPlane, "--customers", $"{customers}"), customers);

    /// <summary>Types "tunnelwright vpn …" on the customer's gateway; it has to succeed.</summary>
    public Task<string> VpnAsync(params string[] arguments) => VpnAsync(ServiceCustomer.First, arguments);

    /// <summary>The same on the gateway of one of the customers.</summary>
    public async Task<string> VpnAsync(ServiceCustomer customer, params string[] arguments)
    {
        var result = await Lab.TypeOnAsync(customer.Gateway, ["vpn", .. arguments]);
        Assert.True(result.ExitCode == 0, $"vpn {string.Join(' ', arguments)}: {result.ExitCode}: {result.Error}");
        return result.Output;
    }

    /// <summary>Asks for a connection and waits until its file is ready.</summary>
    public async Task<Connection> CreateAsync(string routing, string gateway = "203.0.113.2", string range = Customer)
    {
        string[] asn = routing == "bgp" ? ["--asn", "65000"] : [];
        return Read(await VpnAsync(["create", "--purpose", "end to end", "--contact", "ops@example.com", "--gateway-address", gateway, "--range", range, "--routing", routing, .. asn, "--wait", "60", "--json"]));
    }

    /// <summary>The same for one of the customers, from its own gateway.</summary>
    public async Task<Connection> CreateAsync(ServiceCustomer customer, string routing)
    {
        string[] asn = routing == "bgp" ? ["--asn", "65000"] : [];
        return Read(await VpnAsync(customer, ["create", "--purpose", "end to end", "--contact", "ops@example.com", "--gateway-address", $"{customer.Public}", "--range", Customer, "--routing", routing, .. asn, "--wait", "60", "--json"]));
    }

    /// <summary>The connection as the service shows it.</summary>
    public Task<Connection> ShowAsync(string id) => ShowAsync(ServiceCustomer.First, id);

    /// <summary>The same for one of the customers.</summary>
    public async Task<Connection> ShowAsync(ServiceCustomer customer, string id) => Read(await VpnAsync(customer, "show", id, "--json"));

    /// <summary>Fetches the file and hands it to the gateway; both tunnels have to come up.</summary>
    public Task ConnectAsync(string id, string range = Customer) => ConnectAsync(ServiceCustomer.First, id, range);

    /// <summary>The same for one of the customers.</summary>
    public async Task ConnectAsync(ServiceCustomer customer, string id, string range = Customer)
    {
        var result = await HandOverAsync(customer, id, range, "90");
        Assert.True(result.ExitCode == 0, $"up: {result.ExitCode}: {result.Error}{result.Output}");
    }

    /// <summary>Fetches the file and hands it to the first customer's gateway, and waits for nothing.</summary>
    public Task BeginAsync(string id) => HandOverAsync(ServiceCustomer.First, id, Customer, "0");

    private async Task<CommandResult> HandOverAsync(ServiceCustomer customer, string id, string range, string wait)
    {
        await VpnAsync(customer, "download", id, "--out", File);
        Assert.Equal("600", await Lab.OutputAsync(customer.Gateway, "stat", "-c", "%a", File));
        return await Lab.TypeOnAsync(customer.Gateway, "up", File, "--local-range", range, "--cloud-range", Cloud, "--data-plane", TestMachine.DataPlane, "--wait", wait);
    }

    /// <summary>Both tunnels as the service sees them, and with BGP their sessions.</summary>
    public Task<TimeSpan> SeesBothUpAsync(string id, TimeSpan limit) => SeesBothUpAsync(ServiceCustomer.First, id, limit);

    /// <summary>The same for one of the customers.</summary>
    public Task<TimeSpan> SeesBothUpAsync(ServiceCustomer customer, string id, TimeSpan limit) => Eventually.HoldsAsync("the service sees both tunnels up", limit, async () =>
        (await ShowAsync(customer, id)).Tunnels.All(tunnel => tunnel.Observed is { State: TunnelState.Up, Bgp: null or { State: "established" } }));

    /// <summary>The node that ends a tunnel.</summary>
    public static ServiceNode NodeOf(Connection connection, int tunnel) => ServiceAddresses.Nodes.Single(node => node.FailureDomain == connection.Tunnels[tunnel - 1].FailureDomain);

    /// <summary>The provider's own client: it has the administrator's token.</summary>
    public ServiceClient Administrator()
    {
        var client = _setup.Client();
        client.Token = System.IO.File.ReadAllText($"{Lab.Host("cloud-control").Root}{ServiceSetup.StateFolder}/administrator-token").Trim();
        return client;
    }

    /// <summary>Cuts a node off from the control plane. It lives, and the rest of the network does not notice.</summary>
    public Task CutOffAsync(ServiceNode node) => Control.ApplyAsync(
        $$"""
        table inet split {
          chain in { type filter hook input priority 0; ip saddr {{node.Fabric.Address}} drop; }
          chain out { type filter hook output priority 0; ip daddr {{node.Fabric.Address}} drop; }
        }
        """,
        TestContext.Current.CancellationToken);

    /// <summary>Takes that back.</summary>
    public Task JoinAsync() => Control.DeleteTableAsync("inet", "split", TestContext.Current.CancellationToken);

    private Nftables Control => new(new NetworkNamespace(Lab.Host("cloud-control").Namespace));

    /// <summary>The customer's namespaces on a node.</summary>
    public async Task<IReadOnlyList<string>> CustomersOnAsync(ServiceNode node) =>
        (await Lab.OutputAsync(node.Host, "sh", "-c", "ls /run/netns 2>/dev/null; true")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Kills everything of a node (SIGKILL): its agent, its customers' agents, IKE daemons and BIRD.</summary>
    public async Task KillNodeAsync(ServiceNode node)
    {
        var host = Lab.Host(node.Host);
        var mounts = new FileInfo($"/proc/{host.Pid}/ns/mnt").LinkTarget;
        var all = Directory.EnumerateDirectories("/proc").Select(folder => int.TryParse(Path.GetFileName(folder), out var pid) ? ProcessStatistics.TryRead(pid) : null).OfType<ProcessStatistics>()
            .Where(process => process.Pid != host.Pid && !process.HasEnded && Link(process.Pid) == mounts);
        await KillAsync(all);

        static string? Link(int pid)
        {
            try
            {
                return new FileInfo($"/proc/{pid}/ns/mnt").LinkTarget;
            }
            catch (IOException)
            {
                return null;
            }
        }
    }

    /// <summary>Kills the node's own agent alone.</summary>
    public async Task KillAgentAsync(ServiceNode node) => await KillAsync((await Lab.ProcessesAsync(node.Host)).Where(process => process.CommandLine.Contains("node")));

    /// <summary>Starts a node's agent again.</summary>
    public Task StartNodeAsync(ServiceNode node) => _setup.StartNodeAsync(node, TestContext.Current.CancellationToken);

    /// <summary>Kills control plane and database.</summary>
    public async Task KillControlAsync() => await KillAsync((await Lab.ProcessesAsync("cloud-control")).Where(process => process.Pid != Lab.Host("cloud-control").Pid));

    /// <summary>Starts the control plane again and waits until it answers.</summary>
    public async Task StartControlAsync()
    {
        await _setup.StartControlAsync(TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync("the service answers again", TimeSpan.FromSeconds(60), async () => (await Lab.TypeAsync("vpn", "list")).ExitCode == 0);
    }

    /// <summary>Network namespaces, wires, routes, filters and processes that a node has for customers.</summary>
    public async Task<string> LeftOnAsync(ServiceNode node)
    {
        const string look = "ls /run/netns 2>/dev/null; ip -o link show type veth | grep twc; ip route show protocol 85; ls -d /run/tunnelwright/c* /var/lib/tunnelwright/c* 2>/dev/null; true";
        return await Lab.OutputAsync(node.Host, "sh", "-c", look);
    }

    public ValueTask DisposeAsync() => Lab.DisposeAsync();

    private static Connection Read(string json) => JsonSerializer.Deserialize(json, CloudJson.Default.Connection)!;

    private static async Task KillAsync(IEnumerable<ProcessStatistics> processes) => await Task.WhenAll(processes.ToList().Select(process => new ServiceProcess(process.Pid, process.StartTime).StopAsync(TimeSpan.Zero)));
}
