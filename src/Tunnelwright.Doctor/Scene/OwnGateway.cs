using Tunnelwright.Gateway;
using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Doctor;

/// <summary>What this product has on this host: the agent, what it was given, what it says and what it remembers.</summary>
internal sealed class OwnGateway
{
    private static readonly TimeSpan AgentPatience = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan StartPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Youth = TimeSpan.FromSeconds(20);

    private readonly DoctorRequest _request;

    private OwnGateway(DoctorRequest request) => _request = request;

    /// <summary>What is in service: the agent's state, else what the agent was last given, else what the provider's files say.</summary>
    public DesiredGateway Desired { get; private set; } = null!;

    /// <summary>Where that is known from.</summary>
    public string DesiredFrom { get; private set; } = "";

    /// <summary>What the agent says; null when it does not answer.</summary>
    public StatusDocument? Status { get; private set; }

    /// <summary>The agent's process; null without one.</summary>
    public ServiceProcess? Agent { get; private set; }

    /// <summary>Whether the agent has just been started.</summary>
    public bool IsYoung => Agent is { } agent && ProcessAge(agent) < Youth;

    public GatewayPaths Paths => new(_request.Gateway);

    /// <summary>Looks for it.</summary>
    public static async Task<OwnGateway> ReadAsync(DoctorRequest request, CancellationToken cancellationToken)
    {
        var own = new OwnGateway(request);
        var mark = GatewayNames.ProcessMark(request.Gateway, "agent");
        own.Agent = GatewayEngine.FindProcesses(request.Gateway).FirstOrDefault(process => process.Mark == mark);
        await own.AskAgentAsync(cancellationToken);
        own.Desired ??= own.FromFiles();
        if (request.Only is { } only) own.Desired = own.Desired with { Connections = own.Desired.Connections.Where(connection => connection.Id == only).ToValueList() };
        return own;
    }

    /// <summary>The newest events of the history, the oldest first.</summary>
    public IReadOnlyList<GatewayEvent> History()
    {
        try
        {
            return new HistoryFile(Paths.History).Read();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>A tunnel of ours as it is seen.</summary>
    public TunnelView View(ConnectionView connection, DesiredConnection desired, DesiredTunnel tunnel, ObservedGateway? observed)
    {
        var name = GatewayNames.Connection(desired.Id, tunnel.Number);
        var charon = observed?.Charons.FirstOrDefault(candidate => candidate.Carries == name) ?? observed?.Charons.FirstOrDefault(candidate => candidate.Carries is null);
        var daemon = charon is null ? null : DaemonView.Of(charon);
        var (ike, child) = daemon?.SasOf(name) ?? (null, null);
        var device = charon?.TunDevice ?? observed?.Links.FirstOrDefault(link => link.Name == GatewayNames.XfrmInterface(desired.Id, tunnel.Number))?.Name;
        var agreed = connection.File?.Read.Connection?.Tunnels.FirstOrDefault(candidate => candidate.Number == tunnel.Number);
        return new TunnelView
        {
            Connection = connection,
            Number = tunnel.Number,
            Name = name,
            RemoteOutside = tunnel.RemoteOutside,
            LocalOutside = tunnel.LocalOutside,
            LocalInside = tunnel.LocalInside.Address,
            RemoteInside = tunnel.RemoteInside,
            Version = (int)tunnel.Ike.Version,
            Proposals = [tunnel.Ike.Proposal.ToString()],
            Keys = [.. new[] { tunnel.Ike.PreSharedKey?.Reveal(), agreed?.Ike.PreSharedKey?.Reveal() }.OfType<string>()],
            HasSession = tunnel.Bgp is not null,
            SessionName = BirdConfiguration.ProtocolName(desired.Id, tunnel.Number),
            Agreed = agreed,
            Daemon = daemon,
            Ike = ike,
            Child = child,
            Device = device,
            Mtu = observed?.Links.FirstOrDefault(link => link.Name == device)?.Mtu,
            Status = Status?.Connections.FirstOrDefault(known => known.Id == desired.Id)?.Tunnels.FirstOrDefault(known => known.Number == tunnel.Number),
        };
    }

    private async Task AskAgentAsync(CancellationToken cancellationToken)
    {
        if (!RootCheck.IsRoot) return;
        using var agent = new AgentClient(_request.Gateway);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(IsYoung ? StartPatience : AgentPatience);
        try
        {
            // One that has just been started takes the gateway over in a moment.
            while (!agent.Listens())
            {
                if (Agent is not { IsAlive: true } || !IsYoung) return;
                await Task.Delay(StartPause, limit.Token);
            }

            var desired = agent.TryGetDesiredAsync(limit.Token);
            Status = await agent.TryGetStatusAsync(limit.Token);
            if (await desired is not { } served) return;
            (Desired, DesiredFrom) = (served, "the agent");
        }
        catch (Exception problem) when (problem is OperationCanceledException or FormatException && !cancellationToken.IsCancellationRequested)
        {
            Status = null;
        }
    }

    /// <summary>Start times count from boot in hundredths of a second (proc(5), "starttime").</summary>
    private static TimeSpan ProcessAge(ServiceProcess process)
    {
        try
        {
            var uptime = double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
            return TimeSpan.FromSeconds(uptime - (process.StartTime / 100.0));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or FormatException)
        {
            return TimeSpan.MaxValue;
        }
    }

    /// <summary>Without an agent that answers: what it was given last, as long as its files stand; else the provider's files.</summary>
    private DesiredGateway FromFiles()
    {
        try
        {
            if (File.Exists(Paths.Desired))
            {
                var last = DesiredGatewayJson.Read(File.ReadAllText(Paths.Desired));
                DesiredFrom = Paths.Desired;
                return last;
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or FormatException)
        {
            // The provider's files say it, too.
        }

        DesiredFrom = "the provider's files";
        return new DesiredGateway { Name = _request.Gateway, Connections = _request.Connections.Select(connection => connection.Desired).OfType<DesiredConnection>().ToValueList() };
    }
}
