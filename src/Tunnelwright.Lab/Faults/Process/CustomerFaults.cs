namespace Tunnelwright.Lab.Faults;

internal sealed class CustomerCharonKilled() : WholeFault("customer-charon-killed", "daemon-not-running", "the customer gateway's IKE daemons are killed once; whoever watches them starts them again")
{
    protected override async Task InjectAsync(FaultSite site, CancellationToken cancellationToken)
    {
        if (await site.KillAsync(FaultSite.CustomerGateway, [LabHostProcesses.Charon], cancellationToken) == 0) throw site.Refusal("no IKE daemon runs on the customer's gateway; tunnelwright up first");
    }
}

internal sealed class CustomerBirdKilled() : WholeFault("customer-bird-killed", "bgp-not-established", "the customer gateway's BGP daemon is killed once; whoever watches it starts it again")
{
    protected override async Task InjectAsync(FaultSite site, CancellationToken cancellationToken)
    {
        if (await site.KillAsync(FaultSite.CustomerGateway, [LabHostProcesses.Bird], cancellationToken) == 0) throw site.Refusal("no BGP daemon runs on the customer's gateway: the lab is routed statically, or tunnelwright up first");
    }
}

internal sealed class CustomerAgentKilled() : WholeFault("customer-agent-killed", "daemon-not-running", "the customer gateway's agent is killed: nobody watches the tunnels")
{
    protected override async Task InjectAsync(FaultSite site, CancellationToken cancellationToken)
    {
        if (await site.KillServicesAsync(FaultSite.CustomerGateway, [LabHostProcesses.Agent], cancellationToken) == 0) throw site.Refusal("no agent runs on the customer's gateway; tunnelwright up first");
    }
}

/// <summary>Agent and IKE daemons are gone; healing starts the agent, which starts the daemons.</summary>
internal sealed class DaemonNotRunning() : WholeFault("daemon-not-running", "daemon-not-running", "the customer gateway's agent and IKE daemons are gone")
{
    protected override async Task InjectAsync(FaultSite site, CancellationToken cancellationToken)
    {
        var agents = await site.KillServicesAsync(FaultSite.CustomerGateway, [LabHostProcesses.Agent], cancellationToken);
        if (agents + await site.KillAsync(FaultSite.CustomerGateway, [LabHostProcesses.Charon], cancellationToken) == 0) throw site.Refusal("neither agent nor IKE daemon runs on the customer's gateway; tunnelwright up first");
    }
}

internal sealed class CharonHangs() : WholeFault("customer-charon-frozen", "daemon-not-running", "the customer gateway's IKE daemons hang: their control sockets do not answer")
{
    protected override async Task InjectAsync(FaultSite site, CancellationToken cancellationToken)
    {
        if (await site.FreezeAsync(FaultSite.CustomerGateway, [LabHostProcesses.Charon], cancellationToken) == 0) throw site.Refusal("no IKE daemon runs on the customer's gateway; tunnelwright up first");
    }
}

/// <summary>The agent is held while the daemon that has UDP 500 is replaced by a stranger.</summary>
internal sealed class PortInUse() : WholeFault("port-in-use", "port-in-use", "another program holds UDP 500 on the customer's gateway")
{
    protected override async Task InjectAsync(FaultSite site, CancellationToken cancellationToken)
    {
        string[] agent = [LabHostProcesses.Agent];
        await site.FreezeAsync(FaultSite.CustomerGateway, agent, cancellationToken);
        await site.KillAsync(FaultSite.CustomerGateway, [LabHostProcesses.Charon], cancellationToken);
        await site.StartAsync(FaultSite.CustomerGateway, "port-in-use", ["nc.openbsd", "-lu", "0.0.0.0", "500"], cancellationToken);
        for (var tries = 0; tries < 200 && !(await site.Host(FaultSite.CustomerGateway).RunAsync(["ss", "-Hlun", "sport = :500"], TimeSpan.FromSeconds(10), cancellationToken)).Output.Contains(":500", StringComparison.Ordinal); tries++)
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
        await site.ResumeAsync(FaultSite.CustomerGateway, agent, cancellationToken);
    }
}
