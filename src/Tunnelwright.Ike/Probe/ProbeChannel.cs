using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Tunnelwright.Ike;

/// <summary>One socket towards one port of the peer. It hands answers to whoever asked, by the initiator's SPI, and keeps the kernel's errors.</summary>
internal sealed class ProbeChannel : IAsyncDisposable
{
    private const int MostReceived = 2000;
    private const int MostErrors = 100;
    private const int ErrorsToBelieve = 2;
    private const int LargestDatagram = 65_535;

    private readonly Socket _socket;
    private readonly Outgoing _outgoing;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<ulong, Inbox> _inboxes = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _receiving;
    private readonly CancellationTokenSource _givenUp = new();
    private int _sent;
    private int _errors;

    internal ProbeChannel(IkeProbePort port, Socket socket, Outgoing outgoing, TimeProvider time)
    {
        Port = port;
        _socket = socket;
        _outgoing = outgoing;
        _time = time;
        Local = Plain((IPEndPoint)socket.LocalEndPoint!);
        Remote = Plain((IPEndPoint)socket.RemoteEndPoint!);
        _receiving = ReceiveAsync(_closing.Token);
    }

    internal IkeProbePort Port { get; }

    internal IPEndPoint Local { get; }

    internal IPEndPoint Remote { get; }

    internal int MessagesSent => _sent;

    /// <summary>The errno that came last, 0 for none.</summary>
    internal int Error { get; private set; }

    internal int Errors => _errors;

    /// <summary>Whether an IKE answer came in, in whatever version.</summary>
    internal bool HasAnswered { get; private set; }

    /// <summary>Whether something came in that is no IKE answer to us.</summary>
    internal bool HasHeardOther { get; private set; }

    internal TimeSpan? RoundTrip { get; private set; }

    /// <summary>Sends messages one after the other, each after the wait of the one before, until an answer comes.</summary>
    /// <param name="spi">The initiator's SPI of all of them.</param>
    /// <param name="steps">What to send, and how long to wait then.</param>
    /// <param name="accepts">Whether an answer ends the waiting; null takes any.</param>
    /// <param name="goesOn">Asked before each message but the first; null always goes on.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal async Task<IkeAnswer?> AskAsync(ulong spi, IReadOnlyList<ProbeStep> steps, Func<IkeAnswer, bool>? accepts, Func<bool>? goesOn, CancellationToken cancellationToken)
    {
        var inbox = _inboxes.GetOrAdd(spi, static _ => new Inbox());
        for (var i = 0; i < steps.Count && (HasAnswered || !_givenUp.IsCancellationRequested); i++)
        {
            if (i > 0 && goesOn?.Invoke() == false) return null;
            if (!await SendAsync(inbox, steps[i].Message, cancellationToken)) return null;
            using var wait = new CancellationTokenSource(steps[i].Wait, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(wait.Token, _givenUp.Token, cancellationToken);
            try
            {
                while (true)
                {
                    var answer = await inbox.Answers.Reader.ReadAsync(either.Token);
                    if (accepts is null || accepts(answer)) return answer;
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Silence until now, or the kernel's word: the next message, if any.
            }
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _receiving;
        _socket.Dispose();
        _closing.Dispose();
        _givenUp.Dispose();
    }

    private async Task<bool> SendAsync(Inbox inbox, byte[] message, CancellationToken cancellationToken)
    {
        byte[] datagram = Port.HasMarker ? [0, 0, 0, 0, .. message] : message;
        // The first send after an ICMP error reports that error and sends nothing.
        for (var attempt = 0; attempt < 2; attempt++)
        {
            if (!await _outgoing.TakeTurnAsync(cancellationToken)) return false;
            inbox.SentAt = _time.GetTimestamp();
            try
            {
                await _socket.SendAsync(datagram, SocketFlags.None, cancellationToken);
                Interlocked.Increment(ref _sent);
                return true;
            }
            catch (SocketException problem)
            {
                Note(problem);
            }
        }

        return true;
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[LargestDatagram];
        for (var received = 0; received < MostReceived && Errors < MostErrors;)
        {
            try
            {
                var length = await _socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
                received++;
                Take(buffer.AsSpan(0, length));
            }
            catch (SocketException problem)
            {
                Note(problem);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private void Take(ReadOnlySpan<byte> datagram)
    {
        var message = datagram;
        if (Port.HasMarker && IkeDatagram.Classify(datagram, out message) != IkeDatagramKind.Ike
            || !IkeHeader.TryRead(message, out var header, out _)
            || header.MajorVersion is not (1 or 2)
            || !IsAnswer(header)
            || !_inboxes.TryGetValue(header.InitiatorSpi, out var inbox))
        {
            HasHeardOther = true;
            return;
        }

        HasAnswered = true;
        var roundTrip = _time.GetElapsedTime(inbox.SentAt);
        RoundTrip ??= roundTrip;
        inbox.Answers.Writer.TryWrite(IkeAnswer.Read(message, header, roundTrip));
    }

    /// <summary>Our own message that comes back is none.</summary>
    private static bool IsAnswer(IkeHeader header) => header.MajorVersion == 2
        ? header.IsResponse
        : header.ResponderSpi != 0 || header.Exchange == IkeExchangeType.InformationalV1;

    private void Note(SocketException problem)
    {
        Error = problem.NativeErrorCode;
        // One error may be of the moment; after the second there is nothing to wait for.
        if (Interlocked.Increment(ref _errors) >= ErrorsToBelieve && !HasAnswered) _givenUp.Cancel();
    }

    private static IPEndPoint Plain(IPEndPoint endPoint) => endPoint.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(endPoint.Address.MapToIPv4(), endPoint.Port) : endPoint;

    /// <summary>Answers for one SPI; a flood of them is cut off.</summary>
    private sealed class Inbox
    {
        private const int MostWaiting = 8;

        internal Channel<IkeAnswer> Answers { get; } = Channel.CreateBounded<IkeAnswer>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

        internal long SentAt { get; set; }
    }
}

/// <summary>One message, and how long to wait for its answer.</summary>
internal readonly record struct ProbeStep(byte[] Message, TimeSpan Wait);

/// <summary>Paces everything that one probe sends, and counts it.</summary>
internal sealed class Outgoing(TimeSpan pace, int limit, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private long? _lastAt;

    internal int Count { get; private set; }

    /// <summary>Waits for the next turn; false when the limit is reached.</summary>
    internal async Task<bool> TakeTurnAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (Count >= limit) return false;
            if (_lastAt is { } last && pace - time.GetElapsedTime(last) is { Ticks: > 0 } rest) await Task.Delay(rest, time, cancellationToken);
            _lastAt = time.GetTimestamp();
            Count++;
            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();
}

/// <summary>Opens channels.</summary>
internal static class ProbeSockets
{
    private const int IpLevel = 0; // IPPROTO_IP
    private const int ReceiveErrors = 11; // IP_RECVERR, ip(7)
    private const int Ip6Level = 41; // IPPROTO_IPV6
    private const int ReceiveErrors6 = 25; // IPV6_RECVERR, ipv6(7)

    private const int NetworkDown = 100;
    private const int NetworkUnreachable = 101;
    private const int HostDown = 112;
    private const int HostUnreachable = 113;
    private const int ConnectionRefused = 111;
    private const int ProtocolNotAvailable = 92;

    /// <summary>A socket that is bound and connected, or the errno why there is none. Connected, it gets ICMP errors and knows its own address.</summary>
    internal static async Task<(Socket? Socket, int Error)> ConnectAsync(IPAddress address, IkeProbePort port, IkeProbeOptions options)
    {
        if (options.PrefersIkeSourcePorts)
        {
            var (preferred, _) = await TryConnectAsync(address, port, port.Number, options);
            if (preferred is not null) return (preferred, 0);
        }

        return await TryConnectAsync(address, port, 0, options);
    }

    /// <summary>What an errno says of the port.</summary>
    internal static IkePortState Judge(int error) => error switch
    {
        0 => IkePortState.Filtered,
        ConnectionRefused => IkePortState.Refused,
        NetworkDown or NetworkUnreachable or HostDown or HostUnreachable or ProtocolNotAvailable => IkePortState.Unreachable,
        _ => IkePortState.NotTried,
    };

    /// <summary>The kernel's words.</summary>
    internal static string Words(int error) => Marshal.GetPInvokeErrorMessage(error);

    private static async Task<(Socket? Socket, int Error)> TryConnectAsync(IPAddress address, IkeProbePort port, int localPort, IkeProbeOptions options)
    {
        Socket? socket = null;
        try
        {
            socket = options.OpenSocket is { } open ? await open(address.AddressFamily) : new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            var isV6 = address.AddressFamily == AddressFamily.InterNetworkV6;
            // Without this only port unreachable is reported, and host or network unreachable are not (ip(7)).
            socket.SetRawSocketOption(isV6 ? Ip6Level : IpLevel, isV6 ? ReceiveErrors6 : ReceiveErrors, BitConverter.GetBytes(1));
            socket.Bind(new IPEndPoint(options.Source ?? (isV6 ? IPAddress.IPv6Any : IPAddress.Any), localPort));
            await socket.ConnectAsync(address, port.Number);
            return (socket, 0);
        }
        catch (SocketException problem)
        {
            socket?.Dispose();
            return (null, problem.NativeErrorCode == 0 ? -1 : problem.NativeErrorCode);
        }
    }
}
