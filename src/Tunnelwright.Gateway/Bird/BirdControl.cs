using System.Net.Sockets;
using System.Text;

namespace Tunnelwright.Gateway;

/// <summary>BIRD did not take a command; the message holds BIRD's own words.</summary>
public sealed class BirdException : Exception
{
    /// <summary>An error with BIRD's words.</summary>
    /// <param name="message">What BIRD said.</param>
    public BirdException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its cause.</summary>
    /// <param name="message">What was tried.</param>
    /// <param name="inner">The cause.</param>
    public BirdException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>An error without words.</summary>
    public BirdException()
    {
    }
}

/// <summary>BIRD's control socket: a command a line, answers in lines with a four-digit code (BIRD programmer's documentation, "Command line interface").</summary>
internal sealed class BirdControl(string socketPath)
{
    private const int MaximumAnswer = 4 * 1024 * 1024;

    /// <summary>Sends one command and reads its whole answer.</summary>
    /// <param name="command">Such as "show protocols all".</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The lines without their codes.</returns>
    /// <exception cref="BirdException">BIRD is not there, or refused the command.</exception>
    public async Task<IReadOnlyList<string>> SendAsync(string command, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(5));
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), limit.Token);
            await using var stream = new NetworkStream(socket);
            await ReadAnswerAsync(stream, limit.Token);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(command + "\n"), limit.Token);
            return await ReadAnswerAsync(stream, limit.Token);
        }
        catch (Exception problem) when (problem is SocketException or IOException)
        {
            throw new BirdException($"BIRD does not answer on {socketPath}: {problem.Message}", problem);
        }
        catch (OperationCanceledException problem) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BirdException($"BIRD does not answer on {socketPath} within 5 s.", problem);
        }
    }

    /// <summary>Reads lines up to the one that ends the answer; BIRD sends nothing behind it before the next command.</summary>
    private static async Task<IReadOnlyList<string>> ReadAnswerAsync(Stream stream, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        var buffer = new byte[16384];
        var (start, end) = (0, 0);
        while (true)
        {
            var length = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                var ended = TakeLine(Encoding.UTF8.GetString(buffer, start, length).TrimEnd('\r'), lines);
                start += length + 1;
                if (ended) return lines;
                continue;
            }

            if (end == buffer.Length)
            {
                if (buffer.Length >= MaximumAnswer) throw new BirdException("BIRD's answer is larger than 4 MiB.");
                Array.Resize(ref buffer, buffer.Length * 2);
            }

            var count = await stream.ReadAsync(buffer.AsMemory(end), cancellationToken);
            if (count == 0) throw new BirdException("BIRD closed its control socket.");
            end += count;
        }
    }

    /// <summary>Notes a line without its code.</summary>
    /// <returns>Whether it is the last of an answer.</returns>
    private static bool TakeLine(string line, List<string> lines)
    {
        var coded = line.Length >= 5 && !line.AsSpan(0, 4).ContainsAnyExceptInRange('0', '9') && line[4] is ' ' or '-';
        var text = coded ? line[5..] : line.Length > 0 && line[0] is ' ' or '+' ? line[1..] : line;
        lines.Add(text);
        if (!coded || line[4] != ' ') return false;
        return line[0] is '8' or '9' ? throw new BirdException($"BIRD: {text}") : true;
    }
}
