using System.Net.Sockets;

namespace Tunnelwright.Vici.Tests.Fake;

/// <summary>A VICI server in this process that does what a test tells it, misbehaviour included.</summary>
internal sealed class FakeDaemon : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly Func<FakeConnection, Task> _serve;
    private readonly CancellationTokenSource _ending = new();
    private readonly List<Task> _tasks = [];
    private readonly Lock _lock = new();
    private int _connections;
    private int _open;
    private int _mostOpen;

    public FakeDaemon(Func<FakeConnection, Task> serve, int backlog = 16, bool accept = true)
    {
        _serve = serve;
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"vici-{Guid.NewGuid():n}.sock");
        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen(backlog);
        if (accept)
            _tasks.Add(Task.Run(AcceptAsync));
    }

    public string Path { get; }

    /// <summary>How many connections there have been.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>How many were open at once.</summary>
    public int MostOpen => Volatile.Read(ref _mostOpen);

    public int Open => Volatile.Read(ref _open);

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        File.Delete(Path);
        Task[] tasks;
        lock (_lock)
            tasks = [.. _tasks];
        await Task.WhenAll(tasks).WaitAsync(TimeSpan.FromSeconds(10));
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync(_ending.Token);
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            Interlocked.Increment(ref _connections);
            lock (_lock)
                _tasks.Add(Task.Run(() => ServeAsync(socket)));
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        var open = Interlocked.Increment(ref _open);
        lock (_lock)
            _mostOpen = Math.Max(_mostOpen, open);
        try
        {
            using var connection = new FakeConnection(socket, _ending.Token);
            await _serve(connection);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or EndOfStreamException or ObjectDisposedException)
        {
            // The other side is gone, or the test is over.
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }
}
