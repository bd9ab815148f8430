using Tunnelwright.Gateway;
using Tunnelwright.Linux;

namespace Tunnelwright.Doctor;

/// <summary>
/// What there is on this host, read once at the start: connections of this product; where there are none, what a person set up by hand; where there is nothing of that
/// either, what a provider's file says is to be. The senses reach out from it when an examination asks.
/// </summary>
internal sealed class Scene : IAsyncDisposable
{
    private static readonly TimeSpan DaemonPatience = TimeSpan.FromSeconds(1.5);

    private readonly Observer _observer;
    private readonly List<(string What, string Why)> _unseen = [];
    private OwnGateway _own = null!;

    private Scene(DoctorRequest request)
    {
        Request = request;
        _observer = new Observer(DaemonPatience, (what, why) =>
        {
            lock (_unseen) _unseen.Add((what, why));
        });
    }

    public DoctorRequest Request { get; }

    /// <summary>What is in service of this product; empty on a host that was set up by hand.</summary>
    public DesiredGateway Desired => _own.Desired;

    /// <summary>Where that is known from.</summary>
    public string DesiredFrom => _own.DesiredFrom;

    /// <summary>What the agent says; null when it does not answer.</summary>
    public StatusDocument? Status => _own.Status;

    /// <summary>The agent's process; null without one.</summary>
    public ServiceProcess? Agent => _own.Agent;

    /// <summary>Whether the agent has just been started.</summary>
    public bool IsYoung => _own.IsYoung;

    public GatewayPaths Paths => _own.Paths;

    /// <summary>What a person set up here, or what is seen of it; null where this product did, or nobody.</summary>
    public HandMadeHost? HandMade { get; private set; }

    /// <summary>Whether nothing on this host is known to realise the connections: they are only in a file that was given.</summary>
    public bool IsBare { get; private set; }

    /// <summary>The host as the engine sees it; null when it could not be looked at.</summary>
    public ObservedGateway? Observed { get; private set; }

    /// <summary>Why the host could not be looked at.</summary>
    public string? Blindness { get; private set; }

    /// <summary>Parts of the host that could not be looked at, and why.</summary>
    public IReadOnlyList<(string What, string Why)> Unseen
    {
        get
        {
            lock (_unseen) return [.. _unseen.Distinct()];
        }
    }

    public IReadOnlyList<ConnectionView> Connections { get; private set; } = [];

    public IReadOnlyList<TunnelView> Tunnels { get; private set; } = [];

    /// <summary>The BGP sessions at the start; null when no BGP daemon answers.</summary>
    public IReadOnlyList<SessionView>? Sessions { get; private set; }

    /// <summary>The newest events of the history, the oldest first.</summary>
    public IReadOnlyList<GatewayEvent> History { get; private set; } = [];

    /// <summary>What reaches out over the wire.</summary>
    public Senses Senses { get; private set; } = null!;

    public IpTool Ip { get; } = new(NetworkNamespace.Current);

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

    /// <summary>The provider's file of a connection: one that was given for this run before one that is kept here.</summary>
    public DoctorConnection? FileOf(string connection) => Request.Files.Concat(Request.Connections).FirstOrDefault(known => known.Read.Connection?.Id == connection);

    /// <summary>The session in a tunnel at the start.</summary>
    public SessionView? SessionIn(TunnelView tunnel) => Sessions?.FirstOrDefault(session => session.IsIn(tunnel));

    /// <summary>The BGP sessions as they are now; none when no BGP daemon answers.</summary>
    public async Task<IReadOnlyList<SessionView>> SessionsAsync(CancellationToken cancellationToken)
    {
        if (HandMade is not null) return await RoutingDaemons.SessionsAsync(cancellationToken) ?? [];
        return Observed is { } observed ? SessionsOf(await _observer.RefreshAsync(observed, Request.Gateway, cancellationToken)) ?? [] : [];
    }

    /// <summary>The same tunnel as it is now.</summary>
    public async Task<TunnelView> LookAgainAsync(TunnelView tunnel)
    {
        if (Observed is not { } observed) return tunnel;
        var fresh = await _observer.RefreshAsync(observed, Request.Gateway, CancellationToken.None);
        if (HandMade is { } host) return await host.LookAgainAsync(tunnel, fresh);
        var (connection, settings) = Desired.AllTunnels().First(item => item.Connection.Id == tunnel.Connection.Id && item.Tunnel.Number == tunnel.Number);
        return _own.View(tunnel.Connection, connection, settings, fresh);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Senses is not null) await Senses.DisposeAsync();
        if (HandMade is not null) await HandMade.DisposeAsync();
        await _observer.DisposeAsync();
    }

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        _own = await OwnGateway.ReadAsync(Request, cancellationToken);
        try
        {
            Observed = await _observer.ObserveAsync(Desired, cancellationToken);
        }
        catch (Exception problem) when (Examination.IsObstacle(problem) && !cancellationToken.IsCancellationRequested)
        {
            Blindness = problem.Message;
        }

        if (Desired.Connections.Count > 0) Own();
        else if (await HandMadeHost.FindAsync(Request, Observed, cancellationToken) is { } host) await HandMadeAsync(host, cancellationToken);
        if (Tunnels.Count == 0) Bare();
        Senses = new Senses(this, cancellationToken);
    }

    private void Own()
    {
        History = _own.History();
        Connections = [.. Desired.Connections.Select(connection => ConnectionView.Of(connection, FileOf(connection.Id)))];
        Tunnels = [.. Desired.AllTunnels().Select(item => _own.View(Connections.First(view => view.Id == item.Connection.Id), item.Connection, item.Tunnel, Observed))];
        Sessions = Observed is { } observed ? SessionsOf(observed) : null;
    }

    private async Task HandMadeAsync(HandMadeHost host, CancellationToken cancellationToken)
    {
        HandMade = host;
        Sessions = await RoutingDaemons.SessionsAsync(cancellationToken);
        Tunnels = host.Tunnels(Observed, Sessions);
        Connections = [.. Tunnels.Select(tunnel => tunnel.Connection).DistinctBy(connection => connection.Id)];
    }

    /// <summary>Nobody has set anything up that can be seen: the provider's file still says whom to ask.</summary>
    private void Bare()
    {
        var given = Request.Files.Where(file => Request.Only is not { } only || file.Desired?.Id == only).Select(file => file.Desired).OfType<DesiredConnection>().ToList();
        IsBare = given.Count > 0;
        Connections = [.. given.Select(connection => ConnectionView.Of(connection, FileOf(connection.Id)))];
        Tunnels = [.. given.SelectMany((connection, index) => connection.Tunnels.Select(tunnel => _own.View(Connections[index], connection, tunnel, null)))];
    }

    private static IReadOnlyList<SessionView>? SessionsOf(ObservedGateway observed) => observed.Bird?.Sessions is { } sessions ? [.. sessions.Select(SessionView.Of)] : null;
}
