using System.Buffers.Binary;

namespace Tunnelwright.Dns.Wire;

/// <summary>The first twelve bytes of a message (RFC 1035, section 4.1.1; RFC 4035 for AD and CD).</summary>
public static class DnsHeader
{
    /// <summary>Bytes of the header.</summary>
    public const int Size = 12;

    /// <summary>QR: it is a response.</summary>
    public const ushort Response = 0x8000;

    /// <summary>AA: the server is an authority for the name.</summary>
    public const ushort Authoritative = 0x0400;

    /// <summary>TC: the answer did not fit.</summary>
    public const ushort Truncated = 0x0200;

    /// <summary>RD: the server is to ask others.</summary>
    public const ushort RecursionDesired = 0x0100;

    /// <summary>RA: the server asks others.</summary>
    public const ushort RecursionAvailable = 0x0080;

    /// <summary>AD: the server has verified the data (RFC 4035).</summary>
    public const ushort AuthenticData = 0x0020;

    /// <summary>CD: the server need not verify the data (RFC 4035).</summary>
    public const ushort CheckingDisabled = 0x0010;

    /// <summary>The bits of the kind of query.</summary>
    public const ushort OpcodeMask = 0x7800;

    /// <summary>The bits of the response code.</summary>
    public const ushort CodeMask = 0x000F;

    /// <summary>The identification.</summary>
    /// <param name="message">A message of at least twelve bytes.</param>
    /// <returns>0 to 65535.</returns>
    public static ushort Id(ReadOnlySpan<byte> message) => BinaryPrimitives.ReadUInt16BigEndian(message);

    /// <summary>The flags, opcode and response code.</summary>
    /// <param name="message">A message of at least twelve bytes.</param>
    /// <returns>Bits as the constants of this class.</returns>
    public static ushort Flags(ReadOnlySpan<byte> message) => BinaryPrimitives.ReadUInt16BigEndian(message[2..]);

    /// <summary>How many entries a section has.</summary>
    /// <param name="message">A message of at least twelve bytes.</param>
    /// <param name="section">0 question, 1 answer, 2 authority, 3 additional.</param>
    /// <returns>What the header says; the message may hold fewer.</returns>
    public static ushort Count(ReadOnlySpan<byte> message, int section) => BinaryPrimitives.ReadUInt16BigEndian(message[(4 + 2 * section)..]);

    /// <summary>Writes identification and flags, with one question and no records.</summary>
    /// <param name="message">At least twelve bytes.</param>
    /// <param name="id">The identification.</param>
    /// <param name="flags">Bits as the constants of this class.</param>
    /// <param name="questions">Number of questions.</param>
    public static void Write(Span<byte> message, ushort id, ushort flags, ushort questions = 1)
    {
        BinaryPrimitives.WriteUInt16BigEndian(message, id);
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], flags);
        BinaryPrimitives.WriteUInt16BigEndian(message[4..], questions);
        message[6..Size].Clear();
    }

    /// <summary>Writes how many entries a section has.</summary>
    /// <param name="message">At least twelve bytes.</param>
    /// <param name="section">0 question, 1 answer, 2 authority, 3 additional.</param>
    /// <param name="count">The number.</param>
    public static void SetCount(Span<byte> message, int section, int count) => BinaryPrimitives.WriteUInt16BigEndian(message[(4 + 2 * section)..], (ushort)count);
}
