using System.Net;
using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Gateway;

/// <summary>Sends echo requests through a tunnel to the peer's inside address, which every kind of peer can answer, and keeps the record.</summary>
internal sealed class TunnelMonitor : IAsyncDisposable
{
    /// <summary>Time from one request to the next while answers come.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>The same before the first answer: the proof of a new tunnel is waited for.</summary>
    private static readonly TimeSpan FirstInterval = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _stopping = new();
    private readonly IPAddress _peer;
    private readonly IPAddress _source;
    private readonly TimeProvider _time;
    private readonly Action _changed;
    private readonly Task _work;

    /// <summary>Starts to watch.</summary>
    /// <param name="device">The tunnel's interface.</param>
    /// <param name="source">This host's inside address.</param>
    /// <param name="peer">The peer's inside address.</param>
    /// <param name="changed">Called when the verdict changes.</param>
    /// <param name="time">The clock.</param>
    public TunnelMonitor(string device, Ipv4Address source, Ipv4Address peer, Action changed, TimeProvider time)
    {
        Device = device;
        _source = source.ToIPAddress();
        _peer = peer.ToIPAddress();
        _changed = changed;
        _time = time;
        _work = Task.Run(() => WatchAsync(_stopping.Token), CancellationToken.None);
    }

    /// <summary>The tunnel's interface.</summary>
    public string Device { get; }

    /// <summary>What the answers say.</summary>
    public EchoRecord Record { get; } = new();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _work;
        _stopping.Dispose();
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await using var probe = await EchoProbe.OpenAsync(NetworkNamespace.Current, new EchoOptions { Source = _source, Device = Device }, _time);
                await ProbeAsync(probe, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (KernelException)
            {
                // The interface or its address is gone: the engine will bring it back.
                if (Record.Miss()) _changed();
                await Task.Delay(Interval, _time, CancellationToken.None);
            }
        }
    }

    private async Task ProbeAsync(EchoProbe probe, CancellationToken cancellationToken)
    {
        var waiting = new List<Task>();
        while (true)
        {
            waiting.RemoveAll(task => task.IsCompleted);
            waiting.Add(SendAsync(probe, cancellationToken));
            await Task.Delay(Record.Health == TunnelHealth.Unknown ? FirstInterval : Interval, _time, cancellationToken);
        }
    }

    private async Task SendAsync(EchoProbe probe, CancellationToken cancellationToken)
    {
        // A request from before the first answer says nothing when it is lost: the other end may not have been ready yet.
        var beforeFirstAnswer = Record.Health == TunnelHealth.Unknown;
        try
        {
            var reply = await probe.SendAsync(_peer, Patience, cancellationToken);
            if (reply is null ? !beforeFirstAnswer && Record.Miss() : Record.Answer(reply.RoundTrip)) _changed();
        }
        catch (OperationCanceledException)
        {
            // The monitor is being stopped.
        }
        catch (Exception problem) when (problem is KernelException or ObjectDisposedException)
        {
            if (Record.Miss()) _changed();
        }
    }
}
