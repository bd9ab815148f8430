using Tunnelwright.Diagnosis;
using Tunnelwright.Gateway;
using Tunnelwright.Linux;
using Tunnelwright.Vici;

namespace Tunnelwright.Doctor;

/// <summary>A gateway that a person set up: configuration files, IKE daemons and their logs, wherever they are.</summary>
internal sealed class HandMadeHost : IAsyncDisposable
{
    private readonly DoctorRequest _request;
    private readonly HandMadeDaemons _daemons;
    private readonly List<DeviceConnection> _connections = [];

    private HandMadeHost(DoctorRequest request, HandMadeFiles files, IReadOnlyList<ServiceProcess> processes)
    {
        (_request, Files, Processes) = (request, files, processes);
        _daemons = new HandMadeDaemons(files.Daemon);
    }

    public HandMadeFiles Files { get; }

    /// <summary>The processes of the IKE daemons.</summary>
    public IReadOnlyList<ServiceProcess> Processes { get; }

    /// <summary>The IKE daemons as they were seen at the start.</summary>
    public IReadOnlyList<DaemonView> Daemons { get; private set; } = [];

    /// <summary>Connections without a peer's address: they only answer whoever comes, and are not looked at.</summary>
    public IReadOnlyList<DeviceConnection> Answering { get; private set; } = [];

    /// <summary>Looks for one.</summary>
    /// <returns>Null when there is no trace of any.</returns>
    public static async Task<HandMadeHost?> FindAsync(DoctorRequest request, ObservedGateway? observed, CancellationToken cancellationToken)
    {
        var own = observed?.Addresses.Select(address => address.Address).ToHashSet(StringComparer.Ordinal) ?? [];
        var files = HandMadeFiles.Read(own, request.Files.Concat(request.Connections), request.Profile);
        var processes = HandMadeDaemons.Processes();
        if (files.Configuration.Connections.Count == 0 && processes.Count == 0 && files.Folder.Unreadable.Count == 0) return null;
        var host = new HandMadeHost(request, files, processes);
        try
        {
            host.Daemons = await host._daemons.FindAsync(processes, cancellationToken);
            await host.CollectAsync(cancellationToken);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>The tunnels that its connections make.</summary>
    public IReadOnlyList<TunnelView> Tunnels(ObservedGateway? observed, IReadOnlyList<SessionView>? sessions) =>
        [.. new WrittenTunnels(_request, Files.Configuration, observed).Of(_connections).Select(tunnel => TunnelSight.See(tunnel, Daemons, observed)).Select(tunnel => tunnel with { HasSession = tunnel.Agreed?.Bgp is not null || sessions?.Any(session => session.IsIn(tunnel)) == true })];

    /// <summary>The same tunnel as it is now.</summary>
    public async Task<TunnelView> LookAgainAsync(TunnelView tunnel, ObservedGateway observed) => TunnelSight.See(tunnel, await _daemons.LookAsync(CancellationToken.None), observed);

    /// <summary>What its IKE daemons have written lately.</summary>
    public Task<IReadOnlyList<LogTail>> LogsAsync(CancellationToken cancellationToken) => HandMadeLogs.ReadAsync(Processes, Files.Daemon, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _daemons.DisposeAsync();

    /// <summary>The connections of the files, and those that a daemon has from elsewhere.</summary>
    private async Task CollectAsync(CancellationToken cancellationToken)
    {
        var all = Files.Configuration.Connections.ToList();
        foreach (var daemon in Daemons)
        {
            foreach (var loaded in await _daemons.ConnectionsOfAsync(daemon, cancellationToken))
            {
                if (!all.Exists(known => known.Name == loaded.Name)) all.Add(FromDaemon(daemon, loaded));
            }
        }

        _connections.AddRange(all.Where(connection => connection.Peers.Count > 0));
        Answering = [.. all.Where(connection => connection.Peers.Count == 0)];
    }

    private static DeviceConnection FromDaemon(DaemonView daemon, ConnectionDescription loaded)
    {
        var connection = new DeviceConnection(daemon.Socket ?? "", loaded.Name, 0)
        {
            Remote = new Setting(string.Join(',', loaded.RemoteAddresses), 0),
            Local = loaded.LocalAddresses.Count > 0 ? new Setting(loaded.LocalAddresses[0], 0) : null,
            Version = loaded.Version switch { "IKEv1" => 1, "IKEv2" => 2, _ => null },
        };
        foreach (var child in loaded.Children)
        {
            connection.Children.Add(new Setting(child.Name, 0));
            connection.LocalSelectors.Add(new Setting(string.Join(',', child.LocalSelectors), 0));
            connection.RemoteSelectors.Add(new Setting(string.Join(',', child.RemoteSelectors), 0));
        }

        return connection;
    }
}
