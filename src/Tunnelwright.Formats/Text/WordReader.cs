namespace Tunnelwright.Formats;

/// <summary>Walks over the words of a line.</summary>
internal ref struct WordReader(ReadOnlySpan<char> line)
{
    private ReadOnlySpan<char> _rest = line;

    /// <summary>All that is left, without the blanks around it.</summary>
    public readonly ReadOnlySpan<char> Rest() => TextScan.Trim(_rest);

    /// <summary>The next word; empty at the end.</summary>
    public ReadOnlySpan<char> Next()
    {
        _rest = TextScan.Trim(_rest);
        var end = 0;
        while (end < _rest.Length && !TextScan.IsBlank(_rest[end])) end++;
        var word = _rest[..end];
        _rest = _rest[end..];
        return word;
    }
}
