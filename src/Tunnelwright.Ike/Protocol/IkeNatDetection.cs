using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;

namespace Tunnelwright.Ike;

/// <summary>
/// The hashes by which two ends find a NAT between them: SHA-1 over both SPIs, address and port (RFC 7296 section 2.23). IKEv1 hashes the same with the
/// negotiated hash (RFC 3947 section 3.2).
/// </summary>
public static class IkeNatDetection
{
    /// <summary>Octets of an IKEv2 hash.</summary>
    public const int HashBytes = 20;

    /// <summary>The hash of an address as it is in the IP header, and a port.</summary>
    /// <param name="initiatorSpi">As in the message that carries the hash.</param>
    /// <param name="responderSpi">As in the message that carries the hash: 0 in the first request.</param>
    /// <param name="address">IPv4 or IPv6.</param>
    /// <param name="port">0 to 65535.</param>
    public static byte[] Hash(ulong initiatorSpi, ulong responderSpi, IPAddress address, int port)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> text = stackalloc byte[16 + 16 + 2];
        var length = Fill(text, initiatorSpi, responderSpi, address);
        BinaryPrimitives.WriteUInt16BigEndian(text[(length - 2)..], checked((ushort)port));
#pragma warning disable CA5350 // The protocol says SHA-1; nothing secret depends on it.
        return SHA1.HashData(text[..length]);
#pragma warning restore CA5350
    }

    /// <summary>Which port a hash was made with, when it was made with this address: all ports are tried, which takes some 20 ms.</summary>
    /// <param name="hash">The hash.</param>
    /// <param name="initiatorSpi">As in the message that carried it.</param>
    /// <param name="responderSpi">As in the message that carried it.</param>
    /// <param name="address">The address it may be.</param>
    /// <returns>The port, or null: it was made with another address.</returns>
    public static int? FindPort(ReadOnlySpan<byte> hash, ulong initiatorSpi, ulong responderSpi, IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (hash.Length != HashBytes) return null;
        Span<byte> text = stackalloc byte[16 + 16 + 2];
        Span<byte> tried = stackalloc byte[HashBytes];
        var length = Fill(text, initiatorSpi, responderSpi, address);
        for (var port = 0; port <= ushort.MaxValue; port++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(text[(length - 2)..], (ushort)port);
#pragma warning disable CA5350
            SHA1.HashData(text[..length], tried);
#pragma warning restore CA5350
            if (tried.SequenceEqual(hash)) return port;
        }

        return null;
    }

    private static int Fill(Span<byte> text, ulong initiatorSpi, ulong responderSpi, IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        BinaryPrimitives.WriteUInt64BigEndian(text, initiatorSpi);
        BinaryPrimitives.WriteUInt64BigEndian(text[8..], responderSpi);
        address.TryWriteBytes(text[16..], out var addressBytes);
        return 16 + addressBytes + 2;
    }
}
