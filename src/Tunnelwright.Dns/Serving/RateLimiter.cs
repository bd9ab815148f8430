using System.Buffers.Binary;

namespace Tunnelwright.Dns.Serving;

/// <summary>
/// A bucket of tokens for each source, for all threads: so many queries a second, and a burst of a second's worth. Sources share buckets when
/// there are more of them than buckets; the memory is fixed.
/// </summary>
internal sealed class RateLimiter(int perSecond)
{
    private const int Buckets = 16_384;

    /// <summary>How far behind another thread's clock reading one may be, in milliseconds.</summary>
    private const uint Skew = 60_000;

    // High half: milliseconds of the last look. Low half: thousandths of queries that were used up.
    private readonly ulong[] _buckets = new ulong[Buckets];
    private readonly ulong _seed = (ulong)Random.Shared.NextInt64();

    public bool IsOn => perSecond > 0;

    /// <param name="address">4 or 16 bytes.</param>
    /// <param name="milliseconds">The forwarder's clock.</param>
    /// <returns>False when the source has used up what it may ask.</returns>
    public bool Allows(ReadOnlySpan<byte> address, long milliseconds)
    {
        var source = address.Length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(address) : BinaryPrimitives.ReadUInt64BigEndian(address);
        var high = Math.BigMul(source ^ _seed, 0x9E3779B97F4A7C15, out var low);
        ref var bucket = ref _buckets[(high ^ low) % Buckets];
        while (true)
        {
            var old = Volatile.Read(ref bucket);
            var elapsed = unchecked((uint)milliseconds - (uint)(old >> 32));
            if (elapsed > uint.MaxValue - Skew) elapsed = 0; // Another thread's clock was read later than ours.
            var refilled = Math.Min((ulong)elapsed * (ulong)perSecond, uint.MaxValue);
            var used = (uint)old > refilled ? (uint)old - refilled : 0;
            if (used + 1000 > (ulong)perSecond * 1000) return false;
            var changed = ((ulong)(elapsed == 0 ? (uint)(old >> 32) : (uint)milliseconds) << 32) | (used + 1000);
            if (Interlocked.CompareExchange(ref bucket, changed, old) == old) return true;
        }
    }
}
