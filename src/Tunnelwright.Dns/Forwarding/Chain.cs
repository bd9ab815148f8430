using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Forwarding;

/// <summary>One question while its chain of CNAMEs is followed: the names so far, and their records without compression.</summary>
internal sealed class Chain
{
    /// <summary>Most CNAMEs of a chain.</summary>
    public const int MaximumHops = 16;

    private byte[] _names = new byte[2 * DomainName.MaximumLength];
    private readonly int[] _ends = new int[MaximumHops + 1];
    private byte[] _partial = [];
    private int _partialLength;

    public RecordType Type { get; private set; }

    public bool DnssecOk { get; private set; }

    /// <summary>CNAMEs so far.</summary>
    public int Hops { get; private set; }

    /// <summary>The name asked for, without compression, in lower case.</summary>
    public ReadOnlySpan<byte> Question => _names.AsSpan(0, _ends[0]);

    /// <summary>The name at the end of the chain.</summary>
    public ReadOnlySpan<byte> Current => _names.AsSpan(Start(Hops), _ends[Hops] - Start(Hops));

    /// <summary>The answer that earlier responses gave; empty before the first.</summary>
    public ReadOnlySpan<byte> Partial => _partial.AsSpan(0, _partialLength);

    /// <summary>The least TTL of the chain so far.</summary>
    public uint Lifetime { get; private set; }

    /// <summary>Every response so far was verified (AD).</summary>
    public bool IsAuthentic { get; private set; }

    public void Begin(ReadOnlySpan<byte> question, RecordType type, bool dnssecOk)
    {
        (Type, DnssecOk, Hops, _partialLength, Lifetime, IsAuthentic) = (type, dnssecOk, 0, 0, uint.MaxValue, true);
        question.CopyTo(_names);
        _ends[0] = question.Length;
    }

    /// <summary>Goes to the next name, when the chain has not been there and is not too long.</summary>
    public bool TryMove(ReadOnlySpan<byte> message, int nameAt)
    {
        if (Hops == MaximumHops) return false;
        var start = _ends[Hops];
        if (_names.Length < start + DomainName.MaximumLength) Array.Resize(ref _names, Math.Max(2 * _names.Length, start + DomainName.MaximumLength));
        var target = _names.AsSpan(start);
        var length = DomainName.Expand(message, nameAt, target, out _);
        if (length == 0) return false;
        target = target[..length];
        DomainName.ToLower(target);
        for (var i = 0; i <= Hops; i++)
        {
            if (_names.AsSpan(Start(i), _ends[i] - Start(i)).SequenceEqual(target)) return false;
        }

        _ends[++Hops] = start + length;
        return true;
    }

    /// <summary>Keeps what has been answered so far, until the rest of the chain is known.</summary>
    /// <param name="message">The answer so far: header, question, records.</param>
    /// <param name="lifetime">The least TTL so far.</param>
    /// <param name="isAuthentic">Whether every response so far was verified (AD).</param>
    public void Keep(ReadOnlySpan<byte> message, uint lifetime, bool isAuthentic)
    {
        if (_partial.Length < message.Length) _partial = new byte[Math.Max(2048, message.Length)];
        message.CopyTo(_partial);
        (_partialLength, Lifetime, IsAuthentic) = (message.Length, lifetime, isAuthentic);
    }

    private int Start(int hop) => hop == 0 ? 0 : _ends[hop - 1];
}
