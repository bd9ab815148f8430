using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Tunnelwright.Dns.Serving;

/// <summary>Unpredictable numbers for identifications, ports and the case of letters, taken from the system in blocks. One for each thread.</summary>
internal sealed class RandomBits
{
    private readonly byte[] _block = new byte[4096];
    private int _used = 4096;

    public ushort NextUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public ulong NextUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>A port that programs may take: 1024 to 65535.</summary>
    public int NextPort()
    {
        while (true)
        {
            if (NextUInt16() is var port and >= 1024) return port;
        }
    }

    /// <summary>Turns the case of a name's letters at random (draft-vixie-dnsext-dns0x20).</summary>
    public void MixCase(Span<byte> name)
    {
        ulong bits = 0;
        for (var i = 0; i < name.Length; i++)
        {
            if ((i & 63) == 0) bits = NextUInt64();
            if ((uint)((name[i] | 0x20) - 'a') <= 'z' - 'a') name[i] = (byte)((name[i] & ~0x20) | (int)((bits & 1) << 5));
            bits >>= 1;
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (_used + count > _block.Length)
        {
            RandomNumberGenerator.Fill(_block);
            _used = 0;
        }

        var taken = _block.AsSpan(_used, count);
        _used += count;
        return taken;
    }
}
