namespace Tunnelwright.Diagnosis;

/// <summary>One packet of a capture.</summary>
internal readonly ref struct CapturedPacket
{
    /// <summary>Its number, counted from 1 over the whole file, as Wireshark and tcpdump count.</summary>
    public required long Number { get; init; }

    /// <summary>When, in UTC; null where the file does not say.</summary>
    public required DateTime? Time { get; init; }

    /// <summary>The link type (tcpdump.org, "Link-layer header types").</summary>
    public required int LinkType { get; init; }

    /// <summary>What was captured of it.</summary>
    public required ReadOnlySpan<byte> Bytes { get; init; }
}

/// <summary>Reads the packets of a capture one by one. Any input ends in packets and then the end or one <see cref="Fault"/>.</summary>
internal abstract class CaptureReader(CaptureStream stream)
{
    /// <summary>No interface has frames of more bytes; a record that says so is broken.</summary>
    protected const int Unbelievable = 64 << 20;

    /// <summary>Packets so far.</summary>
    public long Packets { get; protected set; }

    /// <summary>What is wrong with the file, a short sentence; null as long as nothing was found.</summary>
    public string? Fault { get; protected set; }

    /// <summary>Where the bytes come from.</summary>
    protected CaptureStream Stream { get; } = stream;

    /// <summary>Whether a file that begins so is a capture.</summary>
    /// <param name="head">Its first bytes.</param>
    public static bool Recognises(ReadOnlySpan<byte> head) => head.Length >= 4 && (PcapReader.Recognises(head) || PcapNgReader.Recognises(head));

    /// <summary>The reader for a capture.</summary>
    /// <param name="head">The first bytes, which stay in the stream.</param>
    /// <param name="content">The whole file.</param>
    public static CaptureReader Open(ReadOnlySpan<byte> head, Stream content) =>
        PcapNgReader.Recognises(head) ? new PcapNgReader(new CaptureStream(content)) : new PcapReader(new CaptureStream(content));

    /// <summary>Reads the next packet; false at the end and at a fault.</summary>
    /// <param name="packet">The packet; its bytes are valid until the next call.</param>
    public abstract bool Read(out CapturedPacket packet);

    /// <summary>Bytes behind those of the last packet that belong to its record.</summary>
    protected long Unread { get; set; }

    /// <summary>Passes over <see cref="Unread"/>, which the last packet's bytes had to wait for; false when the file ends before.</summary>
    protected bool PassOver()
    {
        var count = Unread;
        Unread = 0;
        return Stream.Skip(count);
    }

    /// <summary>Gives up.</summary>
    protected bool Fail(string reason)
    {
        Fault = reason;
        return false;
    }

    /// <summary>A point in time from units since 1970; null when it is outside of the calendar.</summary>
    /// <param name="seconds">Whole seconds.</param>
    /// <param name="fraction">The rest in units of 100 ns.</param>
    protected static DateTime? At(long seconds, long fraction) =>
        seconds is >= 0 and < 250_000_000_000 ? DateTime.UnixEpoch.AddTicks((seconds * TimeSpan.TicksPerSecond) + Math.Clamp(fraction, 0, TimeSpan.TicksPerSecond - 1)) : null;
}
