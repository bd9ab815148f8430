using System.Buffers;

namespace Tunnelwright.Diagnosis;

/// <summary>Finds the name of the connection that a line is about, as each product writes it. Names are kept once each.</summary>
internal sealed class ScopeReader
{
    private const int MaximumName = 80;
    private const int MaximumNames = 1024;

    private static readonly SearchValues<byte> OfAddresses = SearchValues.Create("0123456789abcdefABCDEF.:"u8);

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _ikeOfChild = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Name, long Number), string> _ikeOfPair = [];
    private readonly HashSet<string> _withPair = new(StringComparer.Ordinal);
    private string _lastIke = "";

    /// <summary>The name; empty when the line does not say.</summary>
    public string Read(ReadOnlySpan<byte> line, Product product)
    {
        var head = line[..Math.Min(line.Length, 400)];
        return product switch
        {
            Product.Charon or Product.Kernel => Charon(head),
            Product.Pluto => Keep(Pluto(head)),
            Product.Fortinet => Keep(Fortinet(line)),
            Product.CiscoAsa => Keep(After(head, "IP = "u8, (byte)',')),
            Product.Aws => Keep(Aws(head)),
            Product.Bird => Bgp(head),
            Product.Any => Charon(head) is { Length: > 0 } name ? name : Keep(Pluto(head)),
            _ => "",
        };
    }

    /// <summary>The scope of a BGP session, by its neighbour or by the name that BIRD has for it.</summary>
    public string Session(ReadOnlySpan<byte> peer) => peer.Length == 0 ? "" : Keep(peer, EvidenceStore.SessionPrefix);

    /// <summary>"neighbor 192.0.2.1", "peer 192.0.2.1", "Key":"192.0.2.1", "192.0.2.1 [FSM]"; of BIRD "name: ".</summary>
    private string Bgp(ReadOnlySpan<byte> line)
    {
        if (Aws(line) is { Length: > 0 } resource) return Keep(resource);
        foreach (var word in BeforePeer)
        {
            var at = LineText.Where(line, word);
            if (at >= 0 && Address(line[(at + word.Length)..]) is { Length: > 0 } behind) return Session(behind);
        }

        foreach (var word in BehindPeer)
        {
            var at = LineText.Where(line, word);
            if (at <= 0) continue;
            var before = line[..at];
            if (Address(before[(before.LastIndexOf((byte)' ') + 1)..]) is { Length: > 0 } address) return Session(address);
        }

        var colon = LineText.Where(line, "bird: "u8) is >= 0 and var bird ? bird + 6 : line.IndexOf("> "u8) is >= 0 and var close ? close + 2 : -1;
        if (colon < 0) return "";
        var name = line[colon..];
        if (name.StartsWith("<"u8) && name.IndexOf("> "u8) is >= 0 and var level) name = name[(level + 2)..];
        var end = name.IndexOf(": "u8);
        return end > 0 && name[..end].IndexOf((byte)' ') < 0 && !name[..end].SequenceEqual("BGP"u8) ? Session(name[..end]) : "";
    }

    private static readonly byte[][] BeforePeer = [.. new[] { "neighbor is ", "neighbor ", "peer ", "Key\":\"", "Key=" }.Select(System.Text.Encoding.ASCII.GetBytes)];

    private static readonly byte[][] BehindPeer = [.. new[] { " [FSM]", " [Event]", " went from ", " bad OPEN" }.Select(System.Text.Encoding.ASCII.GetBytes)];

    /// <summary>The address that a text begins with; empty when it is none.</summary>
    private static ReadOnlySpan<byte> Address(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAnyExcept(OfAddresses);
        var address = (end < 0 ? text : text[..end]).TrimEnd(":."u8);
        return SessionTable.IsAddress(address) ? address : [];
    }

    /// <summary>&lt;name|12&gt; or [name|12], or IKE_SA name[12], or CHILD_SA name{3}.</summary>
    private string Charon(ReadOnlySpan<byte> line)
    {
        var bar = line.IndexOf((byte)'|');
        if (bar > 0)
        {
            var open = line[..bar].LastIndexOf((byte)'<');
            var close = line[bar..].IndexOf((byte)'>');
            if (open >= 0 && close is > 1 and < 12) return Keep(line[(open + 1)..bar]);
            if (InSquareBrackets(line, bar) is { Length: > 0 } name) return Keep(name);
        }

        var sa = Keep(Before(line, "IKE_SA "u8, (byte)'['));
        if (sa.Length > 0)
        {
            if (_ikeOfChild.Count < MaximumNames) _ikeOfChild[sa] = sa;
            return _lastIke = sa;
        }

        var child = Keep(Before(line, "CHILD_SA "u8, (byte)'{'));
        return child.Length > 0 ? IkeOf(child, LineText.Number(line[(line.IndexOf((byte)'{') + 1)..]) ?? 0) : "";
    }

    /// <summary>
    /// The IKE SA of an SA pair, which may have a name of its own, and share it with pairs of others: the IKE SA that was spoken of last when the pair first was and
    /// had none yet, or else that of the pairs of this name before; a pair that is called as an IKE SA is of that one.
    /// </summary>
    private string IkeOf(string child, long number)
    {
        var hasName = _ikeOfChild.TryGetValue(child, out var known);
        if (hasName && known == child) return child;
        if (_ikeOfPair.TryGetValue((child, number), out var own)) return own;
        if (_lastIke.Length == 0 || _ikeOfPair.Count >= MaximumNames || _ikeOfChild.Count >= MaximumNames) return known ?? child;
        var ike = _withPair.Add(_lastIke) || !hasName ? _lastIke : known!;
        _ikeOfChild.TryAdd(child, ike);
        return _ikeOfPair[(child, number)] = ike;
    }

    /// <summary>The name of [name|12], where nothing but a number stands behind the bar.</summary>
    private static ReadOnlySpan<byte> InSquareBrackets(ReadOnlySpan<byte> line, int bar)
    {
        var open = line[..bar].LastIndexOf((byte)'[');
        var close = line[bar..].IndexOf((byte)']');
        if (open < 0 || close is <= 1 or >= 12 || line.Slice(bar + 1, close - 1).IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0) return [];
        return line[(open + 1)..bar];
    }

    private static ReadOnlySpan<byte> Before(ReadOnlySpan<byte> line, ReadOnlySpan<byte> word, byte end)
    {
        var at = LineText.Where(line, word);
        if (at < 0) return [];
        var rest = line[(at + word.Length)..];
        var stop = rest.IndexOf(end);
        return stop > 0 && rest[..stop].IndexOf((byte)' ') < 0 ? rest[..stop] : [];
    }

    /// <summary>"name" #12:, or "name"[1] 192.0.2.1 #12:.</summary>
    private static ReadOnlySpan<byte> Pluto(ReadOnlySpan<byte> line)
    {
        var open = line.IndexOf((byte)'"');
        while (open >= 0)
        {
            var rest = line[(open + 1)..];
            var close = rest.IndexOf((byte)'"');
            if (close <= 0) return [];
            var behind = rest[(close + 1)..];
            if (behind.StartsWith(" #"u8) || (behind.StartsWith("["u8) && behind.IndexOf((byte)'#') is > 0 and < 60) || behind.StartsWith(": "u8)) return rest[..close].TrimEnd((byte)'\\');
            var next = behind.IndexOf((byte)'"');
            open = next < 0 ? -1 : open + close + 2 + next;
        }

        return [];
    }

    /// <summary>ike 0:name:12:, or vpntunnel="name".</summary>
    private static ReadOnlySpan<byte> Fortinet(ReadOnlySpan<byte> line)
    {
        var tunnel = After(line, "vpntunnel=\""u8, (byte)'"');
        if (tunnel.Length > 0) return tunnel;
        var at = LineText.Where(line, "ike "u8);
        if (at < 0) return [];
        var rest = line[(at + 4)..];
        if (rest.StartsWith("V="u8)) rest = rest[(rest.IndexOf((byte)':') + 1)..];
        var colon = rest.IndexOf((byte)':');
        if (colon is < 0 or > 12) return [];
        rest = rest[(colon + 1)..];
        var end = rest.IndexOf((byte)':');
        return end is > 0 and <= MaximumName && rest[..end].IndexOfAny((byte)' ', (byte)'/') < 0 ? rest[..end] : [];
    }

    /// <summary>"resource_id": "vpn-0123_192.0.2.1"; records of IKE have none.</summary>
    private static ReadOnlySpan<byte> Aws(ReadOnlySpan<byte> line)
    {
        var spaced = After(line, "resource_id\": \""u8, (byte)'"');
        return spaced.Length > 0 ? spaced : After(line, "resource_id\":\""u8, (byte)'"');
    }

    private static ReadOnlySpan<byte> After(ReadOnlySpan<byte> line, ReadOnlySpan<byte> words, byte end)
    {
        var at = LineText.Where(line, words);
        if (at < 0) return [];
        var rest = line[(at + words.Length)..];
        var stop = rest.IndexOf(end);
        return stop > 0 ? rest[..stop] : [];
    }

    private string Keep(ReadOnlySpan<byte> name, string prefix = "")
    {
        if (name.Length is 0 or > MaximumName) return "";
        Span<char> characters = stackalloc char[MaximumName + EvidenceStore.SessionPrefix.Length];
        prefix.CopyTo(characters);
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] is < 0x20 or > 0x7E) return "";
            characters[prefix.Length + i] = (char)name[i];
        }

        var lookup = _names.GetAlternateLookup<ReadOnlySpan<char>>();
        var key = characters[..(prefix.Length + name.Length)];
        if (lookup.TryGetValue(key, out var known)) return known;
        var made = new string(key);
        if (_names.Count < MaximumNames) _names.Add(made);
        return made;
    }
}
