using System.Globalization;
using System.Net;

namespace Tunnelwright.Model;

/// <summary>An IPv4 address with a port of UDP or TCP.</summary>
/// <param name="Address">The address.</param>
/// <param name="Port">1 to 65535.</param>
public readonly record struct Ipv4EndPoint(Ipv4Address Address, int Port) : IComparable<Ipv4EndPoint>
{
    /// <summary>Reads ADDRESS or ADDRESS:PORT.</summary>
    /// <param name="text">The text.</param>
    /// <param name="port">The port where the text has none; 0 when it must have one.</param>
    /// <param name="endPoint">Address and port.</param>
    /// <returns>Whether the text is one.</returns>
    public static bool TryParse(string text, int port, out Ipv4EndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(text);
        endPoint = default;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (!Ipv4Address.TryParse(colon < 0 ? text : text.AsSpan(0, colon), out var address)) return false;
        if (colon >= 0 && (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || text[colon + 1] == '0')) return false;
        if (port is < 1 or > 65535) return false;
        endPoint = new Ipv4EndPoint(address, port);
        return true;
    }

    /// <summary>Reads ADDRESS:PORT.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="FormatException">The text is none.</exception>
    public static Ipv4EndPoint Parse(string text) =>
        TryParse(text, 0, out var endPoint) ? endPoint : throw new FormatException($"'{text}' is not an address with a port such as 10.8.2.2:53.");

    /// <summary>As the framework's type, for sockets.</summary>
    public IPEndPoint ToIPEndPoint() => new(Address.ToIPAddress(), Port);

    /// <inheritdoc/>
    public int CompareTo(Ipv4EndPoint other) => Address == other.Address ? Port.CompareTo(other.Port) : Address.CompareTo(other.Address);

    /// <summary>Whether one is below another, by address and then by port.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator <(Ipv4EndPoint left, Ipv4EndPoint right) => left.CompareTo(right) < 0;

    /// <summary>Whether one is below another or the same.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator <=(Ipv4EndPoint left, Ipv4EndPoint right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one is above another.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator >(Ipv4EndPoint left, Ipv4EndPoint right) => left.CompareTo(right) > 0;

    /// <summary>Whether one is above another or the same.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator >=(Ipv4EndPoint left, Ipv4EndPoint right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Address}:{Port}");
}
