using Tunnelwright.Diagnosis;
using Tunnelwright.Linux;
using Tunnelwright.Vici;

namespace Tunnelwright.Doctor;

/// <summary>The IKE daemons of this host that are not this product's, and what they say.</summary>
internal sealed class HandMadeDaemons(StrongswanConf byDefault) : IAsyncDisposable
{
    private const string DefaultConf = "/etc/strongswan.conf";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);
    private static readonly string[] Names = ["charon", "charon-systemd", "pluto"];

    private readonly Dictionary<string, ViciClient> _clients = new(StringComparer.Ordinal);
    private IReadOnlyList<DaemonView> _found = [];

    /// <summary>The processes; a mark of this product makes one ours.</summary>
    public static IReadOnlyList<ServiceProcess> Processes() => [.. NamedProcesses.Here(Names).Where(process => process.Mark.Length == 0)];

    /// <summary>Finds them by their processes, and their control sockets by what the processes listen on: whatever file they were started with, that is where they answer.</summary>
    public async Task<IReadOnlyList<DaemonView>> FindAsync(IReadOnlyList<ServiceProcess> processes, CancellationToken cancellationToken)
    {
        _found = [.. processes.Select(Describe)];
        return _found = await LookAsync(cancellationToken);
    }

    /// <summary>The same daemons as they are now.</summary>
    public async Task<IReadOnlyList<DaemonView>> LookAsync(CancellationToken cancellationToken) => await Task.WhenAll(_found.Select(daemon => AskAsync(daemon, cancellationToken)));

    /// <summary>Connections that a daemon holds, as it tells them; none when it does not answer.</summary>
    public async Task<IReadOnlyList<ConnectionDescription>> ConnectionsOfAsync(DaemonView daemon, CancellationToken cancellationToken)
    {
        if (daemon is not { Answers: true, Socket: { } socket }) return [];
        try
        {
            return await Client(socket).ListConnectionsAsync(cancellationToken: cancellationToken);
        }
        catch (ViciException)
        {
            return [];
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values) await client.DisposeAsync();
    }

    private DaemonView Describe(ServiceProcess process)
    {
        var conf = NamedProcesses.Variable(process.Pid, "STRONGSWAN_CONF") is { Length: > 0 } named && named != DefaultConf ? StrongswanConf.Read(named, new ConfigurationFolder()) : byDefault;
        var sockets = HeldFiles.ListeningSockets(process.Pid);
        var devices = TunDevices.HeldBy(process.Pid);
        return new DaemonView
        {
            Pid = process.Pid,
            Socket = sockets.FirstOrDefault(socket => Same(socket, conf.ViciSocket ?? ViciClient.DefaultSocketPath)) ?? sockets.FirstOrDefault(socket => Path.GetFileName(socket).Contains("vici", StringComparison.Ordinal)),
            Answers = false,
            IkePort = conf.IkePort,
            NatPort = conf.NatPort,
            TunDevice = devices.Count > 0 ? devices[0] : null,
        };
    }

    /// <summary>/var/run is /run (hier(7)); a daemon may call it either way.</summary>
    private static bool Same(string one, string other) => Plain(one) == Plain(other);

    private static string Plain(string path) => path.StartsWith("/var/run/", StringComparison.Ordinal) ? path["/var".Length..] : path;

    private async Task<DaemonView> AskAsync(DaemonView daemon, CancellationToken cancellationToken)
    {
        if (daemon.Socket is not { } socket) return daemon;
        var client = Client(socket);
        try
        {
            var keys = client.GetSharedIdsAsync(cancellationToken);
            var connections = client.GetConnectionNamesAsync(cancellationToken);
            var sas = client.ListSasAsync(cancellationToken: cancellationToken);
            return daemon with { Answers = true, KeyNames = await keys, ConnectionNames = await connections, Sas = await sas };
        }
        catch (ViciException)
        {
            return daemon with { Answers = false };
        }
    }

    private ViciClient Client(string socket)
    {
        lock (_clients)
        {
            if (!_clients.TryGetValue(socket, out var client)) _clients[socket] = client = new ViciClient(socket, new ViciClientOptions { ConnectTimeout = Patience, RequestTimeout = Patience });
            return client;
        }
    }
}
