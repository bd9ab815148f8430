namespace Tunnelwright.Diagnosis;

/// <summary>What a line of a BGP speaker means. Notifications are told by their numbers (RFC 4271 section 4.5, RFC 4486, RFC 9384, RFC 9687), whichever way a product writes them.</summary>
internal readonly ref partial struct LineMeaning
{
    /// <summary>Bytes in which BIRD prints what belongs to one protocol.</summary>
    private const int OneProtocol = 2500;

    private FactKind? Bgp(Hit hit)
    {
        var kind = hit.Phrase.Kind;
        var rest = _line[(hit.At + hit.Length)..];
        if (kind == FactKind.BgpTable)
        {
            exchange.TableFollows = hit.Phrase.Detail != Detail.Quiet || _line.HasAny("neighbor"u8, "peer"u8);
            return null;
        }

        if (hit.Phrase.Detail == Detail.Quiet) return null;

        if (hit.Phrase.Detail == Detail.State && !HoldsOfBgp(hit, rest)) return null;

        // What ended the session before the one that stands.
        if (exchange.SessionIsUp && _line.HasAny("last error"u8, "last reset"u8)) return null;
        return kind switch
        {
            FactKind.BgpNotification => Notification(hit, rest),
            FactKind.BgpAdjacency => Adjacency(),
            FactKind.BgpState => Session(rest),
            FactKind.BgpLastReset => exchange.SessionIsDown && !rest.StartsWith("never"u8) ? Reason(rest) : null,
            FactKind.BgpNearPrefixLimit => LineText.NumberAfter(rest, "max "u8) is { } most && (LineText.NumberAfter(rest, "reaches "u8) ?? LineText.NumberAfter(rest, "reached "u8)) >= most ? FactKind.BgpTooManyPrefixes : null,
            _ => kind,
        };
    }

    /// <summary>Whether the rest of the line bears a phrase out that other programs write, too, or that means something only beside other words.</summary>
    private bool HoldsOfBgp(Hit hit, ReadOnlySpan<byte> rest) => hit.Phrase.Kind switch
    {
        FactKind.BgpNotification => _line.HasAny("External AS"u8, "Internal AS"u8, "bgp"u8),
        FactKind.BgpUp => _line.HasAny("BGP"u8, "Topic"u8, "Key"u8),
        FactKind.NothingLearnt or FactKind.NothingAnnounced => exchange.SessionIsUp && Before(OneProtocol) is var before && before.LastIndexOf("BGP state:"u8) is >= 0 and var at && before[at..].IndexOf("\n\n"u8) < 0,
        _ when hit.Phrase.Words.Contains("MD5", StringComparison.Ordinal) => _line.Has("179"u8),
        _ when hit.Phrase.Words.StartsWith("from Established", StringComparison.Ordinal) => IsDown(rest) || rest.StartsWith("Clos"u8),
        _ when hit.Phrase.Words.StartsWith(": ", StringComparison.Ordinal) => _line.HasAny("neighbor "u8, "bgp"u8, ":179:"u8),
        _ when hit.Phrase.Words.Contains("connect to peer", StringComparison.Ordinal) => _line.HasAny("179"u8, "bgp"u8, "OPEN"u8) || _line.HasAny("\"connect\""u8, "peer ASN"u8, "| network"u8),
        _ when hit.Phrase.Words.Contains("Peer Down", StringComparison.Ordinal) || hit.Phrase.Words.StartsWith("Mism", StringComparison.Ordinal) || hit.Phrase.Words.StartsWith("Failed", StringComparison.Ordinal) => _line.HasAny("BGP"u8, "Topic"u8, "Key"u8),
        _ => _line.HasAny("due to errors"u8, "router-id"u8, "Socket error"u8) || _line.HasAny("unacceptable"u8, "conflicts with"u8),
    };

    /// <summary>The session's state, where a line gives nothing else.</summary>
    private FactKind? Session(ReadOnlySpan<byte> rest)
    {
        rest = rest.TrimStart(" =:\""u8);
        var isUp = rest.StartsWith("Establ"u8) || rest.StartsWith("ESTABL"u8) || rest.StartsWith("establ"u8);
        var isDown = !isUp && IsDown(rest);
        if (isUp || isDown) (exchange.SessionIsUp, exchange.SessionIsDown) = (isUp, isDown);
        return isUp ? FactKind.BgpUp : isDown ? FactKind.BgpRefused : rest.StartsWith("Policy"u8) ? FactKind.BgpRouteDenied : null;
    }

    /// <summary>Whether a text begins with a state of a session that is not up.</summary>
    internal static bool IsDown(ReadOnlySpan<byte> state)
    {
        foreach (var word in DownStates)
        {
            if (state.Length >= word.Length && System.Text.Ascii.EqualsIgnoreCase(state[..word.Length], word)) return true;
        }

        return false;
    }

    private static readonly byte[][] DownStates = Words("Idle", "Active", "Connect", "OpenSent", "OpenConfirm", "Passive", "Clearing", "open_sent", "open_confirm");

    /// <summary>A neighbour that comes or goes: IOS, FRR and others "neighbor X Up", "Down REASON"; rpd "changed state from A to B (event E)"; EOS "old state A event E new state B".</summary>
    private FactKind? Adjacency()
    {
        if (_line.HasAny("to Established"u8, "new state Established"u8, "came up"u8) || SaysUp()) return FactKind.BgpUp;
        var at = LineText.Where(_line, "from Established"u8);
        if (at < 0) at = LineText.Where(_line, "old state Established"u8);
        if (at < 0) at = LineText.Where(_line, " Down"u8);
        if (at < 0) at = LineText.Where(_line, "went down"u8);
        if (at < 0) at = LineText.Where(_line, " reset ("u8);
        if (at >= 0) return Reason(_line[at..]);
        return _line.Has("changed state from "u8) && !_line.Has("from Idle"u8) && _line.HasAny("to Idle"u8, "from Connect to Active"u8) ? Reason(_line) : null;
    }

    /// <summary>The word Up; "Update source change" is none.</summary>
    private bool SaysUp()
    {
        var text = _line;
        while (LineText.Where(text, " Up"u8) is >= 0 and var at)
        {
            text = text[(at + 3)..];
            if (text.Length == 0 || !char.IsAsciiLetterOrDigit((char)text[0])) return true;
        }

        return false;
    }

    /// <summary>What a reason in words amounts to.</summary>
    private static FactKind? Reason(ReadOnlySpan<byte> text)
    {
        if (text.HasAny("unacceptable hold"u8, "invalid hold"u8)) return FactKind.BgpRefused;
        if (text.HasAny("hold time"u8, "holdtime"u8, "HoldTimer"u8) || text.HasAny("hold-timer"u8, "BFD"u8)) return FactKind.BgpHoldExpired;
        if (text.HasAny("bad peer AS"u8, "wrong AS"u8, "bad AS"u8) || text.Has("bad remote AS"u8)) return FactKind.BgpWrongAs;
        if (text.HasAny("prefix count"u8, "prefix limit"u8, "maximum prefix"u8) || text.HasAny("prefixes reached"u8, "prefix-limit"u8, "max prefix"u8)) return FactKind.BgpTooManyPrefixes;
        return text.Has("collision"u8) ? null : FactKind.BgpRefused;
    }

    private FactKind? Notification(Hit hit, ReadOnlySpan<byte> rest)
    {
        if (Code(hit, rest) is not var (code, subcode)) return hit.Phrase.Words[0] is '%' or 'B' ? Reason(rest) : null;
        return (code, subcode) switch
        {
            (2, 2) => FactKind.BgpWrongAs,
            (4, _) or (8, _) or (6, 10) => FactKind.BgpHoldExpired,
            (6, 1) => FactKind.BgpTooManyPrefixes,
            (6, 7) => null,
            (>= 1 and <= 7, _) => FactKind.BgpRefused,
            _ => null,
        };
    }

    /// <summary>Code and subcode: "2/2", "(2,2)", "code=2.2", "code 0x0202", "code 2 (…) subcode 2 (…)", "Code":2 … "Subcode":2.</summary>
    private (long Code, long Subcode)? Code(Hit hit, ReadOnlySpan<byte> rest)
    {
        if (hit.Phrase.Words.EndsWith("0x", StringComparison.Ordinal)) return rest.Length >= 4 && int.TryParse(rest[..4], System.Globalization.NumberStyles.HexNumber, null, out var both) ? (both >> 8, both & 0xFF) : null;
        if (hit.Phrase.Words[^1] is '(' or '=')
        {
            var behind = rest.TrimStart("0123456789"u8);
            return LineText.Number(rest) is { } first && behind.Length > 1 && LineText.Number(behind[1..].TrimStart((byte)' ')) is { } second ? (first, second) : null;
        }

        return Pair(rest) ?? Named();
    }

    /// <summary>Two small numbers with a stroke between them, which are no part of an address, a prefix or a date.</summary>
    private static (long Code, long Subcode)? Pair(ReadOnlySpan<byte> text)
    {
        for (var at = 1; at + 1 < text.Length; at++)
        {
            if (text[at] != '/' || !char.IsAsciiDigit((char)text[at - 1]) || LineText.Number(text[(at + 1)..]) is not (<= 99 and var subcode)) continue;
            var behind = text[(at + 1)..].TrimStart("0123456789"u8);
            if (behind.Length > 0 && (char.IsAsciiLetterOrDigit((char)behind[0]) || behind[0] is (byte)'/' or (byte)'.' or (byte)':')) continue;
            if (at >= 2 && (char.IsAsciiLetterOrDigit((char)text[at - 2]) || text[at - 2] is (byte)'/' or (byte)'.' or (byte)':')) continue;
            return (text[at - 1] - '0', subcode);
        }

        return null;
    }

    private (long Code, long Subcode)? Named()
    {
        const int Signs = 4;
        (long? code, long? subcode) = (null, null);
        var text = _line;
        while (LineText.Where(text, "code"u8) is >= 0 and var at)
        {
            var isSub = at >= 3 && text.Slice(Math.Max(0, at - 4), Math.Min(4, at)).Has("sub"u8);
            text = text[(at + 4)..];
            var gap = text[..Math.Min(Signs, text.Length)].IndexOfAnyInRange((byte)'0', (byte)'9');
            if (gap < 0) continue;
            if (isSub) subcode ??= LineText.Number(text[gap..]);
            else code ??= LineText.Number(text[gap..]);
        }

        return code is { } number ? (number, subcode ?? 0) : null;
    }
}
