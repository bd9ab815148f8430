using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace Tunnelwright.Dns.Serving;

/// <summary>Our half of DNS cookies (RFC 7873), of the layout that servers have in common (RFC 9018): version, time, and SipHash-2-4 over them and the client.</summary>
internal sealed class ServerCookie
{
    /// <summary>Bytes of the whole cookie: the client's 8 and our 16.</summary>
    public const int Size = 24;

    private const uint LifetimeSeconds = 3600;
    private const uint FutureSeconds = 300;
    private readonly ulong _key0;
    private readonly ulong _key1;

    public ServerCookie()
    {
        Span<byte> key = stackalloc byte[16];
        RandomNumberGenerator.Fill(key);
        (_key0, _key1) = (BinaryPrimitives.ReadUInt64LittleEndian(key), BinaryPrimitives.ReadUInt64LittleEndian(key[8..]));
    }

    /// <summary>Makes the cookie to answer with.</summary>
    /// <param name="client">The client's 8 bytes.</param>
    /// <param name="address">Its address, 4 or 16 bytes.</param>
    /// <param name="now">Seconds since 1970, modulo 2³².</param>
    /// <param name="cookie">24 bytes.</param>
    public void Write(ReadOnlySpan<byte> client, ReadOnlySpan<byte> address, uint now, Span<byte> cookie)
    {
        client[..8].CopyTo(cookie);
        BinaryPrimitives.WriteUInt32BigEndian(cookie[8..], 1u << 24);
        BinaryPrimitives.WriteUInt32BigEndian(cookie[12..], now);
        BinaryPrimitives.WriteUInt64LittleEndian(cookie[16..], Hash(cookie[..16], address));
    }

    /// <summary>Whether a client's cookie holds our half, made for that client not long ago.</summary>
    public bool IsValid(ReadOnlySpan<byte> cookie, ReadOnlySpan<byte> address, uint now)
    {
        if (cookie.Length != Size || cookie[8] != 1) return false;
        var age = now - BinaryPrimitives.ReadUInt32BigEndian(cookie[12..]);
        if (age > LifetimeSeconds && unchecked(0 - age) > FutureSeconds) return false;
        return BinaryPrimitives.ReadUInt64LittleEndian(cookie[16..]) == Hash(cookie[..16], address);
    }

    private ulong Hash(ReadOnlySpan<byte> start, ReadOnlySpan<byte> address)
    {
        Span<byte> data = stackalloc byte[32];
        start.CopyTo(data);
        address.CopyTo(data[16..]);
        return SipHash(data[..(16 + address.Length)], _key0, _key1);
    }

    /// <summary>SipHash-2-4 (Aumasson and Bernstein, 2012).</summary>
    internal static ulong SipHash(ReadOnlySpan<byte> data, ulong key0, ulong key1)
    {
        var v0 = key0 ^ 0x736f6d6570736575;
        var v1 = key1 ^ 0x646f72616e646f6d;
        var v2 = key0 ^ 0x6c7967656e657261;
        var v3 = key1 ^ 0x7465646279746573;
        var last = (ulong)data.Length << 56;
        for (; data.Length >= 8; data = data[8..])
        {
            var word = BinaryPrimitives.ReadUInt64LittleEndian(data);
            v3 ^= word;
            Round(ref v0, ref v1, ref v2, ref v3);
            Round(ref v0, ref v1, ref v2, ref v3);
            v0 ^= word;
        }

        for (var i = 0; i < data.Length; i++) last |= (ulong)data[i] << (8 * i);
        v3 ^= last;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= last;
        v2 ^= 0xFF;
        for (var i = 0; i < 4; i++) Round(ref v0, ref v1, ref v2, ref v3);
        return v0 ^ v1 ^ v2 ^ v3;
    }

    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v3;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}
