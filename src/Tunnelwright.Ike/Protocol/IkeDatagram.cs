namespace Tunnelwright.Ike;

/// <summary>What a UDP datagram of port 4500 carries (RFC 3948 section 2).</summary>
public enum IkeDatagramKind
{
    /// <summary>IKE behind four zero octets.</summary>
    Ike,

    /// <summary>ESP: it begins with an SPI that is not zero.</summary>
    Esp,

    /// <summary>One octet 0xFF that keeps a NAT's mapping alive.</summary>
    KeepAlive,

    /// <summary>Too short to be any of these.</summary>
    TooShort,
}

/// <summary>Tells IKE from ESP on port 4500 (RFC 3948 sections 2.1 to 2.3).</summary>
public static class IkeDatagram
{
    /// <summary>Octets of the non-ESP marker.</summary>
    public const int MarkerBytes = 4;

    /// <summary>Looks at the first octets of a datagram from or to port 4500.</summary>
    /// <param name="datagram">The payload of the UDP datagram.</param>
    /// <param name="message">The IKE message without its marker; empty for everything else.</param>
    public static IkeDatagramKind Classify(ReadOnlySpan<byte> datagram, out ReadOnlySpan<byte> message)
    {
        message = default;
        if (datagram is [0xff]) return IkeDatagramKind.KeepAlive;
        if (datagram.Length < MarkerBytes) return IkeDatagramKind.TooShort;
        if (datagram[..MarkerBytes].ContainsAnyExcept((byte)0)) return IkeDatagramKind.Esp;
        message = datagram[MarkerBytes..];
        return IkeDatagramKind.Ike;
    }
}
