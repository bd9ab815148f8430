using System.Net;
using System.Net.Sockets;

namespace Tunnelwright.Linux;

/// <summary>What became of a TCP connection attempt.</summary>
public enum TcpOutcome
{
    /// <summary>It was accepted.</summary>
    Open,

    /// <summary>The host answered that nobody listens there (ECONNREFUSED), or a filter answered in its name.</summary>
    Refused,

    /// <summary>Nothing came back in time: a filter dropped it, or there is no such host.</summary>
    Filtered,

    /// <summary>A router, a filter or our own kernel said that it cannot be reached (EHOSTUNREACH, ENETUNREACH, EACCES …).</summary>
    Unreachable,

    /// <summary>It could not be tried: no such source address (EADDRNOTAVAIL), device (ENODEV), or right (EPERM).</summary>
    NotTried,
}

/// <summary>How to connect.</summary>
public sealed record TcpCheckOptions
{
    /// <summary>The source address, or null to let the route decide.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>The link to use (SO_BINDTODEVICE, socket(7)), or null for any.</summary>
    public string? Device { get; init; }

    /// <summary>After this time the attempt counts as filtered. Default 3 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The namespace to connect in. Default our own.</summary>
    public NetworkNamespace Namespace { get; init; } = NetworkNamespace.Current;
}

/// <summary>The answer to a connection attempt.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="ErrorName">The errno's symbol, or empty.</param>
/// <param name="Words">The kernel's words, or empty.</param>
/// <param name="Elapsed">How long it took; for an open port the time of one round trip.</param>
public sealed record TcpCheckResult(TcpOutcome Outcome, string ErrorName, string Words, TimeSpan Elapsed);

/// <summary>Tries whether a TCP port can be connected to; sends no data.</summary>
public static class TcpCheck
{
    /// <summary>Connects and closes at once.</summary>
    /// <param name="destination">The address and port.</param>
    /// <param name="options">How; null means the defaults.</param>
    /// <param name="time">Where times and the limit come from; null means the system's clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KernelException">The namespace is absent.</exception>
    public static async Task<TcpCheckResult> ConnectAsync(
        IPEndPoint destination, TcpCheckOptions? options = null, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        options ??= new TcpCheckOptions();
        time ??= TimeProvider.System;
        var started = time.GetTimestamp();
        var make = () => new Socket(destination.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var socket = options.Namespace.Name is null ? make() : await options.Namespace.RunInsideAsync(make);
        if (Tie(socket, options) is { } refusal)
            return new TcpCheckResult(TcpOutcome.NotTried, refusal.ErrorName, refusal.Words, time.GetElapsedTime(started));

        started = time.GetTimestamp();
        using var limit = new CancellationTokenSource(options.Timeout, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await socket.ConnectAsync(destination, stop.Token);
            var elapsed = time.GetElapsedTime(started);
            // A reset in place of the usual goodbye leaves nothing waiting at either end.
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
            return new TcpCheckResult(TcpOutcome.Open, "", "", elapsed);
        }
        catch (SocketException exception)
        {
            var words = KernelException.FromErrno("connect", exception.NativeErrorCode);
            return new TcpCheckResult(Judge(exception.NativeErrorCode), words.ErrorName, words.Words, time.GetElapsedTime(started));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new TcpCheckResult(TcpOutcome.Filtered, "", "no answer in time", time.GetElapsedTime(started));
        }
    }

    private static TcpOutcome Judge(int errno) => errno switch
    {
        KernelErrors.ConnectionRefused or KernelErrors.ConnectionReset => TcpOutcome.Refused,
        KernelErrors.TimedOut => TcpOutcome.Filtered,
        KernelErrors.AddressNotAvailable or KernelErrors.NotPermitted or KernelErrors.Invalid => TcpOutcome.NotTried,
        _ => TcpOutcome.Unreachable,
    };

    // Gives why the socket cannot have this device or source, or null.
    private static KernelException? Tie(Socket socket, TcpCheckOptions options)
    {
        try
        {
            if (options.Device is { } device)
                SocketDevice.Bind(socket, device);
            if (options.Source is { } source)
                socket.Bind(new IPEndPoint(source, 0));
            return null;
        }
        catch (KernelException exception)
        {
            return exception;
        }
        catch (SocketException exception)
        {
            return KernelException.FromErrno($"connect from {options.Source}", exception.NativeErrorCode);
        }
    }
}
