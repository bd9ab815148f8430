using System.Security.Cryptography;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Caching;

/// <summary>
/// Encoded answers by name, type and flags, in native memory of a fixed size that all threads share. Reading takes no lock and allocates
/// nothing. New answers overwrite the oldest; an answer that is still asked for when its turn nears is moved to the front.
/// </summary>
internal sealed class AnswerCache : IDisposable
{
    private const int MinimumShardBytes = 1 << 20;
    private const int MaximumShards = 64;
    private readonly CacheShard[] _shards;
    private readonly int _shift;
    private readonly ulong _seed;

    public AnswerCache(CacheOptions options)
    {
        Options = options;
        var total = (long)options.Megabytes << 20;
        var shards = (int)Math.Clamp((long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)(total / (4 * MinimumShardBytes))), 4, MaximumShards);
        _shift = 64 - System.Numerics.BitOperations.Log2((uint)shards);
        _shards = new CacheShard[shards];
        for (var i = 0; i < shards; i++) _shards[i] = new CacheShard(total / shards);
        Span<byte> seed = stackalloc byte[8];
        RandomNumberGenerator.Fill(seed);
        _seed = BitConverter.ToUInt64(seed);
    }

    public CacheOptions Options { get; }

    /// <summary>Answers put in since the start.</summary>
    public long Insertions => _shards.Sum(shard => shard.Insertions);

    /// <summary>Bytes of memory in use.</summary>
    public long UsedBytes => _shards.Sum(shard => shard.UsedBytes);

    /// <summary>Names that do not exist were kept at some time: only then it is worth looking for them.</summary>
    public bool HasDenials { get; private set; }

    public ulong Hash(ReadOnlySpan<byte> key) => Lowering.Hash(key, _seed);

    /// <summary>Copies an answer, with its TTLs at this moment; for an expired one see <see cref="CacheHit.IsExpired"/>.</summary>
    /// <param name="hash">The key's hash.</param>
    /// <param name="key">The key.</param>
    /// <param name="now">Seconds of the forwarder's clock.</param>
    /// <param name="destination">Where to; an answer that is longer is not copied, and its header alone is.</param>
    /// <param name="hit">What was found.</param>
    /// <returns>False when nothing is there, or only what may not be served any more.</returns>
    public bool TryGet(ulong hash, ReadOnlySpan<byte> key, uint now, Span<byte> destination, out CacheHit hit)
    {
        var shard = Shard(hash);
        if (!shard.TryGet(hash, key, now, Options, destination, out hit)) return false;
        if (hit.IsNearEviction) shard.Promote(hash, key);
        return true;
    }

    /// <summary>Keeps an answer.</summary>
    /// <param name="hash">The key's hash.</param>
    /// <param name="key">The key.</param>
    /// <param name="message">The answer with header and question, without OPT.</param>
    /// <param name="ttls">Where the TTLs stand.</param>
    /// <param name="now">Seconds of the forwarder's clock.</param>
    /// <param name="lifetime">Seconds until it expires.</param>
    /// <param name="rule">The number of the rule that it is by.</param>
    public void Put(ulong hash, ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, ReadOnlySpan<ushort> ttls, uint now, uint lifetime, int rule = 0) =>
        Shard(hash).Put(hash, key, message, ttls, now, lifetime, (ushort)Math.Min(rule, ushort.MaxValue));

    /// <summary>Keeps under a name, for all types, that it does not exist.</summary>
    public void PutDenial(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, ReadOnlySpan<ushort> ttls, uint now, uint lifetime, int rule)
    {
        HasDenials = true;
        Put(Hash(key), key, message, ttls, now, lifetime, rule);
    }

    public void Dispose()
    {
        foreach (var shard in _shards) shard.Dispose();
    }

    private CacheShard Shard(ulong hash) => _shards[hash >> _shift];
}

/// <summary>What a look into the cache found.</summary>
internal struct CacheHit
{
    /// <summary>Bytes of the answer.</summary>
    public int Length;

    /// <summary>It was longer than the room and was not copied, but for its header.</summary>
    public bool IsTooLong;

    /// <summary>Its time is over; it may be served when no server answers.</summary>
    public bool IsExpired;

    /// <summary>It is in the last tenth of its time.</summary>
    public bool WantsPrefetch;

    public bool IsNearEviction;

    /// <summary>The number of the rule that the answer is by.</summary>
    public int Rule;
}
