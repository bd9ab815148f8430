using System.Buffers;
using System.Text;

namespace Tunnelwright.Diagnosis;

/// <summary>
/// A row of a table of sessions: "show bgp summary" of FRR, Cisco, Arista and Juniper, "birdc show protocols", "gobgp neighbor", "calicoctl node status",
/// "cilium bgp peers", Azure's list of peers.
/// </summary>
internal static class SessionTable
{
    /// <summary>So many lines behind a heading are looked at.</summary>
    public const int Rows = 64;

    private const int Columns = 16;

    private static readonly SearchValues<byte> OfCounts = SearchValues.Create("0123456789/"u8);
    private static readonly SearchValues<byte> OfTimes = SearchValues.Create("0123456789:dwhmsy"u8);
    private static readonly SearchValues<byte> OfAddresses = SearchValues.Create("0123456789abcdefABCDEF.:%"u8);

    /// <summary>What the row says; null when it is none.</summary>
    /// <param name="line">The line.</param>
    /// <param name="peer">The neighbour's address, or BIRD's name of the session.</param>
    public static FactKind? Read(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> peer)
    {
        peer = [];
        Span<Range> room = stackalloc Range[Columns];
        var count = Split(line, room);
        var at = 0;
        if (count > 3 && line[room[1]].SequenceEqual("BGP"u8)) peer = line[room[0]];
        else if (count > 6 && IsCount(line[room[1]]) && IsCount(line[room[2]]) && IsCount(line[room[3]]) && IsCount(line[room[4]])) peer = line[room[0]].TrimStart((byte)'*');
        else
        {
            while (at < Math.Min(4, count) && !IsAddress(line[room[at]].TrimStart((byte)'*'))) at++;
            if (at >= Math.Min(4, count)) return null;
            peer = line[room[at]].TrimStart((byte)'*');
        }

        return State(line, room[(at + 1)..count]);
    }

    private static FactKind? State(ReadOnlySpan<byte> line, ReadOnlySpan<Range> columns)
    {
        for (var i = 0; i < columns.Length; i++)
        {
            var word = line[columns[i]];
            if (word.Has("PfxCt"u8)) return FactKind.BgpTooManyPrefixes;
            if (Is(word, "(Policy)"u8)) return FactKind.BgpRouteDenied;
            if (Is(word, "Established"u8) || Is(word, "Estab"u8) || Is(word, "Establ"u8) || Is(word, "Connected"u8)) return FactKind.BgpUp;
            var isDown = Is(word, "Idle"u8) || Is(word, "Idle(Admin)"u8) || Is(word, "Active"u8) || Is(word, "Connect"u8) || Is(word, "Connecting"u8) || Is(word, "OpenSent"u8) || Is(word, "OpenConfirm"u8) || Is(word, "Passive"u8);
            if (isDown) return i + 1 < columns.Length && line[columns[i + 1]].Has("(PfxCt)"u8) ? FactKind.BgpTooManyPrefixes : FactKind.BgpRefused;
            if (i < 4 || i + 1 >= columns.Length || !IsTime(word)) continue;
            var next = line[columns[i + 1]];
            if (Is(next, "(Policy)"u8)) return FactKind.BgpRouteDenied;
            if (LineText.Number(next) is null || next.IndexOfAnyExcept(OfCounts) >= 0) continue;

            // A session that just came up has not learnt anything yet.
            return next.IndexOfAnyInRange((byte)'1', (byte)'9') >= 0 || word.StartsWith("00:00:"u8) ? FactKind.BgpUp : FactKind.BgpRouteDenied;
        }

        return null;
    }

    private static bool IsCount(ReadOnlySpan<byte> word) => word.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;

    private static bool Is(ReadOnlySpan<byte> word, ReadOnlySpan<byte> state) => Ascii.EqualsIgnoreCase(word, state);

    /// <summary>"00:01:02", "1d02h", "01w3d".</summary>
    private static bool IsTime(ReadOnlySpan<byte> word) => word.Length >= 4 && char.IsAsciiDigit((char)word[0]) && word.IndexOfAnyExcept(OfTimes) < 0 && word.IndexOfAny(":dwh"u8) > 0;

    /// <summary>Whether a text is an IPv4 or IPv6 address, as far as its characters go; a port may stand behind it.</summary>
    public static bool IsAddress(ReadOnlySpan<byte> text)
    {
        if (text.Length < 3 || text.IndexOfAnyExcept(OfAddresses) >= 0) return false;
        var dots = text.Count((byte)'.');
        return dots == 3 ? char.IsAsciiDigit((char)text[0]) && char.IsAsciiDigit((char)text[^1]) : dots == 0 && text.Count((byte)':') >= 2 && (text.Has("::"u8) || text.Count((byte)':') == 7);
    }

    private static int Split(ReadOnlySpan<byte> line, Span<Range> columns)
    {
        var count = 0;
        var at = 0;
        while (count < columns.Length && at < line.Length)
        {
            if (line[at] is (byte)' ' or (byte)'\t' or (byte)'|')
            {
                at++;
                continue;
            }

            var length = line[at..].IndexOfAny((byte)' ', (byte)'\t', (byte)'|');
            var end = length < 0 ? line.Length : at + length;
            columns[count++] = at..end;
            at = end;
        }

        return count;
    }
}
