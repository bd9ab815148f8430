using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tunnelwright.Dns.Wire;

/// <summary>Lower case and hashing eight bytes at a time.</summary>
internal static class Lowering
{
    /// <summary>Copies a name in lower case. The destination has eight bytes more than the name.</summary>
    public static void Copy(ReadOnlySpan<byte> source, int offset, int length, Span<byte> destination)
    {
        var i = 0;
        for (; i < length && offset + i + 8 <= source.Length; i += 8)
            MemoryMarshal.Write(destination[i..], Lower(MemoryMarshal.Read<ulong>(source[(offset + i)..])));
        for (; i < length; i++)
        {
            var value = source[offset + i];
            destination[i] = (uint)(value - 'A') <= 'Z' - 'A' ? (byte)(value | 0x20) : value;
        }
    }

    /// <summary>A 64-bit hash with a secret seed, so that nobody outside can make names collide.</summary>
    public static ulong Hash(ReadOnlySpan<byte> key, ulong seed)
    {
        var hash = seed ^ ((ulong)key.Length * 0x9E3779B97F4A7C15);
        while (key.Length >= 8)
        {
            hash = Mix(hash ^ MemoryMarshal.Read<ulong>(key), 0xA0761D6478BD642F ^ seed);
            key = key[8..];
        }

        ulong tail = 0;
        for (var i = 0; i < key.Length; i++) tail |= (ulong)key[i] << (8 * i);
        hash = Mix(hash ^ tail, 0xE7037ED1A0B428DB ^ seed);
        return Mix(hash, 0x8EBC6AF09C88C6E3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }

    /// <summary>Sets bit 5 of the bytes that are A to Z; bytes above 127 stay.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Lower(ulong value)
    {
        var low7 = value & 0x7F7F7F7F7F7F7F7F;
        var aboveZ = low7 + 0x2525252525252525; // 0x7F - 'Z'
        var fromA = low7 + 0x3F3F3F3F3F3F3F3F; // 0x80 - 'A'
        var letters = fromA & ~aboveZ & ~value & 0x8080808080808080;
        return value | (letters >> 2);
    }
}
