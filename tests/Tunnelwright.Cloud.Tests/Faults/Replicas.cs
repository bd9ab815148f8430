using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Tunnelwright.Cloud.Tests;

/// <summary>
/// Processes of the service side by side, with a PostgreSQL of their own, in one state folder. What ends is started again, as an init system does, and clients
/// go to any of them that takes their connection, as through a load balancer.
/// </summary>
internal sealed class Replicas : IAsyncDisposable
{
    private readonly string _state;
    private readonly CloudProcess[] _processes;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _keepers = [];
    private int _turn;

    /// <summary>Replicas that do not run yet.</summary>
    /// <param name="state">The state folder.</param>
    /// <param name="count">How many.</param>
    /// <param name="settings">Their settings.</param>
    public Replicas(string state, int count, IReadOnlyDictionary<string, string> settings)
    {
        _state = state;
        _processes = [.. Enumerable.Range(0, count).Select(_ => new CloudProcess(state, CloudProcess.FreePort(), settings))];
    }

    /// <summary>Everything that they have said.</summary>
    public string Log => string.Concat(_processes.Select(process => process.Log));

    private string ServerFile => Path.Combine(_state, "postgresql", "data", "postmaster.pid");

    public async Task StartAsync()
    {
        await Task.WhenAll(_processes.Select(process => process.StartAsync()));
        _keepers.AddRange(_processes.Select(process => Task.Run(() => KeepAsync(process))));
    }

    public TestClient ClientOf(string token) => new(new Uri("http://service.test"), token, ConnectAsync);

    /// <summary>kill -9 of one of them.</summary>
    public void Kill(int number) => _processes[number % _processes.Length].Kill();

    /// <summary>kill -9 of PostgreSQL's server process; false when there is none at the moment.</summary>
    public bool KillServer() => ServerPid() is { } pid && TryKill(pid);

    /// <summary>kill -9 of one of the processes that PostgreSQL has for its clients: it ends all others and recovers.</summary>
    public bool KillBackend(int number)
    {
        if (ServerPid() is not { } server) return false;
        var children = Directory.EnumerateDirectories("/proc").Select(folder => int.TryParse(Path.GetFileName(folder), out var pid) ? pid : 0)
            .Where(pid => pid > 0 && Linux.ProcessStatistics.TryRead(pid) is { HasEnded: false } && ParentOf(pid) == server && IsBackend(pid)).Order().ToArray();
        return children.Length > 0 && TryKill(children[number % children.Length]);
    }

    /// <summary>Ends them as an init system does.</summary>
    /// <returns>Their exit codes.</returns>
    public async Task<int[]> EndAsync()
    {
        await StopKeepingAsync(kill: false);
        return await Task.WhenAll(_processes.Select(process => process.EndAsync()));
    }

    /// <summary>Whether PostgreSQL runs.</summary>
    public bool ServerRuns() => ServerPid() is { } pid && Linux.ProcessStatistics.TryRead(pid) is { HasEnded: false };

    public async ValueTask DisposeAsync()
    {
        await StopKeepingAsync(kill: true);
        foreach (var process in _processes) await process.DisposeAsync();
        if (ServerRuns()) await new PrivateCluster(_state).StopUnlessUsedAsync();
        _stop.Dispose();
    }

    /// <summary>Starts a process again whenever it has ended.</summary>
    private async Task KeepAsync(CloudProcess process)
    {
        try
        {
            while (true)
            {
                await process.WaitAsync(_stop.Token);
                await process.TryStartAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // What runs now is ended by others.
        }
    }

    private async Task StopKeepingAsync(bool kill)
    {
        await _stop.CancelAsync();
        if (kill) foreach (var process in _processes) process.Kill();
        await Task.WhenAll(_keepers);
        _keepers.Clear();
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var first = (uint)Interlocked.Increment(ref _turn);
        for (uint next = 0; ; next++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, _processes[(first + next) % _processes.Length].Port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException) when (next + 1 < _processes.Length)
            {
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }

    private int? ServerPid()
    {
        try
        {
            return File.ReadLines(ServerFile).FirstOrDefault() is { } line && int.TryParse(line, out var pid) ? pid : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The parent of a process (proc(5), /proc/PID/stat, the second field after the name).</summary>
    private static int ParentOf(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1]);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>Whether a process of PostgreSQL serves a client of the service's database: its title says so.</summary>
    private static bool IsBackend(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Contains(" tunnelwright ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static bool TryKill(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
            return true;
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }
}
