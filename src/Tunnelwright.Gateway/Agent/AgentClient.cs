using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;

namespace Tunnelwright.Gateway;

/// <summary>The agent does not answer, or refused.</summary>
public sealed class AgentException : Exception
{
    /// <summary>An error with words for people.</summary>
    /// <param name="message">What happened.</param>
    public AgentException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="inner">The cause.</param>
    public AgentException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>An error without words.</summary>
    public AgentException()
    {
    }
}

/// <summary>Talks to the agent of a gateway on this host over its Unix socket.</summary>
public sealed class AgentClient : IDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StartPause = TimeSpan.FromMilliseconds(5);

    private readonly HttpClient _http;
    private readonly string _gateway;
    private readonly string _path;

    /// <summary>A client of a gateway's agent.</summary>
    /// <param name="gateway">The gateway's name.</param>
    public AgentClient(string gateway)
        : this(gateway, new GatewayPaths(gateway).ControlSocket)
    {
    }

    private AgentClient(string gateway, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(gateway);
        (_gateway, _path) = (gateway, path);
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        })
        {
            BaseAddress = new Uri("http://agent"),
            Timeout = TimeSpan.FromSeconds(20),
        };
    }

    /// <summary>A client of an agent whose socket is elsewhere, such as in a lab host's file system.</summary>
    /// <param name="path">The socket's path, at most 107 bytes (unix(7)).</param>
    public static AgentClient ForSocket(string path) => new("default", path);

    /// <summary>Whether an agent listens: it has taken the gateway over and answers.</summary>
    public bool Listens()
    {
        if (!File.Exists(_path)) return false;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(_path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>The status; null when no agent answers. One that is just starting is waited for, 10 s at most.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<StatusDocument?> TryGetStatusAsync(CancellationToken cancellationToken)
    {
        if (!await ListensSoonAsync(cancellationToken)) return null;
        try
        {
            await using var body = await _http.GetStreamAsync("/status", cancellationToken);
            return await JsonSerializer.DeserializeAsync(body, GatewayJson.Default.StatusDocument, cancellationToken);
        }
        catch (Exception problem) when (IsSilence(problem, cancellationToken))
        {
            return null;
        }
    }

    /// <summary>Waits until the agent, which listens, has wholly carried out a generation.</summary>
    /// <param name="generation">What <see cref="SetDesiredAsync"/> gave; 0 for the desired state that the agent was started with.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it has; false after some seconds without, and when no agent answers.</returns>
    public async Task<bool> AppliedAsync(int generation, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.GetAsync(string.Create(CultureInfo.InvariantCulture, $"/applied?generation={generation}"), cancellationToken);
            return answer.StatusCode == System.Net.HttpStatusCode.NoContent;
        }
        catch (Exception problem) when (IsSilence(problem, cancellationToken))
        {
            return false;
        }
    }

    /// <summary>The desired state that the agent works on; null when no agent answers.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="FormatException">The agent is of another version and its answer cannot be read.</exception>
    public async Task<DesiredGateway?> TryGetDesiredAsync(CancellationToken cancellationToken)
    {
        try
        {
            return DesiredGatewayJson.Read(await _http.GetStringAsync("/desired", cancellationToken));
        }
        catch (Exception problem) when (IsSilence(problem, cancellationToken))
        {
            return null;
        }
    }

    /// <summary>Hands a desired state to the agent.</summary>
    /// <param name="desired">The whole desired state.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Its generation.</returns>
    /// <exception cref="AgentException">No agent answers, or it refused.</exception>
    public async Task<int> SetDesiredAsync(DesiredGateway desired, CancellationToken cancellationToken)
    {
        try
        {
            using var body = new StringContent(DesiredGatewayJson.Write(desired));
            using var answer = await _http.PutAsync("/desired", body, cancellationToken);
            var text = await answer.Content.ReadAsStringAsync(cancellationToken);
            return answer.IsSuccessStatusCode ? int.Parse(text, CultureInfo.InvariantCulture) : throw new AgentException($"the agent refused: {text}");
        }
        catch (Exception problem) when (IsSilence(problem, cancellationToken))
        {
            throw new AgentException($"the agent does not answer: {problem.Message}", problem);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<bool> ListensSoonAsync(CancellationToken cancellationToken)
    {
        if (Listens()) return true;
        var mark = GatewayNames.ProcessMark(_gateway, "agent");
        if (Observer.FindProcesses(_gateway).FirstOrDefault(process => process.Mark == mark) is not { } starting) return false;
        var started = TimeProvider.System.GetTimestamp();
        while (starting.IsAlive && TimeProvider.System.GetElapsedTime(started) < StartPatience)
        {
            await Task.Delay(StartPause, cancellationToken);
            if (Listens()) return true;
        }

        return false;
    }

    /// <summary>No agent, one that ended in the middle, or one that did not answer in time.</summary>
    private static bool IsSilence(Exception problem, CancellationToken cancellationToken) =>
        problem is HttpRequestException or IOException || (problem is OperationCanceledException && !cancellationToken.IsCancellationRequested);
}
