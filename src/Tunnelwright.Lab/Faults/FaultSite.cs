using System.Globalization;
using Tunnelwright.Gateway;
using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Lab.Faults;

/// <summary>The lab that a fault is injected into, and the means to do it. Each means notes first how it is undone.</summary>
internal sealed class FaultSite(LabInstance lab, FaultJournal journal, Fault fault)
{
    public const string Internet = "internet";
    public const string CustomerGateway = "customer-gateway";
    public const string CloudRouter = "cloud-router";

    private const int SignalStop = 19;
    private const int SignalContinue = 18;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public bool HasNat => lab.Hosts.Any(host => host.Name == "customer-nat");

    public static string Endpoint(int tunnel) => $"cloud-endpoint-{tunnel}";

    /// <summary>The endpoint's public address.</summary>
    public static string EndpointAddress(int tunnel) => LabAddresses.Endpoints[tunnel - 1].ToString();

    public LabHost Host(string name) => lab.Host(name);

    /// <summary>This lab cannot have the fault.</summary>
    public FaultRefusedException Refusal(string why) => new($"{fault.Name} is not possible here: {why}");

    /// <summary>Puts an nftables table on a host. It has the fault's name, and a fault injected again replaces it.</summary>
    /// <param name="host">The lab host.</param>
    /// <param name="family">inet, ip, bridge …</param>
    /// <param name="tunnel">The tunnel it is about, or 0: tells the tables of one fault apart.</param>
    /// <param name="chains">The table's content in nft(8)'s language.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task FilterAsync(string host, string family, int tunnel, string chains, CancellationToken cancellationToken)
    {
        var table = FilterTable(fault.Name, tunnel);
        journal.Note(new FilterUndo(host, family, table));
        await new Nftables(new NetworkNamespace(Host(host).Namespace)).ApplyAsync($"table {family} {table}\ndelete table {family} {table}\ntable {family} {table} {{\n{chains}\n}}\n", cancellationToken);
    }

    /// <summary>The table of a fault.</summary>
    public static string FilterTable(string fault, int tunnel) => $"fault_{fault.Replace('-', '_')}_{tunnel.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Sets an interface down. The kernel forgets the routes through it; healing brings them back.</summary>
    public async Task LinkDownAsync(string host, string device, CancellationToken cancellationToken)
    {
        var ip = new IpTool(new NetworkNamespace(Host(host).Namespace));
        foreach (var route in (await ip.GetRoutesAsync(cancellationToken: cancellationToken)).Where(route => route.Device == device && route.Gateway is not null))
            AtHealing(host, ["ip", "route", "replace", route.Destination, "via", route.Gateway!], last: true);
        journal.Note(new LinkUndo(host, device));
        await ip.SetLinkAsync(device, new LinkChange { Up = false }, cancellationToken);
    }

    /// <summary>Changes a kernel setting.</summary>
    public void SetSysctl(string host, string name, string value)
    {
        var sysctl = new Sysctl(new NetworkNamespace(Host(host).Namespace));
        journal.Note(new SysctlUndo(host, name, sysctl.Get(name).Trim()));
        sysctl.Set(name, value);
    }

    /// <summary>Notes a kernel setting that another change turns over.</summary>
    public void KeepSysctl(string host, string name) =>
        journal.Note(new SysctlUndo(host, name, new Sysctl(new NetworkNamespace(Host(host).Namespace)).Get(name).Trim()));

    /// <summary>Runs a command on a host that another one undoes; the undoing goes first, so that twice has the effect of once.</summary>
    public async Task RunAsync(string host, IReadOnlyList<string> undo, IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        journal.Note(new CommandUndo(host, undo));
        await Host(host).RunAsync(undo, Patience, cancellationToken);
        await RunAsync(host, command, cancellationToken);
    }

    /// <summary>Runs a command on a host that leaves nothing to undo.</summary>
    /// <exception cref="LabException">It failed.</exception>
    public async Task RunAsync(string host, IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        var result = await Host(host).RunAsync(command, Patience, cancellationToken);
        if (!result.Succeeded) throw new LabException($"{host}: {string.Join(' ', command)}: {result.Error.Trim()}");
    }

    /// <summary>Notes a command for the time of healing.</summary>
    /// <param name="host">The lab host.</param>
    /// <param name="command">Program and arguments.</param>
    /// <param name="last">Whether it waits until everything else has been undone.</param>
    public void AtHealing(string host, IReadOnlyList<string> command, bool last = false) => journal.Note(new CommandUndo(host, command, last));

    /// <summary>Stops processes as they stand (SIGSTOP).</summary>
    /// <returns>How many there are.</returns>
    public async Task<int> FreezeAsync(string host, IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var processes = await LabHostProcesses.FindAsync(Host(host), names, cancellationToken);
        foreach (var process in processes)
        {
            journal.Note(new ResumeUndo(host, process.Pid, process.StartTime));
            LabHostProcesses.Handle(process).SendSignal(SignalStop);
        }

        return processes.Count;
    }

    /// <summary>Lets stopped processes go on before the fault is healed.</summary>
    public async Task ResumeAsync(string host, IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        foreach (var process in await LabHostProcesses.FindAsync(Host(host), names, cancellationToken)) LabHostProcesses.Handle(process).SendSignal(SignalContinue);
    }

    /// <summary>Kills processes (SIGKILL) that their agent starts again.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> KillAsync(string host, IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var processes = await LabHostProcesses.FindAsync(Host(host), names, cancellationToken);
        await Task.WhenAll(processes.Select(process => LabHostProcesses.Handle(process).StopAsync(TimeSpan.Zero, cancellationToken)));
        return processes.Count;
    }

    /// <summary>Kills daemons (SIGKILL) that nobody starts again before the fault is healed.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> KillServicesAsync(string host, IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var pids = (await LabHostProcesses.FindAsync(Host(host), names, cancellationToken)).ToDictionary(process => process.Pid);
        var services = ServiceProcess.FindByMark("").Where(service => pids.ContainsKey(service.Pid)).ToList();
        foreach (var service in services)
        {
            var process = pids[service.Pid];
            journal.Note(new ServiceUndo(host, service.Mark, [process.Program ?? process.CommandLine[0], .. process.CommandLine.Skip(1)], LogOf(Host(host), service.Pid)));
        }

        await Task.WhenAll(services.Select(service => service.StopAsync(TimeSpan.Zero, cancellationToken)));
        return services.Count;
    }

    /// <summary>Starts a program on a host that is ended by healing. One that runs already is left alone.</summary>
    public async Task StartAsync(string host, string what, IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        var mark = LabHost.Mark(lab.Name, $"{host}/{what}");
        journal.Note(new EndUndo(host, mark));
        if (ServiceProcess.FindByMark(mark).Count == 0) await Host(host).StartServiceAsync(what, command, $"{journal.Folder}/{what}.log", cancellationToken);
    }

    /// <summary>Ends a program that a fault started on a host. None is fine.</summary>
    public Task EndAsync(string host, string what, CancellationToken cancellationToken) =>
        Task.WhenAll(ServiceProcess.FindByMark(LabHost.Mark(lab.Name, $"{host}/{what}")).Select(process => process.StopAsync(TimeSpan.FromSeconds(1), cancellationToken)));

    /// <summary>The desired state of a host's agent.</summary>
    /// <exception cref="FaultRefusedException">No agent answers there.</exception>
    public async Task<DesiredGateway> DesiredAsync(string host, CancellationToken cancellationToken)
    {
        using var agent = LabHostProcesses.AgentOf(Host(host));
        return await ListensSoonAsync(host, agent, cancellationToken) && await agent.TryGetDesiredAsync(cancellationToken) is { Connections.Count: > 0 } desired
            ? desired
            : throw Refusal(host == CustomerGateway ? "the customer's gateway is empty; tunnelwright up first" : $"no agent answers on {host}");
    }

    /// <summary>Whether an agent listens. One that is just starting, as after up, is waited for.</summary>
    private async Task<bool> ListensSoonAsync(string host, AgentClient agent, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!agent.Listens())
        {
            if (TimeProvider.System.GetElapsedTime(started) > Patience || (await LabHostProcesses.FindAsync(Host(host), [LabHostProcesses.Agent], cancellationToken)).Count == 0) return false;
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
        }

        return true;
    }

    /// <summary>Refuses when the host's connection has no BGP.</summary>
    public Task RequireBgpAsync(string host, CancellationToken cancellationToken) => RequireAsync(host, Model.Routing.Bgp, cancellationToken);

    /// <summary>Refuses when the host's connection is routed otherwise.</summary>
    public async Task RequireAsync(string host, Model.Routing routing, CancellationToken cancellationToken)
    {
        if ((await DesiredAsync(host, cancellationToken)).Connections.All(connection => connection.Routing != routing))
            throw Refusal($"it needs a lab with {(routing == Model.Routing.Bgp ? "BGP; tunnelwright lab up --routing bgp" : "static routing; tunnelwright lab up --routing static")}");
    }

    /// <summary>Changes what a host's agent is to realise and waits until it has been carried out.</summary>
    /// <param name="host">The lab host.</param>
    /// <param name="change">Takes the connection as it is now and as it was before any fault.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task ChangeDesiredAsync(string host, Func<DesiredConnection, DesiredConnection, DesiredConnection> change, CancellationToken cancellationToken)
    {
        var current = await DesiredAsync(host, cancellationToken);
        var file = $"{journal.Folder}/{host}.desired.json";
        if (!File.Exists(file)) AtomicFile.Write(file, DesiredGatewayJson.Write(current));
        journal.Note(new DesiredUndo(host, file));
        var before = DesiredGatewayJson.Read(await File.ReadAllTextAsync(file, cancellationToken));
        var next = current with
        {
            Connections = current.Connections.Select(connection => change(connection, before.Connections.First(known => known.Id == connection.Id))).ToValueList(),
        };
        await LabHostProcesses.SetDesiredAsync(Host(host), next, cancellationToken);
    }

    /// <summary>Notes that connections are about to be loaded behind the agent's back.</summary>
    public void ReloadAtHealing(string host) => journal.Note(new ReloadUndo(host));

    /// <summary>Where a process writes, as seen from outside.</summary>
    private static string LogOf(LabHost host, int pid) =>
        new FileInfo($"/proc/{pid}/fd/1").LinkTarget is { } target && target.StartsWith('/') && File.Exists(host.Root + target) ? host.Root + target : "/dev/null";
}
