using System.Buffers.Binary;
using System.Net.Sockets;
using System.Security.Cryptography;
using Tunnelwright.Dns.Forwarding;

namespace Tunnelwright.Dns.Serving;

/// <summary>
/// Questions to a server over TCP (RFC 7766): one connection that stays open for some seconds, questions one behind the other without waiting,
/// answers in any order. A connection that the server has closed meanwhile, or on which nothing comes any more, is opened once more.
/// </summary>
internal sealed class TcpUpstream(UpstreamServer server) : IAsyncDisposable
{
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim _opening = new(1, 1);
    private readonly CancellationTokenSource _ending = new();
    private Connection? _connection;

    /// <summary>Asks.</summary>
    /// <param name="question">The message; the answer has its identification.</param>
    /// <param name="timeout">Longest time for connection and answer; as long again when a connection of before turns out to be dead.</param>
    /// <returns>The answer; null when none came.</returns>
    public async Task<byte[]?> AskAsync(ReadOnlyMemory<byte> question, TimeSpan timeout)
    {
        try
        {
            for (var attempt = 0; attempt < 2; attempt++)
            {
                using var ending = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
                ending.CancelAfter(timeout);
                var (connection, isFresh) = await ConnectAsync(ending.Token);
                if (await connection.AskAsync(question, ending.Token) is { } answer) return answer;
                if (isFresh || connection.IsOpen) return null;
            }
        }
        catch (Exception problem) when (problem is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // Nobody is there, or not in time.
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _connection?.Close();
        _ending.Dispose();
        _opening.Dispose();
    }

    private async Task<(Connection Connection, bool IsFresh)> ConnectAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (_connection is { IsOpen: true } open) return (open, false);
            var socket = new Socket(server.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                if (server.Source is { } source) socket.Bind(new System.Net.IPEndPoint(source, 0));
                await socket.ConnectAsync(server.EndPoint, cancellationToken);
            }
            catch
            {
                socket.Dispose();
                throw;
            }

            return (_connection = new Connection(socket, IdleTime), true);
        }
        finally
        {
            _opening.Release();
        }
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Reliability", "CA1001", Justification = "The semaphore holds no handle; senders may come after the end.")]
    private sealed class Connection
    {
        private readonly Socket _socket;
        private readonly TimeSpan _idleTime;
        private readonly Dictionary<ushort, TaskCompletionSource<byte[]?>> _waiting = [];
        private readonly SemaphoreSlim _sending = new(1, 1);
        private long _received;

        public Connection(Socket socket, TimeSpan idleTime)
        {
            (_socket, _idleTime) = (socket, idleTime);
            _ = ReceiveAsync();
        }

        public bool IsOpen { get; private set; } = true;

        /// <returns>The answer; null when none came. The connection is closed then when nothing else came on it either since the question was sent.</returns>
        public async Task<byte[]?> AskAsync(ReadOnlyMemory<byte> question, CancellationToken cancellationToken)
        {
            var asked = BinaryPrimitives.ReadUInt16BigEndian(question.Span);
            var answer = new TaskCompletionSource<byte[]?>(TaskCreationOptions.RunContinuationsAsynchronously);
            var id = asked;
            lock (_waiting)
            {
                if (!IsOpen || _waiting.Count > ushort.MaxValue) return null;
                while (!_waiting.TryAdd(id, answer)) id = (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1);
            }

            var received = Volatile.Read(ref _received);
            try
            {
                var framed = new byte[2 + question.Length];
                BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)question.Length);
                question.CopyTo(framed.AsMemory(2));
                BinaryPrimitives.WriteUInt16BigEndian(framed.AsSpan(2), id);
                await _sending.WaitAsync(cancellationToken);
                try
                {
                    for (var sent = 0; sent < framed.Length;) sent += await _socket.SendAsync(framed.AsMemory(sent), cancellationToken);
                }
                catch (OperationCanceledException)
                {
                    Close(); // Half a message may be out.
                    return null;
                }
                catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
                {
                    Close();
                    return null;
                }
                finally
                {
                    _sending.Release();
                }

                var message = await answer.Task.WaitAsync(cancellationToken);
                if (message is not null) BinaryPrimitives.WriteUInt16BigEndian(message, asked);
                return message;
            }
            catch (OperationCanceledException)
            {
                if (Volatile.Read(ref _received) == received) Close();
                return null;
            }
            finally
            {
                lock (_waiting) _waiting.Remove(id);
            }
        }

        public void Close()
        {
            lock (_waiting)
            {
                IsOpen = false;
                foreach (var waiting in _waiting.Values) waiting.TrySetResult(null);
            }

            _socket.Dispose();
        }

        private async Task ReceiveAsync()
        {
            try
            {
                var head = new byte[2];
                while (await TcpFrame.ReadAsync(_socket, head, _idleTime, CancellationToken.None) is { } message)
                {
                    if (message.Length < 12) break;
                    Interlocked.Increment(ref _received);
                    lock (_waiting)
                    {
                        if (_waiting.TryGetValue(BinaryPrimitives.ReadUInt16BigEndian(message), out var waiting)) waiting.TrySetResult(message);
                    }
                }
            }
            catch (Exception problem) when (problem is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // The connection is at its end; who waits is told.
            }

            Close();
        }
    }
}

/// <summary>Messages over TCP: two bytes of length, then the message (RFC 1035, section 4.2.2).</summary>
internal static class TcpFrame
{
    /// <summary>Reads one message.</summary>
    /// <param name="socket">The connection.</param>
    /// <param name="head">Two bytes, for use again.</param>
    /// <param name="timeout">Longest wait for it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null at the end of the connection.</returns>
    public static async Task<byte[]?> ReadAsync(Socket socket, byte[] head, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        ending.CancelAfter(timeout);
        if (!await FillAsync(socket, head, ending.Token)) return null;
        var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
        return await FillAsync(socket, message, ending.Token) ? message : null;
    }

    private static async Task<bool> FillAsync(Socket socket, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (buffer.Length > 0)
        {
            var received = await socket.ReceiveAsync(buffer, cancellationToken);
            if (received == 0) return false;
            buffer = buffer[received..];
        }

        return true;
    }
}
