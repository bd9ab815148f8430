using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Tunnelwright.Linux;

namespace Tunnelwright.Gateway;

/// <summary>
/// The level-triggered loop: look, compare with the desired state, act, look again. It remembers nothing that can be observed, so that it
/// may be killed at any moment and started again.
/// </summary>
public sealed partial class GatewayEngine : IAsyncDisposable
{
    /// <summary>A whole look at least this often, whatever happens.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>Between looks while a BGP session is enabled and not established: what is announced for its sake goes when it is.</summary>
    private static readonly TimeSpan SessionPause = TimeSpan.FromSeconds(1);

    /// <summary>How often it is asked whether the daemons still live.</summary>
    private static readonly TimeSpan Pulse = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a status waits for the first look.</summary>
    private static readonly TimeSpan FirstLookPatience = TimeSpan.FromSeconds(5);

    /// <summary>How long the first status waits for the first answers of tunnels that are found up.</summary>
    private static readonly TimeSpan FirstAnswerPatience = TimeSpan.FromMilliseconds(500);

    /// <summary>How long an event waits for a glance that is under way.</summary>
    private static readonly TimeSpan GlancePatience = TimeSpan.FromSeconds(1);

    /// <summary>How long the look after an initiation waits for the first answers: before them there is nothing new to be seen.</summary>
    private static readonly TimeSpan HandshakePatience = TimeSpan.FromMilliseconds(300);

    /// <summary>How old a look may be that a status is made of.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromMilliseconds(100);

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Observer _observer = new();
    private readonly Executor _executor;
    private readonly StatusKeeper _status;
    private readonly CharonSilence _silence;
    private readonly MonitorSet _monitors;
    private readonly Dictionary<string, CancellationTokenSource> _listeners = new(StringComparer.Ordinal);
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Channel<bool> _verdicts = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly SemaphoreSlim _pass = new(1, 1);
    private readonly SemaphoreSlim _glance = new(1, 1);
    private readonly TaskCompletionSource _looked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ObservedGateway? _seen;
    private DesiredGateway _desired;
    private int _generation;

    /// <summary>The newest generation whose changes have been carried out once: what the status shows before is the state of an older one.</summary>
    private int _applied = -1;
    private long _lastLook;

    /// <summary>An engine for a gateway on this host. The caller holds the gateway's lock.</summary>
    /// <param name="desired">The first desired state.</param>
    /// <param name="logger">Where it says what it does.</param>
    /// <param name="time">The clock.</param>
    public GatewayEngine(DesiredGateway desired, ILogger logger, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(desired);
        _time = time ?? TimeProvider.System;
        _logger = logger;
        _desired = desired;
        _executor = new Executor(desired.Name, _observer, logger);
        _status = new StatusKeeper(_time);
        _silence = new CharonSilence(_time);
        _monitors = new MonitorSet(VerdictChanged, _time, answering: new AnsweringPeers(new GatewayPaths(desired.Name).Answering));
        Metrics = new GatewayMetrics(() => Chronicle!.Complete(_status.Current));
        Chronicle = Gateway.Chronicle.Of(desired.Name, _time, logger);
        Chronicle.Happened = Metrics.Take;
    }

    /// <summary>The desired state that the engine works on.</summary>
    public DesiredGateway Desired => Volatile.Read(ref _desired);

    /// <summary>What happened.</summary>
    internal Chronicle Chronicle { get; }

    /// <summary>What the metrics are made of.</summary>
    internal GatewayMetrics Metrics { get; }

    /// <summary>Hands over another desired state.</summary>
    /// <param name="desired">The whole desired state.</param>
    /// <returns>Its generation, which the status shows as soon as its changes have been carried out.</returns>
    public int SetDesired(DesiredGateway desired)
    {
        Chronicle.NoteChange(Desired, desired);
        Volatile.Write(ref _desired, desired);
        var generation = Interlocked.Increment(ref _generation);
        Wake();
        return generation;
    }

    /// <summary>
    /// The state: echo requests as of now, SAs, routes and BGP sessions as of a moment ago, the rest as of the last pass. Before the first
    /// look it waits for that, 5 s at most.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<StatusDocument> GetStatusAsync(CancellationToken cancellationToken)
    {
        if (!_looked.Task.IsCompleted) await Task.WhenAny(_looked.Task, Task.Delay(FirstLookPatience, cancellationToken));
        if (_time.GetElapsedTime(Volatile.Read(ref _lastLook)) > Freshness) await GlanceAsync(TimeSpan.Zero, cancellationToken);
        return Chronicle.Complete(_status.Current);
    }

    /// <summary>Has the root cause of every tunnel's end looked for, until it is cancelled. An end that only answers has nobody to ask.</summary>
    internal Task InquireAsync(RootCauseFinder finder, CancellationToken cancellationToken)
    {
        var inquiry = new DownInquiry(Chronicle, finder, _time, _logger);
        Chronicle.Happened += happened =>
        {
            if (Desired.Connections.Any(connection => connection.Id == happened.Connection && connection.Role == GatewayRole.Initiator)) inquiry.Take(happened);
        };
        return Task.Run(() => inquiry.RunAsync(cancellationToken), cancellationToken);
    }

    /// <summary>Works until it is cancelled. Tunnels and daemons stay as they are when it ends.</summary>
    /// <param name="cancellationToken">Ends the loop.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var diverting = Task.Run(() => DivertAsync(cancellationToken), cancellationToken);
        var failuresInARow = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            var settled = await PassAsync(cancellationToken);
            failuresInARow = settled ? 0 : failuresInARow + 1;
            TrimLogs();
            var pause = settled ? RestingPause() : TimeSpan.FromMilliseconds(Math.Min(50 * Math.Pow(1.6, failuresInARow), 5000));
            await WaitAsync(pause, cancellationToken);
        }

        await diverting;
    }

    /// <summary>Until the next look when nothing is left to do: a renewal that is refused, and a BGP session that is being established, are seen in time.</summary>
    private TimeSpan RestingPause()
    {
        if (Volatile.Read(ref _seen) is not { } seen) return LongestPause;
        var pause = seen.Bird?.Sessions?.Any(session => session.State is not ("established" or "down")) == true ? SessionPause : LongestPause;
        return Renewal.NextIn(seen, Desired) is { } moment && moment < pause ? moment + TimeSpan.FromMilliseconds(100) : pause;
    }

    private void TrimLogs()
    {
        try
        {
            DaemonLogs.Trim(new GatewayPaths(Desired.Name).StateFolder);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            PassFailed(problem.Message);
        }
    }

    /// <summary>One pass: look, plan, act, look again.</summary>
    /// <returns>Whether nothing is left to do.</returns>
    internal async Task<bool> PassAsync(CancellationToken cancellationToken)
    {
        await _pass.WaitAsync(cancellationToken);
        using var span = Tracing.Pass(Volatile.Read(ref _generation));
        Metrics.Passes.Passed();
        try
        {
            var generation = Volatile.Read(ref _generation);
            var desired = Desired;
            var failures = new List<string>();
            var known = TakeLookAhead();
            for (var round = 0; round < 4; round++)
            {
                var observed = known ?? _silence.Judge(await _observer.ObserveAsync(desired, cancellationToken), _monitors.Health);
                Listen(observed, cancellationToken);
                await _monitors.FollowAsync(desired, observed);
                var plan = Planner.Plan(desired, observed, _monitors.Health);
                if (IsApplied(desired, plan)) _applied = generation;
                _status.Update(desired, observed, _monitors, plan, failures, _applied);
                Tell();
                Note(observed);
                Volatile.Write(ref _seen, observed);
                Volatile.Write(ref _lastLook, _time.GetTimestamp());
                if (!_looked.Task.IsCompleted) _ = LookedAsync(cancellationToken);
                if (plan.Changes.Count == 0 || failures.Count > 0) return plan.Changes.Count == 0 && plan.Problems.Count == 0;
                Chronicle.NoteReplacements(plan.Changes.OfType<RenewTunnel>().Where(renew => renew.Carries).Select(renew => renew.Connection));
                var result = await _executor.ApplyAsync(plan, failures, cancellationToken, OnlyAnswers(desired) ? () => TellOfTunnelsAsync(desired, generation, failures, cancellationToken) : null);
                foreach (var renew in plan.Changes.OfType<RenewTunnel>()) _monitors.Renewed(renew.Connection);
                if (!result.Partial)
                {
                    Volatile.Write(ref _applied, generation);
                    await UntilCarryingAsync(plan.Changes.OfType<Initiate>().Select(initiate => initiate.Connection).ToList(), cancellationToken);
                }

                // Daemons that have just been started hold nothing yet: that need not be looked at.
                known = result.Started is { } started ? observed with { Charons = [.. observed.Charons, .. started], Forwarding = true } : null;
            }

            return false;
        }
        catch (Exception problem) when (problem is KernelException or CommandFailedException or ProgramMissingException or UnreadableOutputException or IOException)
        {
            PassFailed(problem.Message);
            _status.Fail(problem);
            Metrics.Passes.Failed();
            _looked.TrySetResult();
            return false;
        }
        finally
        {
            _pass.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var listener in _listeners.Values)
        {
            await listener.CancelAsync();
            listener.Dispose();
        }

        await _monitors.DisposeAsync();
        await _observer.DisposeAsync();
        Metrics.Dispose();
        _pass.Dispose();
        _glance.Dispose();
    }

    /// <summary>Looks at what changes by itself, without a full pass: cheap enough for somebody who watches.</summary>
    /// <param name="patience">How long to wait for another glance that is under way; then there is none.</param>
    /// <param name="cancellationToken">Ends the glance.</param>
    private async Task GlanceAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _seen) is not { } seen || !await _glance.WaitAsync(patience, cancellationToken)) return;
        try
        {
            var applied = Volatile.Read(ref _applied);
            var fresh = await _observer.RefreshAsync(seen, Desired.Name, cancellationToken);
            _status.Refresh(fresh, applied);
            Note(fresh);

            // Unless a whole look, which knows more, ended meanwhile.
            Interlocked.CompareExchange(ref _seen, fresh, seen);
        }
        catch (Exception problem) when (problem is KernelException or CommandFailedException or UnreadableOutputException)
        {
            PassFailed(problem.Message);
        }
        finally
        {
            Volatile.Write(ref _lastLook, _time.GetTimestamp());
            _glance.Release();
        }
    }

    /// <summary>History and metrics take a look's result.</summary>
    private void Note(ObservedGateway observed)
    {
        Metrics.Take(observed);
        Chronicle.Take(observed, _status.Current);
    }

    /// <summary>The first status is told when the tunnels that were found have answered, or had the time to.</summary>
    private async Task LookedAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _monitors.FirstAnswersAsync(FirstAnswerPatience, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The engine is ending.
        }

        _looked.TrySetResult();
    }

    /// <summary>Leaves the processor to the handshakes of tunnels that have just been initiated.</summary>
    private async Task UntilCarryingAsync(List<string> initiated, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        while (initiated.Exists(name => _monitors.RecordOf(name) is not { Health: not TunnelHealth.Unknown }) && _time.GetElapsedTime(started) < HandshakePatience)
            await Task.Delay(TimeSpan.FromMilliseconds(5), _time, cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "this pass failed: {Words}")]
    private partial void PassFailed(string words);
}
