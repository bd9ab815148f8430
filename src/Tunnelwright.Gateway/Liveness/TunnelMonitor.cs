using System.Net;
using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Gateway;

/// <summary>Sends echo requests through a tunnel to the peer's inside address, which every kind of peer can answer, and keeps the record.</summary>
internal sealed class TunnelMonitor : IAsyncDisposable
{
    /// <summary>From one request to the next.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>The same before the first answer: the proof of a new tunnel is waited for.</summary>
    private static readonly TimeSpan FirstInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Requests that are sent so close together; a tunnel that does not answer then may not answer at all.</summary>
    private const int FirstRequests = 50;

    /// <summary>How often the clock is looked at.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    /// <summary>A step that takes so much longer means that this process stood still.</summary>
    private static readonly TimeSpan Stall = TimeSpan.FromMilliseconds(150);

    /// <summary>After that an answer is of no interest any more.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopping = new();
    private readonly IPAddress _peer;
    private readonly IPAddress _source;
    private readonly TimeProvider _time;
    private readonly Action _changed;
    private readonly Task _work;

    /// <summary>Starts to watch.</summary>
    /// <param name="record">Takes what the answers say.</param>
    /// <param name="device">The tunnel's interface.</param>
    /// <param name="source">This host's inside address.</param>
    /// <param name="peer">The peer's inside address.</param>
    /// <param name="changed">Called when the verdict changes.</param>
    /// <param name="time">The clock.</param>
    public TunnelMonitor(EchoRecord record, string device, Ipv4Address source, Ipv4Address peer, Action changed, TimeProvider time)
    {
        (Record, Device) = (record, device);
        _source = source.ToIPAddress();
        _peer = peer.ToIPAddress();
        _changed = changed;
        _time = time;
        _work = Task.Run(() => WatchAsync(_stopping.Token), CancellationToken.None);
    }

    /// <summary>The tunnel's interface.</summary>
    public string Device { get; }

    /// <summary>What the answers say.</summary>
    public EchoRecord Record { get; }

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
                // The interface or its address is gone: that is a request without an answer; the engine will bring it back.
                Record.Request();
                if (Record.Check()) _changed();
                await Task.Delay(Interval, _time, CancellationToken.None);
            }
        }
    }

    private async Task ProbeAsync(EchoProbe probe, CancellationToken cancellationToken)
    {
        var requests = 0;
        var lastRequest = 0L;
        while (true)
        {
            var isNew = Record.Health == TunnelHealth.Unknown && requests < FirstRequests;
            if (requests == 0 || isNew || _time.GetElapsedTime(lastRequest) >= Interval - (Step / 2))
            {
                lastRequest = _time.GetTimestamp();
                requests++;
                _ = SendAsync(probe, cancellationToken);
            }

            var before = _time.GetTimestamp();
            await Task.Delay(isNew ? FirstInterval : Step, _time, cancellationToken);
            if (_time.GetElapsedTime(before) > Step + Stall) Record.Excuse();
            if (Record.Check()) _changed();
        }
    }

    private async Task SendAsync(EchoProbe probe, CancellationToken cancellationToken)
    {
        var ticket = Record.Request();
        try
        {
            if (await probe.SendAsync(_peer, Patience, cancellationToken) is { } reply && Record.Answer(ticket, reply.RoundTrip)) _changed();
        }
        catch (Exception problem) when (problem is OperationCanceledException or KernelException or ObjectDisposedException)
        {
            // The monitor is being stopped, or the request could not be sent: then it is one without an answer.
        }
    }
}
