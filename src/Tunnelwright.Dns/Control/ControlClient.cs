using System.Net.Sockets;

namespace Tunnelwright.Dns.Control;

/// <summary>Talks to a forwarder over its control socket. A connection carries one command, a line, and its answer until the forwarder closes it.</summary>
/// <param name="path">The socket, at most 107 bytes (unix(7)).</param>
public sealed class ControlClient(string path)
{
    /// <summary>The forwarder's state; null when none answers in time.</summary>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<ForwarderStatus?> TryGetStatusAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        try
        {
            return ForwarderStatus.Read(await AskAsync("status", timeout, cancellationToken));
        }
        catch (Exception problem) when (problem is IOException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Lets the forwarder read its configuration file again.</summary>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">It does not answer, or goes on by the configuration of before; the message says why.</exception>
    public async Task ReloadAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        var answer = await AskAsync("reload", timeout, cancellationToken);
        if (answer.Trim() != ControlServer.Done) throw new IOException(answer.Trim());
    }

    /// <summary>A line for every question from now on.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="IOException">No forwarder listens at the socket.</exception>
    public async IAsyncEnumerable<string> QueriesAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var socket = await ConnectAsync("queries", cancellationToken);
        using var reader = new StreamReader(new NetworkStream(socket));
        while (await reader.ReadLineAsync(cancellationToken) is { } line) yield return line;
    }

    private async Task<string> AskAsync(string command, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            using var socket = await ConnectAsync(command, limit.Token);
            using var reader = new StreamReader(new NetworkStream(socket));
            return await reader.ReadToEndAsync(limit.Token);
        }
        catch (OperationCanceledException problem) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"no answer at {path} within {timeout.TotalSeconds:0.#} s", problem);
        }
    }

    private async Task<Socket> ConnectAsync(string command, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            await socket.SendAsync(System.Text.Encoding.ASCII.GetBytes(command + "\n"), cancellationToken);
            return socket;
        }
        catch (Exception problem)
        {
            socket.Dispose();
            throw problem is SocketException ? new IOException($"no forwarder listens at {path}: {problem.Message}", problem) : problem;
        }
    }
}
