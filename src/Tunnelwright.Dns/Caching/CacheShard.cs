using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using Tunnelwright.Dns.Native;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Caching;

/// <summary>
/// A ring of entries and an index over it. Positions only grow; an entry is valid while the writer has not come round to it. A writer first
/// says how far it will write, then writes, then publishes the position in the index; a reader copies, and looks afterwards whether
/// the writer has reached what it copied. One writer at a time.
/// </summary>
internal sealed unsafe class CacheShard : IDisposable
{
    private const int Ways = 8;
    private const int TagBits = 16;

    /// <summary>Bytes of the ring for each slot of the index: entries take three to five times as much, so that a bucket seldom overflows.</summary>
    private const int SlotBytes = 32;

    /// <summary>A reader that was overtaken may compare a longer key than stood there.</summary>
    private const int Slack = 512;

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1);

    private readonly Lock _writing = new();
    private readonly MappedMemory _memory;
    private readonly byte* _ring;
    private readonly ulong* _index;
    private readonly long _capacity;
    private readonly ulong _bucketMask;
    private long _reserved;
    private long _insertions;
    private byte[]? _moving;

    /// <param name="bytes">Size of the ring; rounded down to a power of two.</param>
    public CacheShard(long bytes)
    {
        _capacity = 1L << BitOperations.Log2((ulong)bytes);
        var buckets = _capacity / SlotBytes / Ways;
        _bucketMask = (ulong)buckets - 1;
        var index = buckets * Ways * sizeof(ulong);
        _memory = new MappedMemory(index + _capacity + Slack);
        _index = (ulong*)_memory.Address;
        _ring = _memory.Address + index;
        _reserved = _capacity; // Position 0 is never an entry's.
    }

    public long Insertions => Volatile.Read(ref _insertions);

    public long UsedBytes => Math.Min(Volatile.Read(ref _reserved) - _capacity, _capacity);

    public bool TryGet(ulong hash, ReadOnlySpan<byte> key, uint now, CacheOptions options, Span<byte> destination, out CacheHit hit)
    {
        hit = default;
        var position = Find(hash, key);
        if (position == 0) return false;
        var entry = (Entry*)At(position);
        var (length, expires, stored, ttlCount, keyLength) = (entry->MessageLength, entry->Expires, entry->Stored, entry->TtlCount, entry->KeyLength);
        // Read while a writer may write over it: nothing is believed before IsValid.
        if ((uint)length > ushort.MaxValue || (uint)ttlCount > ushort.MaxValue || (position & (_capacity - 1)) + sizeof(Entry) + keyLength + 2 * ttlCount + length > _capacity || length < DnsHeader.Size) return false;
        (hit.Length, hit.Rule) = (length, entry->Rule);
        if (now >= expires)
        {
            if (now - expires >= options.StaleSeconds) return false;
            hit.IsExpired = true;
        }

        var ttls = (ushort*)((byte*)entry + sizeof(Entry) + Even(keyLength));
        var message = (byte*)(ttls + ttlCount);
        hit.IsTooLong = length > destination.Length;
        if (hit.IsTooLong)
        {
            new ReadOnlySpan<byte>(message, DnsHeader.Size).CopyTo(destination);
        }
        else
        {
            new ReadOnlySpan<byte>(message, length).CopyTo(destination);
            Age(destination, new ReadOnlySpan<ushort>(ttls, ttlCount), length, hit.IsExpired ? null : now - stored, options.StaleTtlSeconds);
        }

        hit.WantsPrefetch = options.Prefetch && !hit.IsExpired && expires - now <= (expires - stored) / 10 && expires - stored >= 10;
        hit.IsNearEviction = Volatile.Read(ref _reserved) - position > _capacity / 2;
        return IsValid(position);
    }

    public void Put(ulong hash, ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, ReadOnlySpan<ushort> ttls, uint now, uint lifetime, ushort rule)
    {
        var size = (sizeof(Entry) + Even(key.Length) + 2 * ttls.Length + message.Length + 7) & ~7;
        if (size > _capacity / 8 || ttls.Length > ushort.MaxValue) return;
        // Another writer that the scheduler has put aside is not waited for: what is not kept is asked for again.
        if (!_writing.TryEnter(Patience)) return;
        try
        {
            var position = Reserve(size);
            var entry = (Entry*)At(position);
            *entry = new Entry { Hash = hash, Stored = now, Expires = now + Math.Max(lifetime, 1), Size = size, MessageLength = message.Length, TtlCount = ttls.Length, KeyLength = (ushort)key.Length, Rule = rule };
            var keyAt = (byte*)entry + sizeof(Entry);
            key.CopyTo(new Span<byte>(keyAt, key.Length));
            var ttlsAt = (ushort*)(keyAt + Even(key.Length));
            ttls.CopyTo(new Span<ushort>(ttlsAt, ttls.Length));
            message.CopyTo(new Span<byte>(ttlsAt + ttls.Length, message.Length));
            Publish(hash, key, position);
            _insertions++;
        }
        finally
        {
            _writing.Exit();
        }
    }

    /// <summary>Moves an entry to the front of the ring, so that the writer does not reach it soon.</summary>
    public void Promote(ulong hash, ReadOnlySpan<byte> key)
    {
        if (!_writing.TryEnter()) return; // It will be asked for again.
        try
        {
            var old = Find(hash, key);
            if (old == 0 || _reserved - old <= _capacity / 4) return;
            var size = ((Entry*)At(old))->Size;
            if (_moving is null || _moving.Length < size) _moving = new byte[BitOperations.RoundUpToPowerOf2((uint)Math.Max(size, 4096))];
            new ReadOnlySpan<byte>(At(old), size).CopyTo(_moving);
            var position = Reserve(size);
            _moving.AsSpan(0, size).CopyTo(new Span<byte>(At(position), size));
            Publish(hash, key, position);
        }
        finally
        {
            _writing.Exit();
        }
    }

    public void Dispose() => _memory.Dispose();

    private long Find(ulong hash, ReadOnlySpan<byte> key)
    {
        var bucket = Bucket(hash);
        var tag = hash & ((1 << TagBits) - 1);
        for (var way = 0; way < Ways; way++)
        {
            var slot = Volatile.Read(ref bucket[way]);
            if ((slot & ((1 << TagBits) - 1)) != tag) continue;
            var position = (long)(slot >> TagBits);
            if (!IsValid(position)) continue;
            var entry = (Entry*)At(position);
            if (entry->Hash == hash && entry->KeyLength == key.Length && new ReadOnlySpan<byte>((byte*)entry + sizeof(Entry), key.Length).SequenceEqual(key)) return position;
        }

        return 0;
    }

    /// <summary>Takes room at the front; an entry does not go over the ring's end.</summary>
    private long Reserve(int size)
    {
        var position = _reserved;
        var room = _capacity - (position & (_capacity - 1));
        if (room < size) position += room;
        Volatile.Write(ref _reserved, position + size);
        Thread.MemoryBarrier();
        return position;
    }

    /// <summary>The key's own slot, an empty one, one whose entry is overwritten, or that of the oldest.</summary>
    private void Publish(ulong hash, ReadOnlySpan<byte> key, long position)
    {
        var bucket = Bucket(hash);
        var tag = hash & ((1 << TagBits) - 1);
        var chosen = 0;
        var oldest = long.MaxValue;
        for (var way = 0; way < Ways; way++)
        {
            var at = (long)(bucket[way] >> TagBits);
            var same = at != 0 && (bucket[way] & ((1 << TagBits) - 1)) == tag && IsValid(at) && ((Entry*)At(at))->Hash == hash && new ReadOnlySpan<byte>(At(at) + sizeof(Entry), ((Entry*)At(at))->KeyLength).SequenceEqual(key);
            if (same) at = -1;
            if (at >= oldest) continue;
            oldest = at;
            chosen = way;
        }

        Volatile.Write(ref bucket[chosen], ((ulong)position << TagBits) | tag);
    }

    private bool IsValid(long position)
    {
        Volatile.ReadBarrier();
        return Volatile.Read(ref _reserved) - position <= _capacity;
    }

    private static void Age(Span<byte> message, ReadOnlySpan<ushort> ttls, int length, uint? age, uint staleTtl)
    {
        foreach (var at in ttls)
        {
            if (at + 4 > length) return;
            var ttl = BinaryPrimitives.ReadUInt32BigEndian(message[at..]);
            BinaryPrimitives.WriteUInt32BigEndian(message[at..], age is { } seconds ? ttl > seconds ? ttl - seconds : 0 : Math.Min(ttl, staleTtl));
        }
    }

    private ulong* Bucket(ulong hash) => _index + (((hash >> TagBits) & _bucketMask) * Ways);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* At(long position) => _ring + (position & (_capacity - 1));

    private static int Even(int length) => (length + 1) & ~1;

    private struct Entry
    {
        public ulong Hash;
        public uint Stored;
        public uint Expires;
        public int Size;
        public int MessageLength;
        public int TtlCount;
        public ushort KeyLength;
        public ushort Rule;
    }
}
