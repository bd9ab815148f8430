using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>How values read on a page.</summary>
public static class Presentation
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB", "PB"];

    /// <summary>What people call a connection: its purpose, else the gateway's address.</summary>
    /// <param name="connection">The connection.</param>
    public static string NameOf(Connection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var first = connection.Purpose.Split('\n')[0].Trim();
        return first.Length == 0 ? connection.GatewayAddress : first.Length <= 60 ? first : first[..59] + "…";
    }

    /// <summary>A moment, in UTC.</summary>
    /// <param name="moment">The moment.</param>
    public static string Time(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss");

    /// <summary>Bytes in units of a thousand.</summary>
    /// <param name="bytes">How many.</param>
    public static string Bytes(long bytes)
    {
        var (value, unit) = ((double)bytes, 0);
        while (value >= 1000 && unit < Units.Length - 1) (value, unit) = (value / 1000, unit + 1);
        return unit == 0 ? $"{bytes} B" : $"{value:0.0} {Units[unit]}";
    }

    /// <summary>Routing in words.</summary>
    /// <param name="connection">The connection.</param>
    public static string Routing(Connection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return connection.CustomerAsn is { } asn ? $"BGP, ASN {asn}" : "Static";
    }

    /// <summary>An enumeration's word with a capital and spaces.</summary>
    /// <typeparam name="T">The enumeration.</typeparam>
    /// <param name="value">The value.</param>
    public static string Word<T>(T value)
        where T : struct, Enum
    {
        var word = Words.Write(value).Replace('-', ' ');
        return char.ToUpperInvariant(word[0]) + word[1..];
    }

    /// <summary>A BGP session in words.</summary>
    /// <param name="session">The session.</param>
    public static string Session(ObservedBgp session)
    {
        ArgumentNullException.ThrowIfNull(session);
        var refused = session.PrefixesRefused > 0 ? $", {session.PrefixesRefused} refused: in no registered range" : "";
        return session.State == "established"
            ? $"established; prefixes: {session.PrefixesIn} in, {session.PrefixesOut} out{refused}"
            : session.LastError is { } error ? $"{session.State}; {error}" : session.State;
    }

    /// <summary>The servers of a forwarded domain in words.</summary>
    /// <param name="domain">The domain.</param>
    public static string Servers(ObservedDomain domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        return string.Join(", ", domain.ServersUp.Concat(domain.ServersDown.Select(server => $"{server} (does not answer)")));
    }

    /// <summary>What is seen of a tunnel, "unknown" before its node told anything.</summary>
    /// <param name="tunnel">The tunnel.</param>
    public static TunnelState StateOf(ConnectionTunnel tunnel)
    {
        ArgumentNullException.ThrowIfNull(tunnel);
        return tunnel.Observed?.State ?? TunnelState.Unknown;
    }
}
