using Microsoft.Extensions.Logging;
using Tunnelwright.Gateway;
using Tunnelwright.Linux;

namespace Tunnelwright.Cli.Customer;

/// <summary>
/// The first seconds of a gateway that nobody drives yet: the command drives it itself, so that nobody waits for a second program's start. At
/// the end, whichever it is, the agent is started and takes over as soon as this process lets go of the gateway's lock.
/// </summary>
internal sealed class FirstDrive : IAsyncDisposable
{
    private static readonly TimeSpan HandOverPatience = TimeSpan.FromSeconds(20);

    /// <summary>Whatever is not up by then takes longer than the agent's start.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(4);

    private readonly AgentClient _agent;
    private readonly long _taken = TimeProvider.System.GetTimestamp();
    private readonly GatewayPaths _paths;
    private readonly bool _newFolder;
    private readonly FileLock _held;
    private readonly ILoggerFactory _loggers;
    private readonly LateLog _log = new();
    private readonly GatewayEngine _engine;
    private readonly CancellationTokenSource _stopping = new();
    private Task? _work;
    private ServiceProcess? _agentProcess;
    private bool _disposed;

    private FirstDrive(DesiredGateway desired, AgentClient agent, GatewayPaths paths, FileLock held, bool newFolder)
    {
        (_agent, _paths, _held, _newFolder) = (agent, paths, held, newFolder);
        _loggers = LoggerFactory.Create(logging => logging.AddProvider(new LineLoggerProvider(_log)));
        _engine = new GatewayEngine(desired, _loggers.CreateLogger("tunnelwright"));
    }

    /// <summary>Takes the gateway's lock; nothing else happens yet.</summary>
    /// <param name="desired">The desired state.</param>
    /// <param name="agent">The agent that will take over.</param>
    /// <returns>Null when another process drives the gateway.</returns>
    public static FirstDrive? TryTake(DesiredGateway desired, AgentClient agent)
    {
        var paths = new GatewayPaths(desired.Name);
        var newFolder = !Directory.Exists(paths.StateFolder);
        Directory.CreateDirectory(paths.StateFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return FileLock.TryAcquire(paths.Lock) is { } held ? new FirstDrive(desired, agent, paths, held, newFolder) : null;
    }

    /// <summary>What it is going to change.</summary>
    public Task<PlanDocument> PlanAsync(CancellationToken cancellationToken) => _engine.LookAheadAsync(cancellationToken);

    /// <summary>Starts to drive.</summary>
    public void Start()
    {
        AtomicFile.Write(_paths.Desired, DesiredGatewayJson.Write(_engine.Desired));
        _log.Open(_paths.AgentLog);
        _work = Task.Run(() => _engine.RunAsync(_stopping.Token), CancellationToken.None);
    }

    /// <summary>The state: in the first seconds as the own engine sees it, then as the agent tells it.</summary>
    public async Task<StatusDocument?> AskAsync(CancellationToken cancellationToken)
    {
        if (!_disposed && TimeProvider.System.GetElapsedTime(_taken) > Longest)
        {
            await DisposeAsync();
            await UntilListensAsync(_agent, _agentProcess, cancellationToken);
        }

        return _disposed ? await _agent.TryGetStatusAsync(cancellationToken) : await _engine.GetStatusAsync(cancellationToken);
    }

    /// <summary>Waits until the agent drives the gateway.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="process">Its process; null when another call started it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="CliException">It does not.</exception>
    public static async Task UntilListensAsync(AgentClient agent, ServiceProcess? process, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!agent.Listens())
        {
            if (process is { IsAlive: false } || TimeProvider.System.GetElapsedTime(started) > HandOverPatience)
                throw new CliException(ExitCodes.MachineCannot, $"the agent did not take over; see {new GatewayPaths(CustomerHost.GatewayName).AgentLog}", "tunnelwright gateway run starts it");
            await Task.Delay(TimeSpan.FromMilliseconds(2), cancellationToken);
        }
    }

    /// <summary>Hands the gateway over to the agent, when driving had begun.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        if (_work is not null) _agentProcess = await CustomerHost.StartAgentAsync(standby: true, CancellationToken.None);
        await _stopping.CancelAsync();
        try
        {
            if (_work is not null) await _work;
        }
        catch (OperationCanceledException)
        {
            // The asked-for end.
        }

        await _engine.DisposeAsync();
        _loggers.Dispose();
        await _log.DisposeAsync();
        _stopping.Dispose();
        // A call that was refused leaves the host as it was.
        if (_work is null && _newFolder) Directory.Delete(_paths.StateFolder, recursive: true);
        _held.Dispose();
    }

    /// <summary>The agent's log file, which both write to; before it is opened lines are dropped.</summary>
    private sealed class LateLog : TextWriter
    {
        private readonly Lock _gate = new();
        private StreamWriter? _file;

        public override System.Text.Encoding Encoding => System.Text.Encoding.UTF8;

        public void Open(string path) => _file = new StreamWriter(
            path, new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite, UnixCreateMode = AtomicFile.OwnerOnly }) { AutoFlush = true };

        public override void Write(char value) => WriteLine(value.ToString());

        public override void WriteLine(string? value)
        {
            lock (_gate) _file?.WriteLine(value);
        }

        public override async ValueTask DisposeAsync()
        {
            if (_file is not null) await _file.DisposeAsync();
            await base.DisposeAsync();
        }
    }
}
