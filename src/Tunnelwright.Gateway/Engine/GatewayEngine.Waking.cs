using Microsoft.Extensions.Logging;
using Tunnelwright.Vici;

namespace Tunnelwright.Gateway;

/// <content>What wakes the loop, and what cannot wait for it: verdicts, events of charon, the end of a daemon.</content>
public sealed partial class GatewayEngine
{
    private void VerdictChanged()
    {
        _verdicts.Writer.TryWrite(true);
        Wake();
    }

    /// <summary>Another verdict moves the traffic at once, by what the last look saw; a whole look, which may be under way and slow, comes after.</summary>
    private async Task DivertAsync(CancellationToken cancellationToken)
    {
        await foreach (var _ in _verdicts.Reader.ReadAllAsync(cancellationToken))
        {
            if (Volatile.Read(ref _seen) is not { } seen) continue;
            try
            {
                await _executor.DivertAsync(Planner.Plan(Desired, seen, _monitors.Health), [], cancellationToken);
            }
            catch (Exception problem) when (!cancellationToken.IsCancellationRequested)
            {
                // Whatever it was: the next verdict must be acted on, and the pass that follows this one tries again and tells.
                PassFailed(problem.Message);
            }
        }
    }

    private void Wake() => _wake.Writer.TryWrite(true);

    /// <summary>Waits for a reason to look: somebody woke the loop, a daemon has ended, or the pause is over.</summary>
    private async Task WaitAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        while (_time.GetElapsedTime(started) is var passed && passed < pause && DaemonsLive())
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var slice = pause - passed < Pulse ? pause - passed : Pulse;
            var woken = _wake.Reader.WaitToReadAsync(limit.Token).AsTask();
            var first = await Task.WhenAny(Task.Delay(slice, _time, limit.Token), woken);
            await limit.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
            if (first == woken) break;
        }

        _wake.Reader.TryRead(out _);
    }

    private bool DaemonsLive() =>
        Volatile.Read(ref _seen) is not { } seen || (seen.Charons.All(charon => charon.Process.IsAlive) && seen.Bird?.Process.IsAlive != false && seen.Dns?.Process.IsAlive != false);

    /// <summary>Follows the events of every charon, so that a change of an SA is looked at when it happens.</summary>
    private void Listen(ObservedGateway observed, CancellationToken cancellationToken)
    {
        foreach (var charon in observed.Charons.Where(charon => charon.Answers))
        {
            var key = $"{charon.Process.Pid}/{charon.Process.StartTime}";
            if (_listeners.ContainsKey(key)) continue;
            var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            _listeners[key] = stopping;
            _ = Task.Run(() => FollowAsync(charon, key, stopping.Token), stopping.Token);
        }

        foreach (var key in _listeners.Keys.Where(key => !observed.Charons.Any(charon => key == $"{charon.Process.Pid}/{charon.Process.StartTime}")).ToList())
        {
            _listeners[key].Cancel();
            _listeners.Remove(key);
        }
    }

    private async Task FollowAsync(ObservedCharon charon, string key, CancellationToken cancellationToken)
    {
        try
        {
            var events = _observer.Client(charon.Instance).ListenAsync([ViciEventNames.IkeUpDown, ViciEventNames.ChildUpDown, ViciEventNames.IkeRekey, ViciEventNames.ChildRekey], null, cancellationToken);
            await foreach (var raised in events.WithCancellation(cancellationToken))
            {
                if (raised.Kind != ViciEventKind.Raised) continue;
                if (ViciNotification.Read(raised) is ChildUpDownNotification change) await TakeAsync(charon, change, cancellationToken);
                Wake();
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
        catch (ViciException problem)
        {
            FeedEnded(key, problem.Message);
        }

        Wake();
    }

    private async Task TakeAsync(ObservedCharon charon, ChildUpDownNotification change, CancellationToken cancellationToken)
    {
        try
        {
            if (change.Up) await CameUpAsync(charon, change.Ike.Name, cancellationToken);
            else await WentDownAsync(charon, cancellationToken);
        }
        catch (Exception problem) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it was, such as an interface that has just gone: the next event must be heard, and the look that follows this one tries again and tells.
            PassFailed(problem.Message);
        }
    }

    /// <summary>An SA pair has come up: its tunnel is watched from now on and the status knows it, before the next whole look.</summary>
    private async Task CameUpAsync(ObservedCharon charon, string name, CancellationToken cancellationToken)
    {
        _executor.CameUp(name);
        foreach (var (connection, tunnel) in Desired.AllTunnels())
        {
            if (GatewayNames.Connection(connection.Id, tunnel.Number) == name) await _monitors.WatchAsync(charon, connection, tunnel);
        }

        await GlanceAsync(GlancePatience, cancellationToken);
    }

    /// <summary>An SA pair has ended: its traffic moves as soon as it is known whether another one stands, before anything else is looked at.</summary>
    private async Task WentDownAsync(ObservedCharon charon, CancellationToken cancellationToken)
    {
        // A look that ends meanwhile knows more, but may have begun before the end.
        for (var known = Volatile.Read(ref _seen); known is not null;)
        {
            var fresh = await _observer.RefreshAsync(known, charon, cancellationToken);
            var now = Interlocked.CompareExchange(ref _seen, fresh, known);
            if (now == known) break;
            known = now;
        }

        VerdictChanged();
        await GlanceAsync(GlancePatience, cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "events of charon {Key} ended: {Words}")]
    private partial void FeedEnded(string key, string words);
}
