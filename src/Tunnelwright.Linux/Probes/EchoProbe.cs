using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Tunnelwright.Linux;

/// <summary>
/// Sends ICMP echo requests (IPv4) from one raw socket and matches the answers by identifier, sequence number and a secret token. It works in the
/// namespace that it was made for; many requests may be on the way at once.
/// </summary>
public sealed class EchoProbe : IAsyncDisposable
{
    private const int LargestPacket = 65535;
    private const int RawLevel = 255; // SOL_RAW
    private const int IcmpFilterOption = 1; // ICMP_FILTER, raw(7)
    private const int IpLevel = 0; // SOL_IP
    private const int MtuDiscoverOption = 10; // IP_MTU_DISCOVER
    private const int MtuDiscoverNever = 0; // IP_PMTUDISC_DONT
    private const int MtuDiscoverProbe = 3; // IP_PMTUDISC_PROBE

    private static readonly TimeSpan AfterError = TimeSpan.FromMilliseconds(5);
    private static int _lastIdentifier = RandomNumberGenerator.GetInt32(ushort.MaxValue);

    private readonly Socket _socket;
    private readonly EchoOptions _options;
    private readonly TimeProvider _time;
    private readonly int _identifier = Interlocked.Increment(ref _lastIdentifier) & 0xffff;
    private readonly ulong _token = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));
    private readonly ConcurrentDictionary<int, Pending> _pending = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _receiving;
    private int _sequence = -1;

    private EchoProbe(Socket socket, EchoOptions options, TimeProvider time)
    {
        _socket = socket;
        _options = options;
        _time = time;
        _receiving = ReceiveAsync(_closing.Token);
    }

    /// <summary>Opens the socket.</summary>
    /// <param name="networkNamespace">The namespace to send in.</param>
    /// <param name="options">How to send; null means the defaults.</param>
    /// <param name="time">Where times and time limits come from; null means the system's clock.</param>
    /// <exception cref="KernelException">No raw socket (EPERM), no such device (ENODEV), not an address of ours (EADDRNOTAVAIL), no such namespace.</exception>
    public static async Task<EchoProbe> OpenAsync(NetworkNamespace networkNamespace, EchoOptions? options = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(networkNamespace);
        options ??= new EchoOptions();
        if (options.PayloadBytes is < 16 or > 65507)
            throw new ArgumentException("An echo request carries 16 to 65507 bytes.", nameof(options));
        if (options.Source is { AddressFamily: not AddressFamily.InterNetwork })
            throw new ArgumentException("The source must be an IPv4 address.", nameof(options));
        var socket = networkNamespace.Name is null ? Open(options) : await networkNamespace.RunInsideAsync(() => Open(options));
        return new EchoProbe(socket, options, time ?? TimeProvider.System);
    }

    /// <summary>Sends one request.</summary>
    /// <returns>The answer, or null when none came, for whatever reason: <see cref="ProbeAsync"/> tells which.</returns>
    public async Task<EchoReply?> SendAsync(IPAddress destination, TimeSpan timeout, CancellationToken cancellationToken = default)
        => (await ProbeAsync(destination, timeout, cancellationToken)).Reply;

    /// <summary>Sends one request and tells what became of it.</summary>
    /// <param name="destination">An IPv4 address.</param>
    /// <param name="timeout">How long to wait for the answer.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<EchoOutcome> ProbeAsync(IPAddress destination, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (destination.AddressFamily != AddressFamily.InterNetwork)
            throw new ArgumentException("The destination must be an IPv4 address.", nameof(destination));
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
        var sequence = Interlocked.Increment(ref _sequence) & 0xffff;
        var message = new byte[IcmpMessage.HeaderBytes + _options.PayloadBytes];
        IcmpMessage.WriteRequest(message, _identifier, sequence, _token);
        var pending = new Pending(destination, _time.GetTimestamp());
        _pending[sequence] = pending;
        try
        {
            await _socket.SendToAsync(message, SocketFlags.None, new IPEndPoint(destination, 0), cancellationToken);
            return await pending.Outcome.Task.WaitAsync(timeout, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return new EchoOutcome(null, null, null);
        }
        catch (SocketException exception)
        {
            return new EchoOutcome(null, null, KernelException.FromErrno($"send an echo request to {destination}", exception.NativeErrorCode));
        }
        finally
        {
            _pending.TryRemove(new KeyValuePair<int, Pending>(sequence, pending));
        }
    }

    /// <summary>Closes the socket; requests on the way end as unanswered.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested)
            return;
        await _closing.CancelAsync();
        _socket.Dispose();
        await _receiving;
        foreach (var pending in _pending.Values)
            pending.Outcome.TrySetResult(new EchoOutcome(null, null, null));
        _closing.Dispose();
    }

    internal static Socket Open(EchoOptions options)
    {
        var operation = "open a raw ICMP socket";
        Socket? socket = null;
        try
        {
            socket = new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Icmp) { Ttl = (short)options.TimeToLive };
            // Everything but these four types is filtered out by the kernel; without this each probe would see every echo request too.
            const uint Wanted = 1u << IcmpMessage.EchoReplyType | 1u << IcmpMessage.UnreachableType
                | 1u << IcmpMessage.TimeExceededType | 1u << IcmpMessage.ParameterProblemType;
            socket.SetRawSocketOption(RawLevel, IcmpFilterOption, BitConverter.GetBytes(~Wanted));
            var discover = options.DoNotFragment ? MtuDiscoverProbe : MtuDiscoverNever;
            socket.SetRawSocketOption(IpLevel, MtuDiscoverOption, BitConverter.GetBytes(discover));
            if (options.Device is { } device)
                SocketDevice.Bind(socket, device);
            operation = $"send from {options.Source}";
            socket.Bind(new IPEndPoint(options.Source ?? IPAddress.Any, 0));
            return socket;
        }
        catch (SocketException exception)
        {
            socket?.Dispose();
            throw KernelException.FromErrno(operation, exception.NativeErrorCode);
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(LargestPacket);
        var anyone = new IPEndPoint(IPAddress.Any, 0);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var received = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, anyone, cancellationToken);
                Take(buffer.AsSpan(0, received.ReceivedBytes));
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // The error of an earlier request (host unreachable, link down) is handed to whoever uses the socket next: it says nothing here.
                // The pause keeps an error that stays from taking a processor.
                await Task.Delay(AfterError, _time, CancellationToken.None);
            }
        }
    }

    private void Take(ReadOnlySpan<byte> packet)
    {
        if (IcmpMessage.Read(packet) is not { } message || message.Identifier != _identifier
            || !_pending.TryGetValue(message.Sequence, out var pending))
            return;
        var from = IcmpMessage.Source(packet);
        if (message.Type == IcmpMessage.EchoReplyType)
        {
            if (message.Token == _token && from.Equals(pending.Destination))
                pending.Outcome.TrySetResult(new EchoOutcome(
                    new EchoReply(from, message.Sequence, _time.GetElapsedTime(pending.Sent), message.TimeToLive, message.PayloadBytes), null, null));
        }
        else if (message.Token == _token || message.Token == 0)
        {
            pending.Outcome.TrySetResult(new EchoOutcome(null, new IcmpError(from, message.Type, message.Code, message.NextHopMtu), null));
        }
    }

    private sealed record Pending(IPAddress Destination, long Sent)
    {
        internal TaskCompletionSource<EchoOutcome> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
