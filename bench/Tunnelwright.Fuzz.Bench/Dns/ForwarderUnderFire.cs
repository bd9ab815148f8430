using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Tunnelwright.Dns;
using Tunnelwright.Dns.Caching;
using Tunnelwright.Dns.Configuration;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Fuzz.Dns;

/// <summary>
/// The forwarder as a whole, as it runs on a gateway: listeners over UDP and TCP, access list, cache, rules, servers over UDP and TCP. One client that it listens to, one
/// stranger that it does not, a hostile server. Whatever happens: no fault, nothing to the stranger, no answer larger than the client allows, none with what nobody asked for.
/// </summary>
internal sealed class ForwarderUnderFire
{
    private const ushort Mark = 0xFFFF;
    private const int Patience = 60_000;
    private const int LongestDatagram = 4096;

    /// <summary>After so many inputs it begins anew: it learns that a server keeps no letters' case and gives no cookies.</summary>
    private const int Life = 20_000;

    private readonly HostileServer _hostile = new();
    private readonly HostileServer _honest = new();
    private readonly Socket _client = Bound("127.0.0.1");
    private readonly Socket _stranger = Bound("127.0.0.2");
    private readonly int[] _limits = new int[ushort.MaxValue + 1];
    private readonly byte[] _mark = DnsParsers.Query("mark.honest.example", RecordType.A);
    private readonly byte[] _buffer = new byte[65536];
    private DnsForwarder? _forwarder;
    private string? _fault;
    private int _inputs;

    public ForwarderUnderFire() => BinaryPrimitives.WriteUInt16BigEndian(_mark, Mark);

    /// <summary>A datagram of a client, and the same from the stranger; now and then over TCP, too.</summary>
    public void Ask(byte[] datagram)
    {
        Begin();
        if (datagram.Length > LongestDatagram) datagram = datagram[..LongestDatagram];
        if (datagram.Length >= 2)
        {
            // An answer that is late has the identification of its own question.
            BinaryPrimitives.WriteUInt16BigEndian(datagram, (ushort)(_inputs % Mark));
            _limits[_inputs % Mark] = Answers.Limit(datagram);
        }

        _stranger.SendTo(datagram, _forwarder!.Listening[0]);
        _client.SendTo(datagram, _forwarder.Listening[0]);
        Settle();
        if (_inputs % 16 == 0) AskOverTcp(datagram);
    }

    /// <summary>What the server answers to a question for a name that was never asked for.</summary>
    public void Respond(byte[] response)
    {
        Begin();
        _hostile.Response = response;
        var type = (response.Length % 5) switch { 0 => RecordType.Aaaa, 1 => RecordType.Any, _ => RecordType.A };
        var domain = (response.Length % 3) switch { 0 => "flat.example", 1 => "priv.example", _ => "cloud.example" };
        var question = DnsParsers.Query(string.Create(CultureInfo.InvariantCulture, $"n{_inputs % 1_000_000:D6}.{domain}"), type, response.Length % 2 == 0 ? 1232 : 0, response.Length % 7 == 0);
        BinaryPrimitives.WriteUInt16BigEndian(question, (ushort)(_inputs % Mark));
        _limits[_inputs % Mark] = Answers.Limit(question);
        var answered = _hostile.Answered;
        _client.SendTo(question, _forwarder!.Listening[0]);
        if (!SpinWait.SpinUntil(() => _hostile.Answered > answered, Patience)) throw new InvalidOperationException("The forwarder asks its server nothing.");

        // The answer may be read in the same turn as the first mark; then it was before the second.
        Settle();
        Settle();
    }

    private static Socket Bound(string address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = Patience, ReceiveBufferSize = 4 << 20 };
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        return socket;
    }

    private void Begin()
    {
        if (_inputs++ % Life == 0)
        {
            _forwarder?.DisposeAsync().AsTask().GetAwaiter().GetResult();
            _forwarder = DnsForwarder.Start(
                new ForwarderOptions
                {
                    Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
                    Threads = 1,
                    Allow = [IPNetwork.Parse("127.0.0.1/32")],
                    PatienceSeconds = 1,
                    Cache = new CacheOptions { Megabytes = 4, Prefetch = false },
                    Rules = [Rule("cloud.example", _hostile), Rule("flat.example", _hostile) with { Flatten = true }, Rule("priv.example", _hostile) with { Private = true, Flatten = true }, Rule("honest.example", _honest)],
                },
                line =>
                {
                    if (line.Contains("a fault in the forwarder", StringComparison.Ordinal)) _fault = line;
                });
            while (_client.Available > 0) _client.Receive(_buffer);
            Settle();
        }

        if (Interlocked.Exchange(ref _fault, null) is { } fault) throw new InvalidOperationException($"{fault} (of this input or one before)");
    }

    private static RuleOptions Rule(string domain, HostileServer server) => new() { Domain = DnsParsers.Wire(domain), Servers = [server.EndPoint] };

    /// <summary>Asks for what is in the cache. What comes before the answer to that is an answer to what was sent before, or late.</summary>
    private void Settle()
    {
        _client.SendTo(_mark, _forwarder!.Listening[0]);
        while (true)
        {
            var answer = _buffer.AsSpan(0, _client.Receive(_buffer));
            if (answer.Length < DnsHeader.Size || (DnsHeader.Flags(answer) & DnsHeader.Response) == 0) throw new InvalidOperationException($"This is no answer: {Convert.ToHexString(answer)}");
            if (DnsHeader.Id(answer) == Mark) break;
            if (answer.Length > _limits[DnsHeader.Id(answer)]) throw new InvalidOperationException($"{answer.Length} bytes are sent where {_limits[DnsHeader.Id(answer)]} are allowed: {Convert.ToHexString(answer)}");
            Answers.CheckReadable(answer);
            Answers.CheckBailiwick(answer);
        }

        if (_stranger.Available > 0) throw new InvalidOperationException("The stranger is answered.");
    }

    /// <summary>The same over TCP, with a length that is right or not; at most one answer comes.</summary>
    private void AskOverTcp(byte[] message)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = Patience };
        socket.Connect(_forwarder!.Listening[0]);
        var length = _inputs % 48 == 0 ? message.Length + 7 : message.Length;
        socket.Send([(byte)(length >> 8), (byte)length, .. message]);
        socket.Shutdown(SocketShutdown.Send);
        var total = 0;
        while (total < _buffer.Length && socket.Receive(_buffer, total, _buffer.Length - total, SocketFlags.None) is var received and > 0) total += received;
        if (total == 0) return;
        var answer = _buffer.AsSpan(2, total - 2);
        if (total < 2 + DnsHeader.Size || BinaryPrimitives.ReadUInt16BigEndian(_buffer) != answer.Length) throw new InvalidOperationException($"{total} bytes over TCP are not one answer.");
        Answers.CheckReadable(answer);
        Answers.CheckBailiwick(answer);
    }
}
