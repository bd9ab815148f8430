using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace Tunnelwright.Dns.Control;

/// <summary>Answers commands on a Unix socket that only its owner can open: status, reload, queries.</summary>
internal sealed class ControlServer : IAsyncDisposable
{
    /// <summary>The answer to a reload that worked.</summary>
    public const string Done = "done";

    private const int LongestCommand = 64;
    private const int MaximumConnections = 32;
    private const int QueriesKept = 1000;
    private static readonly TimeSpan CommandPatience = TimeSpan.FromSeconds(5);
    private readonly string _path;
    private readonly ForwarderService _service;
    private readonly Socket _listener;
    private readonly CancellationTokenSource _ending = new();
    private readonly SemaphoreSlim _free = new(MaximumConnections, MaximumConnections);
    private readonly Task _accepting;

    /// <summary>Listens. A socket that a process of before has left is replaced.</summary>
    /// <exception cref="IOException">It cannot be made there.</exception>
    public ControlServer(string path, ForwarderService service)
    {
        (_path, _service) = (path, service);
        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            File.Delete(path);
            _listener.Bind(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            _listener.Listen(16);
        }
        catch (Exception problem) when (problem is SocketException or UnauthorizedAccessException or ArgumentException)
        {
            _listener.Dispose();
            throw new IOException($"cannot listen at {path}: {problem.Message}", problem);
        }

        _accepting = AcceptAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        await _accepting;
        for (var i = 0; i < MaximumConnections; i++) await _free.WaitAsync(CancellationToken.None);
        File.Delete(_path);
        _ending.Dispose();
        _free.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                await _free.WaitAsync(_ending.Token);
                Socket socket;
                try
                {
                    socket = await _listener.AcceptAsync(_ending.Token);
                }
                catch
                {
                    _free.Release();
                    throw;
                }

                _ = ServeAsync(socket);
            }
        }
        catch (Exception problem) when (problem is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // It ends.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            using (socket)
            {
                switch (await ReadAsync(socket))
                {
                    case "status":
                        await SendAsync(socket, _service.Status().Write());
                        break;
                    case "reload":
                        await SendAsync(socket, await ReloadAsync());
                        break;
                    case "queries":
                        await FollowAsync(socket);
                        break;
                    default:
                        await SendAsync(socket, "commands: status, reload, queries");
                        break;
                }
            }
        }
        catch (Exception problem) when (problem is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // Whoever asked is gone, or the forwarder ends.
        }
        finally
        {
            _free.Release();
        }
    }

    private async Task<string> ReloadAsync()
    {
        try
        {
            await _service.ReloadAsync();
            return Done;
        }
        catch (IOException problem)
        {
            return problem.Message;
        }
    }

    /// <summary>Sends a line for every question until whoever asked closes the connection. One that does not keep up misses lines.</summary>
    private async Task FollowAsync(Socket socket)
    {
        var lines = Channel.CreateBounded<string>(new BoundedChannelOptions(QueriesKept) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        using var watching = _service.WatchQueries(line => lines.Writer.TryWrite(line));
        var leaving = LeftAsync(socket, ending);
        try
        {
            await foreach (var line in lines.Reader.ReadAllAsync(ending.Token)) await SendAsync(socket, line);
        }
        finally
        {
            await ending.CancelAsync();
            await leaving;
        }
    }

    private static async Task LeftAsync(Socket socket, CancellationTokenSource ending)
    {
        try
        {
            await socket.ReceiveAsync(new byte[1], ending.Token);
            await ending.CancelAsync();
        }
        catch (Exception problem) when (problem is OperationCanceledException or SocketException)
        {
            await ending.CancelAsync();
        }
    }

    private async Task<string> ReadAsync(Socket socket)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        limit.CancelAfter(CommandPatience);
        var buffer = new byte[LongestCommand];
        var length = 0;
        while (length < buffer.Length && await socket.ReceiveAsync(buffer.AsMemory(length), limit.Token) is var received and > 0)
        {
            length += received;
            if (buffer.AsSpan(0, length).IndexOf((byte)'\n') is var end and >= 0) return Encoding.ASCII.GetString(buffer, 0, end).Trim();
        }

        return "";
    }

    private async Task SendAsync(Socket socket, string text)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        limit.CancelAfter(CommandPatience);
        ReadOnlyMemory<byte> bytes = Encoding.UTF8.GetBytes(text + "\n");
        while (bytes.Length > 0) bytes = bytes[await socket.SendAsync(bytes, limit.Token)..];
    }
}
