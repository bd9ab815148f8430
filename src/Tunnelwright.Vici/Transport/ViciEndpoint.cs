using System.Net.Sockets;

namespace Tunnelwright.Vici.Transport;

/// <summary>Where the daemon listens, and how to connect there.</summary>
internal sealed class ViciEndpoint
{
    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(5);

    private readonly UnixDomainSocketEndPoint _address;
    private readonly TimeSpan _limit;

    public ViciEndpoint(string path, TimeSpan limit, TimeProvider time)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Path = path;
        Time = time;
        _limit = limit;
        try
        {
            _address = new UnixDomainSocketEndPoint(path);
        }
        catch (ArgumentOutOfRangeException error)
        {
            throw new ArgumentException($"'{path}' is too long for the path of a Unix socket.", nameof(path), error);
        }
    }

    public string Path { get; }

    public TimeProvider Time { get; }

    /// <summary>Connects within the time limit.</summary>
    /// <exception cref="ViciConnectionException">It was not possible.</exception>
    public async Task<ViciConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_limit, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            while (true)
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(_address, either.Token);
                    return new ViciConnection(socket, Path, Time);
                }
                catch (SocketException error) when (error.SocketErrorCode is SocketError.WouldBlock or SocketError.TryAgain)
                {
                    // charon's queue of unaccepted connections holds three, and Linux refuses the next at once instead of waiting.
                    socket.Dispose();
                    await Task.Delay(BusyPause, Time, either.Token);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ViciConnectionException(
                ViciConnectionFailure.TimedOut,
                Path,
                $"The daemon did not accept a connection at '{Path}' within {_limit.TotalSeconds:0.###} s.");
        }
        catch (SocketException error)
        {
            throw Explain(error);
        }
    }

    private ViciConnectionException Explain(SocketException error) => error.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => new(
            ViciConnectionFailure.Refused, Path, $"Nobody listens at the VICI socket '{Path}'.", innerException: error),
        SocketError.AccessDenied => new(
            ViciConnectionFailure.AccessDenied, Path, $"Access to the VICI socket '{Path}' is denied.", innerException: error),
        SocketError.AddressNotAvailable => new(
            ViciConnectionFailure.SocketMissing, Path, $"There is no VICI socket at '{Path}'.", innerException: error),
        _ => new(ViciConnectionFailure.Other, Path, $"Cannot connect to the VICI socket '{Path}': {error.Message}.", innerException: error),
    };
}
