using Tunnelwright.Vici;

namespace Tunnelwright.Lab.Faults;

/// <summary>Every daemon at the endpoint, its agent too, so that none starts another again.</summary>
internal static class EndpointDaemons
{
    public static readonly string[] All = [LabHostProcesses.Agent, LabHostProcesses.Charon, LabHostProcesses.Bird];

    public static async Task FreezeAsync(FaultSite site, int tunnel, CancellationToken cancellationToken)
    {
        if (await site.FreezeAsync(FaultSite.Endpoint(tunnel), All, cancellationToken) == 0) throw site.Refusal($"no daemon runs on {FaultSite.Endpoint(tunnel)}");
    }
}

internal sealed class EndpointFrozen() : Fault("endpoint-frozen", "ike-unreachable", "the endpoint's machine freezes: its daemons stop and it handles no packet")
{
    public override async Task InjectAsync(FaultSite site, int tunnel, CancellationToken cancellationToken)
    {
        await EndpointDaemons.FreezeAsync(site, tunnel, cancellationToken);
        await site.FilterAsync(
            FaultSite.Endpoint(tunnel),
            "inet",
            tunnel,
            "chain in {\ntype filter hook prerouting priority raw;\ncounter drop\n}\nchain out {\ntype filter hook output priority raw;\ncounter drop\n}",
            cancellationToken);
    }
}

internal sealed class EndpointSilent() : Fault("endpoint-silent", "dpd-timeout", "the endpoint's daemons hang; its kernel still answers")
{
    public override Task InjectAsync(FaultSite site, int tunnel, CancellationToken cancellationToken) => EndpointDaemons.FreezeAsync(site, tunnel, cancellationToken);
}

/// <summary>The IKE daemon is killed and what the kernel holds of SAs goes, while the agent, held for that moment, sees neither; then it starts the daemon again.</summary>
internal sealed class EndpointRebooted() : Fault("endpoint-rebooted", "sa-desync", "the endpoint loses all its SAs without telling, as by a reboot, and answers again at once")
{
    public override async Task InjectAsync(FaultSite site, int tunnel, CancellationToken cancellationToken)
    {
        var host = FaultSite.Endpoint(tunnel);
        string[] agent = [LabHostProcesses.Agent];
        await site.FreezeAsync(host, agent, cancellationToken);
        var killed = await site.KillAsync(host, [LabHostProcesses.Charon], cancellationToken);
        await site.RunAsync(host, ["sh", "-c", "ip xfrm state flush; ip xfrm policy flush; true"], cancellationToken);
        await site.ResumeAsync(host, agent, cancellationToken);
        if (killed == 0) throw site.Refusal($"no IKE daemon runs on {host}");
    }
}

internal sealed class PeerDeletes() : Fault("peer-deletes", "peer-deleted", "the endpoint deletes the tunnel's SAs and says so, as before maintenance")
{
    public override async Task InjectAsync(FaultSite site, int tunnel, CancellationToken cancellationToken)
    {
        var deleted = 0;
        await LabHostProcesses.WithCharonsAsync(site.Host(FaultSite.Endpoint(tunnel)), async (client, _) =>
        {
            foreach (var sa in await client.ListSasAsync(cancellationToken: cancellationToken))
            {
                deleted++;
                try
                {
                    await client.TerminateAsync(new TerminateRequest { IkeId = sa.UniqueId, Timeout = TimeSpan.FromSeconds(10) }, cancellationToken: cancellationToken);
                }
                catch (ViciCommandFailedException)
                {
                    // It ended by itself in between.
                }
            }
        });
        if (deleted == 0) throw site.Refusal($"{FaultSite.Endpoint(tunnel)} has no SA to delete; tunnelwright up first");
    }
}

/// <summary>The daemon is gone and its agent cannot start it: the kernel answers for it.</summary>
internal sealed class PeerNotListening() : Fault("peer-not-listening", "peer-not-listening", "the endpoint's IKE daemon is gone: its host answers ICMP port unreachable")
{
    public override async Task InjectAsync(FaultSite site, int tunnel, CancellationToken cancellationToken)
    {
        var host = FaultSite.Endpoint(tunnel);
        await site.FreezeAsync(host, [LabHostProcesses.Agent], cancellationToken);
        await site.KillAsync(host, [LabHostProcesses.Charon], cancellationToken);
    }
}
