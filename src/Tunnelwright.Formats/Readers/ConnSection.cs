namespace Tunnelwright.Formats;

/// <summary>A line of ipsec.secrets.</summary>
internal sealed class IpsecSecret(List<string> owners, string key, int line)
{
    public List<string> Owners => owners;

    public string Key => key;

    public int Line => line;

    public static IpsecSecret? TryRead(ReadOnlySpan<char> content, int line)
    {
        var colon = content.IndexOf(':');
        if (colon < 0) return null;
        var rest = TextScan.Trim(content[(colon + 1)..]);
        if (!rest.StartsWith("PSK", StringComparison.OrdinalIgnoreCase) || rest.Length < 4 || !(TextScan.IsBlank(rest[3]) || rest[3] is '"' or '“')) return null;
        rest = TextScan.Trim(rest[3..]);
        if (rest.Length > 1 && rest[0] is '"' or '“' or '\'')
        {
            var end = rest[1..].IndexOfAny("\"”'“");
            if (end >= 0) rest = rest.Slice(1, end);
        }
        else
        {
            rest = StrongSwanTextReader.WithoutComment(rest);
        }

        var owners = new List<string>();
        var words = new WordReader(content[..colon]);
        while (words.Next() is { Length: > 0 } word && owners.Count < 16) owners.Add(word.TrimStart('@').ToString());
        return new IpsecSecret(owners, rest.ToString(), line);
    }
}

/// <summary>A <c>conn</c> section.</summary>
internal sealed class ConnSection(string name, int line, int heading)
{
    private readonly Dictionary<string, RawValue> _values = new(StringComparer.OrdinalIgnoreCase);

    public string Name => name;

    public int Line => line;

    public int Heading => heading;

    public int Number { get; set; }

    public void Set(ReadOnlySpan<char> key, ReadOnlySpan<char> value, int at)
    {
        if (_values.Count < 64) _values.TryAdd(key.ToString(), new RawValue(value.ToString().AsMemory(), at));
    }

    /// <summary>The value of a key here, in the section that <c>also</c> names, or in <c>%default</c>.</summary>
    public RawValue? Value(string key, List<ConnSection> all, ConnSection? standard)
    {
        if (_values.TryGetValue(key, out var value)) return value;
        if (_values.TryGetValue("also", out var also) && all.Find(conn => also.Text.Span.SequenceEqual(conn.Name)) is { } other && other._values.TryGetValue(key, out value)) return value;
        return standard is not null && standard._values.TryGetValue(key, out value) ? value : null;
    }
}
