using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Tunnelwright.Dns.Forwarding;
using Tunnelwright.Dns.Native;

namespace Tunnelwright.Dns.Serving;

/// <summary>Clients over TCP (RFC 7766, RFC 9210): any number of questions on a connection, answered in the order in which answers come.</summary>
internal sealed class TcpFrontEnd : IAsyncDisposable
{
    private const int MaximumConnections = 500;
    private const int MaximumConnectionsOfSource = 50;
    private readonly Socket _listener;
    private volatile WorkerSettings _settings;
    private readonly Func<Worker> _worker;
    private readonly CancellationTokenSource _ending = new();
    private readonly Dictionary<IPAddress, int> _sources = [];
    private readonly HashSet<Task> _connections = [];
    private Task _accepting = Task.CompletedTask;

    public TcpFrontEnd(IPEndPoint endPoint, WorkerSettings settings, Func<Worker> worker)
    {
        (_settings, _worker) = (settings, worker);
        _listener = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6) _listener.DualMode = false;
            // The library's own option would set SO_REUSEPORT too, and a second forwarder could take the same port without a word.
            _listener.SetRawSocketOption(LibC.LevelSocket, LibC.OptionReuseAddress, [1, 0, 0, 0]);
            _listener.Bind(endPoint);
            _listener.Listen(128);
        }
        catch (SocketException problem)
        {
            _listener.Dispose();
            throw new IOException($"cannot listen on {endPoint} over TCP: {problem.Message}", problem);
        }
    }

    /// <summary>Another access list counts for connections from now on.</summary>
    public void Take(WorkerSettings settings) => _settings = settings;

    public void Start() => _accepting = AcceptAsync();

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        await _accepting;
        Task[] open;
        lock (_connections) open = [.. _connections];
        await Task.WhenAll(open);
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptAsync(_ending.Token);
                if (!Admit(socket, out var source))
                {
                    socket.Dispose();
                    continue;
                }

                socket.NoDelay = true;
                var serving = ServeAsync(socket, source);
                lock (_connections)
                {
                    if (!serving.IsCompleted) _connections.Add(serving);
                }

                _ = serving.ContinueWith(done => { lock (_connections) _connections.Remove(done); }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
            catch (Exception problem) when (problem is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(100, CancellationToken.None); // Such as no descriptor free: others will end.
            }
        }
    }

    private bool Admit(Socket socket, out IPAddress source)
    {
        source = (socket.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
        if (!_settings.Access.Allows(source.GetAddressBytes())) return false;
        lock (_sources)
        {
            var open = _sources.GetValueOrDefault(source);
            if (open >= MaximumConnectionsOfSource || _sources.Values.Sum() >= MaximumConnections) return false;
            _sources[source] = open + 1;
        }

        return true;
    }

    private async Task ServeAsync(Socket socket, IPAddress source)
    {
        try
        {
            await new TcpClientConnection(socket, source).RunAsync(_worker(), _ending.Token);
        }
        finally
        {
            socket.Dispose();
            lock (_sources)
            {
                if (--_sources[source] == 0) _sources.Remove(source);
            }
        }
    }
}

/// <summary>One client's connection: reads questions, hands them to a thread, writes the answers as they come.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Reliability", "CA1001", Justification = "The semaphore holds no handle; answers may come after the end.")]
internal sealed class TcpClientConnection(Socket socket, IPAddress source)
{
    private const int MaximumOpen = 64;
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(15);
    private readonly Channel<byte[]> _answers = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
    private readonly SemaphoreSlim _open = new(MaximumOpen, MaximumOpen);

    /// <summary>The client's address, 4 or 16 bytes.</summary>
    public byte[] Address { get; } = source.GetAddressBytes();

    public IPEndPoint EndPoint { get; } = socket.RemoteEndPoint as IPEndPoint ?? new IPEndPoint(source, 0);

    /// <summary>Queues an answer. Called by the thread that found it. The question counts as open until the answer is written: who does not read is not read either.</summary>
    public void Answer(ReadOnlySpan<byte> message)
    {
        var framed = new byte[2 + message.Length];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)message.Length);
        message.CopyTo(framed.AsSpan(2));
        _answers.Writer.TryWrite(framed);
    }

    /// <summary>A question that gets no answer.</summary>
    public void Drop() => _open.Release();

    public async Task RunAsync(Worker worker, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = WriteAsync(ending);
        try
        {
            var head = new byte[2];
            while (await TcpFrame.ReadAsync(socket, head, IdleTime, ending.Token) is { } message)
            {
                await _open.WaitAsync(ending.Token);
                worker.Post(new TcpQuestion(this, message));
            }

            // The client has said all; what it asked is still answered.
            for (var i = 0; i < MaximumOpen; i++) await _open.WaitAsync(IdleTime, ending.Token);
        }
        catch (Exception problem) when (problem is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It is gone, silent for too long, or the forwarder ends.
        }

        _answers.Writer.TryComplete();
        await writing;
    }

    private async Task WriteAsync(CancellationTokenSource ending)
    {
        try
        {
            await foreach (var answer in _answers.Reader.ReadAllAsync(CancellationToken.None))
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(ending.Token);
                patience.CancelAfter(IdleTime);
                for (var sent = 0; sent < answer.Length;) sent += await socket.SendAsync(answer.AsMemory(sent), patience.Token);
                _open.Release();
            }
        }
        catch (Exception problem) when (problem is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await ending.CancelAsync();
        }
    }
}

/// <summary>A question that came over TCP.</summary>
internal sealed record TcpQuestion(TcpClientConnection Connection, byte[] Message);

/// <summary>What a server answered over TCP, or null, to the job of a number and generation.</summary>
internal sealed record TcpAnswer(int Job, uint Generation, int Hops, UpstreamServer Server, int Place, ushort Id, long SentMicroseconds, byte[]? Message);
