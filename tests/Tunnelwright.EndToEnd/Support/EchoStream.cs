using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Tunnelwright.Lab;
using Tunnelwright.Linux;

namespace Tunnelwright.EndToEnd;

/// <summary>Numbered echo requests (RFC 792) at a steady pace from a lab host, with the moment of each, so that a loss can be laid beside what was done then.</summary>
internal sealed class EchoStream : IAsyncDisposable
{
    private const int Header = 8;
    private const int Length = Header + 24;

    /// <summary>What has no answer after this time has none.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(1.5);

    private readonly Socket _socket;
    private readonly IPEndPoint _to;
    private readonly TimeSpan _interval;
    private readonly ushort _identifier = (ushort)Random.Shared.Next(1, ushort.MaxValue);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<(TimeSpan Sent, bool Answered)> _packets = [];
    private readonly Thread _sender;
    private readonly Thread _receiver;

    private EchoStream(Socket socket, IPAddress to, TimeSpan interval)
    {
        (_socket, _to, _interval) = (socket, new IPEndPoint(to, 0), interval);
        (_sender, _receiver) = (new Thread(Send) { IsBackground = true }, new Thread(Receive) { IsBackground = true });
        _receiver.Start();
        _sender.Start();
    }

    /// <summary>The stream's own clock.</summary>
    public TimeSpan Now => _clock.Elapsed;

    /// <summary>How many were sent.</summary>
    public int Sent
    {
        get
        {
            lock (_packets) return _packets.Count;
        }
    }

    /// <summary>Starts to send and waits for the first answer.</summary>
    public static async Task<EchoStream> StartAsync(LabHost from, string to, int intervalMilliseconds = 10)
    {
        var socket = await new NetworkNamespace(from.Namespace).RunInsideAsync(() => new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Icmp) { ReceiveTimeout = 100 });
        var stream = new EchoStream(socket, IPAddress.Parse(to), TimeSpan.FromMilliseconds(intervalMilliseconds));
        await Eventually.HoldsAsync($"{from.Name} has an answer from {to}", TimeSpan.FromSeconds(30), () => stream.Answers().Any(answered => answered));
        stream.Forget();
        return stream;
    }

    /// <summary>The moments of the requests that had no answer. Waits first until a later one was answered, so that the end of a loss is seen.</summary>
    public async Task<IReadOnlyList<TimeSpan>> LostAsync()
    {
        var until = Now;
        await Eventually.HoldsAsync("answers go on", TimeSpan.FromSeconds(30), () =>
        {
            lock (_packets) return _packets.Exists(packet => packet.Sent > until && packet.Answered);
        });
        await Task.Delay(Late);
        lock (_packets) return [.. _packets.Where(packet => packet.Sent < until && !packet.Answered).Select(packet => packet.Sent)];
    }

    /// <summary>The longest time without an answer in what was lost.</summary>
    public TimeSpan Gap(IReadOnlyList<TimeSpan> lost)
    {
        var longest = TimeSpan.Zero;
        for (var (first, i) = (0, 0); i < lost.Count; i++)
        {
            if (i > 0 && lost[i] - lost[i - 1] > _interval * 3) first = i;
            if (lost[i] - lost[first] + _interval > longest) longest = lost[i] - lost[first] + _interval;
        }

        return longest;
    }

    public ValueTask DisposeAsync()
    {
        _stop.Cancel();
        _sender.Join();
        _receiver.Join();
        _socket.Dispose();
        _stop.Dispose();
        return ValueTask.CompletedTask;
    }

    private IReadOnlyList<bool> Answers()
    {
        lock (_packets) return [.. _packets.Select(packet => packet.Answered)];
    }

    /// <summary>What was lost before the first answer is nobody's fault.</summary>
    private void Forget()
    {
        lock (_packets)
        {
            for (var i = 0; i < _packets.Count; i++) _packets[i] = _packets[i] with { Answered = true };
        }
    }

    private void Send()
    {
        var packet = new byte[Length];
        for (var number = 0; !_stop.IsCancellationRequested; number++)
        {
            var due = _interval * number - _clock.Elapsed;
            if (due > TimeSpan.Zero) Thread.Sleep(due);
            packet.AsSpan().Clear();
            packet[0] = 8;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), _identifier);
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), (ushort)number);
            BinaryPrimitives.WriteInt32BigEndian(packet.AsSpan(Header), number);
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), Checksum(packet));
            lock (_packets) _packets.Add((_clock.Elapsed, false));
            try
            {
                _socket.SendTo(packet, _to);
            }
            catch (SocketException)
            {
                // No route at the moment: a lost packet like any other.
            }
        }
    }

    private void Receive()
    {
        var buffer = new byte[2048];
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                // A raw socket gives the IP header, too: 20 bytes without options.
                var length = _socket.Receive(buffer);
                var answer = buffer.AsSpan(20, Math.Max(0, length - 20));
                if (answer.Length < Length || answer[0] != 0 || BinaryPrimitives.ReadUInt16BigEndian(answer[4..]) != _identifier) continue;
                var number = BinaryPrimitives.ReadInt32BigEndian(answer[Header..]);
                lock (_packets) _packets[number] = _packets[number] with { Answered = true };
            }
            catch (SocketException)
            {
                // Nothing within the time limit, or an ICMP error.
            }
        }
    }

    private static ushort Checksum(ReadOnlySpan<byte> data)
    {
        uint sum = 0;
        for (var i = 0; i + 1 < data.Length; i += 2) sum += BinaryPrimitives.ReadUInt16BigEndian(data[i..]);
        while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }
}
