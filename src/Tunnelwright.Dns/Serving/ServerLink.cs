using Tunnelwright.Dns.Forwarding;
using Tunnelwright.Dns.Native;

namespace Tunnelwright.Dns.Serving;

/// <summary>
/// A thread's UDP sockets to one server. Several are open, each with a port of its own taken at random, and each batch of questions takes one of
/// them; a socket gives way to a new one after some seconds, so that nobody outside learns the ports in use.
/// </summary>
internal sealed class ServerLink(UpstreamServer server, RandomBits random) : IDisposable
{
    private const int SocketsOpen = 8;
    private const long SocketLifetime = 10_000;
    private const int BatchSize = 64;

    /// <summary>Bytes of the longest question: header, name, type, OPT with a cookie of 40.</summary>
    private const int QuestionSize = 336;

    private readonly LinkSocket?[] _sockets = new LinkSocket?[SocketsOpen];
    private readonly DatagramBatch _batch = new(BatchSize, QuestionSize, hasControl: false);
    private LinkSocket? _current;

    public UpstreamServer Server { get; } = server;

    public bool HasPending => _batch.Count > 0;

    public bool IsFull => _batch.Count == _batch.Capacity;

    /// <summary>Room for the next question.</summary>
    public Span<byte> Next() => _batch.Next();

    /// <summary>The socket that the questions until the next flush go through.</summary>
    /// <param name="now">Milliseconds.</param>
    /// <param name="opened">Told of a new socket.</param>
    /// <param name="retired">Told of a socket that asks nothing any more; answers to it may still come.</param>
    /// <returns>Null when the kernel knows no way to the server.</returns>
    public LinkSocket? Current(long now, Action<LinkSocket> opened, Action<LinkSocket> retired)
    {
        if (_current is not null) return _current;
        ref var place = ref _sockets[random.NextUInt16() % SocketsOpen];
        if (place is not null && (now >= place.RetiresAt || place.Way != Server.Way))
        {
            retired(place);
            place = null;
        }

        if (place is null)
        {
            var way = Server.Way;
            var descriptor = DatagramSocket.Connect(Server.EndPoint, Server.Source, random.NextPort);
            if (descriptor < 0) return null;
            place = new LinkSocket(this, descriptor, now + SocketLifetime / 2 + random.NextUInt16() % (SocketLifetime / 2), way);
            opened(place);
        }

        return _current = place;
    }

    public void Add(int length) => _batch.Add(length, default, default);

    /// <summary>Sends what was added.</summary>
    /// <returns>The socket, and the error that the kernel told, 0 without one.</returns>
    public (LinkSocket? Socket, int Error) Flush()
    {
        var socket = _current;
        _current = null;
        return (socket, socket is null ? 0 : _batch.Flush(socket.Descriptor));
    }

    /// <summary>Lets go of a socket that failed.</summary>
    public void Forget(LinkSocket socket)
    {
        for (var i = 0; i < SocketsOpen; i++)
        {
            if (_sockets[i] == socket) _sockets[i] = null;
        }

        if (_current == socket) _current = null;
    }

    /// <summary>Lets go of all sockets: the server is not asked any more.</summary>
    public void Retire(Action<LinkSocket> retired)
    {
        for (var i = 0; i < SocketsOpen; i++)
        {
            if (_sockets[i] is { } socket && socket != _current) retired(socket);
            if (_sockets[i] != _current) _sockets[i] = null;
        }
    }

    public void Dispose() => _batch.Dispose();
}

/// <summary>A connected socket of a thread.</summary>
internal sealed class LinkSocket(ServerLink link, int descriptor, long retiresAt, int way)
{
    public ServerLink Link { get; } = link;

    public int Descriptor { get; } = descriptor;

    public long RetiresAt { get; } = retiresAt;

    /// <summary>The server's way when it was opened.</summary>
    public int Way { get; } = way;

    /// <summary>Its number in its thread.</summary>
    public int Number { get; set; }

    /// <summary>When it is closed for good; no answer is waited for after that.</summary>
    public long ClosesAt { get; set; } = long.MaxValue;
}
