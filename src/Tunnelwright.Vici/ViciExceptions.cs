namespace Tunnelwright.Vici;

/// <summary>The base of every error that this library reports about the daemon or the conversation with it.</summary>
public class ViciException : Exception
{
    /// <summary>Creates the exception.</summary>
    public ViciException()
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public ViciException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and the error behind it.</summary>
    public ViciException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The daemon understood a command and answered <c>success = no</c>.</summary>
public sealed class ViciCommandFailedException : ViciException
{
    internal ViciCommandFailedException(string command, ViciSection response)
        : base($"The daemon refused '{command}': {Reason(response)}.")
    {
        Command = command;
        Response = response;
        ErrorMessage = Reason(response);
    }

    /// <summary>The command, for example <c>initiate</c>.</summary>
    public string Command { get; }

    /// <summary>The daemon's own words (key <c>errmsg</c>), or "no reason given".</summary>
    public string ErrorMessage { get; }

    /// <summary>The whole answer; some commands say more in it, for example <c>matches</c>.</summary>
    public ViciSection Response { get; }

    private static string Reason(ViciSection response) => response.GetText("errmsg") ?? "no reason given";
}

/// <summary>The daemon does not know a command (a plugin is missing, or the daemon is older).</summary>
public sealed class ViciUnknownCommandException : ViciException
{
    internal ViciUnknownCommandException(string command)
        : base($"The daemon does not know the command '{command}'.") => Command = command;

    /// <summary>The command that was asked for.</summary>
    public string Command { get; }
}

/// <summary>The daemon does not know an event (a plugin is missing, or the daemon is older).</summary>
public sealed class ViciUnknownEventException : ViciException
{
    internal ViciUnknownEventException(string eventName)
        : base($"The daemon does not know the event '{eventName}'.") => EventName = eventName;

    /// <summary>The event that was asked for.</summary>
    public string EventName { get; }
}

/// <summary>Why a connection to the daemon's socket failed.</summary>
public enum ViciConnectionFailure
{
    /// <summary>There is no socket at the path: the daemon does not run, or has no vici plugin.</summary>
    SocketMissing,

    /// <summary>The socket file is there but nobody listens: the daemon has died.</summary>
    Refused,

    /// <summary>This process may not open the socket.</summary>
    AccessDenied,

    /// <summary>The daemon did not accept the connection, or fell silent, for longer than the limit.</summary>
    TimedOut,

    /// <summary>The daemon closed the connection.</summary>
    HungUp,

    /// <summary>This side closed the connection because the client was disposed of.</summary>
    ClientDisposed,

    /// <summary>Another error of the operating system; the inner exception says which.</summary>
    Other,
}

/// <summary>The daemon cannot be reached, or the connection broke. The message names the path of the socket.</summary>
public sealed class ViciConnectionException : ViciException
{
    internal ViciConnectionException(
        ViciConnectionFailure failure,
        string socketPath,
        string message,
        bool requestSent = false,
        Exception? innerException = null)
        : base(message, innerException)
    {
        Failure = failure;
        SocketPath = socketPath;
        RequestSent = requestSent;
    }

    /// <summary>What went wrong.</summary>
    public ViciConnectionFailure Failure { get; }

    /// <summary>The path of the daemon's socket.</summary>
    public string SocketPath { get; }

    /// <summary>
    /// True when the request had been handed over whole, so that the daemon may have carried it out; false when it certainly has not.
    /// </summary>
    public bool RequestSent { get; }
}

/// <summary>Bytes that are not VICI, a packet out of turn, or a limit of the protocol exceeded.</summary>
public sealed class ViciProtocolException : ViciException
{
    internal ViciProtocolException(string message, int offset = -1)
        : base(offset < 0 ? message : $"{message} (at byte {offset})") => Offset = offset;

    /// <summary>Where in the packet, in bytes after its length field, the error is; -1 when it has no place.</summary>
    public int Offset { get; }
}
