using System.Net.Sockets;
using Npgsql;

namespace Tunnelwright.Cloud;

/// <summary>Errors after which the same may be asked for again in a moment: the database is away, is starting, ending, full or a standby, or others are in the way.</summary>
internal static class StoreSilence
{
    /// <summary>
    /// Classes of PostgreSQL's error codes (the PostgreSQL manual, appendix A): no connection, a transaction that was rolled back, no resources, an operator's
    /// intervention, an error of the system below.
    /// </summary>
    private static readonly string[] Classes = ["08", "40", "53", "57", "58"];

    /// <summary>Whether the service should say "try again" of it.</summary>
    public static bool Is(Exception problem) => problem is PostgresException { SqlState: { } state }
        ? Classes.Any(start => state.StartsWith(start, StringComparison.Ordinal)) || state is PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.LockNotAvailable
        : problem is NpgsqlException;

    /// <summary>Whether it may be the driver's word for a connection that is no longer there.</summary>
    public static bool IsOfDriver(Exception problem) => problem is InvalidOperationException or IOException or SocketException or TimeoutException;
}
