using System.Net;
using System.Net.Sockets;
using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Gateway;

/// <summary>
/// Sends echo requests through a tunnel to the peer's inside address, which every kind of peer can answer, and keeps the record. It does nothing by
/// itself: <see cref="EchoLoop"/> moves it.
/// </summary>
internal sealed class TunnelMonitor : IDisposable
{
    /// <summary>From one request to the next.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>The least that <see cref="HealthyInterval"/> may be, in milliseconds.</summary>
    public const int LeastHealthyMilliseconds = 100;

    /// <summary>The most that it may be, in milliseconds.</summary>
    public const int MostHealthyMilliseconds = 10_000;

    /// <summary>The same before the first answer: the proof of a new tunnel is waited for.</summary>
    private static readonly TimeSpan FirstInterval = TimeSpan.FromMilliseconds(10);

    /// <summary>Requests that are sent so close together; a tunnel that does not answer then may not answer at all.</summary>
    private const int FirstRequests = 100;

    /// <summary>Requests whose answers are still of interest: two seconds of them.</summary>
    private const int Remembered = 32;

    private readonly Lock _gate = new();
    private readonly (ushort Sequence, long Ticket, long SentAt)[] _sent = new (ushort, long, long)[Remembered];
    private readonly IPAddress _peer;
    private readonly IPAddress _source;
    private readonly TimeProvider _time;
    private EchoSocket? _socket;
    private ushort _sequence;
    private int _requests;
    private long _lastRequest;
    private bool _disposed;

    /// <summary>A monitor of a tunnel.</summary>
    /// <param name="record">Takes what the answers say.</param>
    /// <param name="device">The tunnel's interface.</param>
    /// <param name="source">This host's inside address.</param>
    /// <param name="peer">The peer's inside address.</param>
    /// <param name="time">The clock.</param>
    public TunnelMonitor(EchoRecord record, string device, Ipv4Address source, Ipv4Address peer, TimeProvider time)
    {
        (Record, Device, _time) = (record, device, time);
        _source = source.ToIPAddress();
        _peer = peer.ToIPAddress();
    }

    /// <summary>The tunnel's interface.</summary>
    public string Device { get; }

    /// <summary>What the answers say.</summary>
    public EchoRecord Record { get; }

    /// <summary>From one request to the next while every answer comes in time: the less is asked, the later a death is seen.</summary>
    public TimeSpan HealthyInterval { get; set; } = Interval;

    /// <summary>Where answers arrive; null while the interface or its address is gone.</summary>
    public Socket? Socket => _socket?.Socket;

    /// <summary>Sends a request when one is due and looks at the clock.</summary>
    /// <param name="changed">Whether the verdict changed.</param>
    /// <returns>How long nothing has to be done unless an answer comes; at most half an interval while one is waited for.</returns>
    public TimeSpan Step(out bool changed)
    {
        lock (_gate)
        {
            changed = false;
            if (_disposed) return Interval;
            var interval = Record.Health switch
            {
                TunnelHealth.Unknown when _requests < FirstRequests => FirstInterval,
                TunnelHealth.Alive when !Record.IsOverdue => HealthyInterval,
                _ => Interval,
            };
            var rest = interval - _time.GetElapsedTime(_lastRequest);
            if (_requests == 0 || rest <= Shorter(interval, Interval) / 10)
            {
                Send();
                rest = interval;
            }

            changed = Record.Check();
            return !Record.Waits || rest < Interval / 2 ? rest : Interval / 2;
        }
    }

    /// <summary>Takes the answers that have arrived.</summary>
    /// <returns>Whether the verdict changed.</returns>
    public bool Receive()
    {
        lock (_gate)
        {
            var changed = false;
            while (!_disposed && _socket is { } socket && socket.TryReceive(out var sequence))
            {
                var request = _sent[sequence % Remembered];
                if (request.Sequence == sequence && request.Ticket != 0) changed |= Record.Answer(request.Ticket, _time.GetElapsedTime(request.SentAt));
            }

            return changed;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _socket?.Dispose();
            _socket = null;
        }
    }

    private static TimeSpan Shorter(TimeSpan left, TimeSpan right) => left < right ? left : right;

    /// <summary>A request that cannot be sent, because the interface or its address is gone for now, is one without an answer.</summary>
    private void Send()
    {
        _lastRequest = _time.GetTimestamp();
        _requests++;
        var sequence = ++_sequence;
        _sent[sequence % Remembered] = (sequence, Record.Request(), _lastRequest);
        try
        {
            _socket ??= EchoSocket.Open(new EchoOptions { Source = _source, Device = Device }, _peer);
            if (_socket.TrySend(sequence)) return;
        }
        catch (KernelException)
        {
            // Told by the missing answer.
        }

        _socket?.Dispose();
        _socket = null;
    }
}
