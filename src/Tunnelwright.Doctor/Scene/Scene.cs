using Tunnelwright.Gateway;
using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Doctor;

/// <summary>What there is on this host, read once at the start; the senses reach out from it when an examination asks.</summary>
internal sealed class Scene : IAsyncDisposable
{
    private static readonly TimeSpan AgentPatience = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan StartPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Youth = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan DaemonPatience = TimeSpan.FromSeconds(1.5);

    private readonly Observer _observer = new(DaemonPatience);

    private Scene(DoctorRequest request) => Request = request;

    public DoctorRequest Request { get; }

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

    /// <summary>The host as the engine sees it; null when it could not be looked at.</summary>
    public ObservedGateway? Observed { get; private set; }

    /// <summary>Why the host could not be looked at.</summary>
    public string? Blindness { get; private set; }

    public IReadOnlyList<TunnelView> Tunnels { get; private set; } = [];

    /// <summary>The newest events of the history, the oldest first.</summary>
    public IReadOnlyList<GatewayEvent> History { get; private set; } = [];

    /// <summary>What reaches out over the wire.</summary>
    public Senses Senses { get; private set; } = null!;

    public IpTool Ip { get; } = new(NetworkNamespace.Current);

    public GatewayPaths Paths => new(Request.Gateway);

    /// <summary>Whether this host is the customer's end.</summary>
    public bool IsCustomer => Desired.Upstream is null;

    /// <summary>Reads what there is.</summary>
    public static async Task<Scene> ReadAsync(DoctorRequest request, CancellationToken cancellationToken)
    {
        var scene = new Scene(request);
        try
        {
            await scene.FillAsync(cancellationToken);
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }

    /// <summary>The BGP sessions as they are now; none when BIRD does not answer.</summary>
    public async Task<IReadOnlyList<BirdProtocol>> SessionsAsync(CancellationToken cancellationToken) =>
        Observed is { } observed ? (await _observer.RefreshAsync(observed, Request.Gateway, cancellationToken)).Bird?.Sessions ?? [] : [];

    /// <summary>The same tunnel as it is now.</summary>
    public async Task<TunnelView> LookAgainAsync(TunnelView tunnel)
    {
        if (Observed is not { } observed) return tunnel;
        var fresh = await _observer.RefreshAsync(observed, Request.Gateway, CancellationToken.None);
        return View(tunnel.Connection, tunnel.Settings, fresh);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Senses is not null) await Senses.DisposeAsync();
        await _observer.DisposeAsync();
    }

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        var mark = GatewayNames.ProcessMark(Request.Gateway, "agent");
        Agent = GatewayEngine.FindProcesses(Request.Gateway).FirstOrDefault(process => process.Mark == mark);
        await AskAgentAsync(cancellationToken);
        Desired ??= FromFiles();
        if (Request.Only is { } only) Desired = Desired with { Connections = Desired.Connections.Where(connection => connection.Id == only).ToValueList() };
        History = new HistoryFile(Paths.History).Read();
        try
        {
            Observed = await _observer.ObserveAsync(Desired, cancellationToken);
        }
        catch (Exception problem) when (Examination.IsObstacle(problem) && !cancellationToken.IsCancellationRequested)
        {
            Blindness = problem.Message;
        }

        Tunnels = [.. Desired.AllTunnels().Select(item => View(item.Connection, item.Tunnel, Observed))];
        Senses = new Senses(this, cancellationToken);
    }

    private async Task AskAgentAsync(CancellationToken cancellationToken)
    {
        if (!RootCheck.IsRoot) return;
        using var agent = new AgentClient(Request.Gateway);
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
        return new DesiredGateway { Name = Request.Gateway, Connections = Request.Connections.Select(connection => connection.Desired).OfType<DesiredConnection>().ToValueList() };
    }

    private TunnelView View(DesiredConnection connection, DesiredTunnel tunnel, ObservedGateway? observed)
    {
        var name = GatewayNames.Connection(connection.Id, tunnel.Number);
        var file = Request.Connections.FirstOrDefault(known => known.Read.Connection?.Id == connection.Id);
        var charon = observed?.Charons.FirstOrDefault(candidate => candidate.Carries == name) ?? observed?.Charons.FirstOrDefault(candidate => candidate.Carries is null);
        var own = charon?.Sas.Where(sa => sa.Name == name && sa.State is not ("DELETING" or "DESTROYING")).ToList() ?? [];
        var child = own.SelectMany(sa => sa.Children).Where(candidate => candidate.IsInstalled || candidate.State is "REKEYED" or "REKEYING").MaxBy(candidate => candidate.UniqueId);
        var device = charon?.TunDevice ?? observed?.Links.FirstOrDefault(link => link.Name == GatewayNames.XfrmInterface(connection.Id, tunnel.Number))?.Name;
        return new TunnelView
        {
            Connection = connection,
            Settings = tunnel,
            File = file,
            Agreed = file?.Read.Connection?.Tunnels.FirstOrDefault(agreed => agreed.Number == tunnel.Number),
            Charon = charon,
            Ike = own.OrderByDescending(sa => child is not null && sa.Children.Contains(child)).ThenByDescending(sa => sa.IsEstablished).ThenByDescending(sa => sa.UniqueId).FirstOrDefault(),
            Child = child,
            Device = device,
            Mtu = observed?.Links.FirstOrDefault(link => link.Name == device)?.Mtu,
            Status = Status?.Connections.FirstOrDefault(known => known.Id == connection.Id)?.Tunnels.FirstOrDefault(known => known.Number == tunnel.Number),
        };
    }
}
