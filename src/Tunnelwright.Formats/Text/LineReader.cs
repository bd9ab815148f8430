namespace Tunnelwright.Formats;

/// <summary>Walks over the lines of a text without copying them. A line ends with LF, CR LF or CR.</summary>
internal ref struct LineReader(ReadOnlySpan<char> text)
{
    private readonly ReadOnlySpan<char> _text = text;
    private int _next;

    /// <summary>Number of the current line, counted from 1.</summary>
    public int Number { get; private set; }

    /// <summary>Where the current line begins in the text.</summary>
    public int Start { get; private set; }

    /// <summary>The current line without its end.</summary>
    public ReadOnlySpan<char> Line { get; private set; }

    /// <summary>Goes to the next line.</summary>
    /// <returns>Whether there is one.</returns>
    public bool Read()
    {
        if (_next >= _text.Length) return false;
        Start = _next;
        var rest = _text[_next..];
        var end = rest.IndexOfAny('\n', '\r');
        if (end < 0)
        {
            Line = rest;
            _next = _text.Length;
        }
        else
        {
            Line = rest[..end];
            _next += end + (rest[end] == '\r' && end + 1 < rest.Length && rest[end + 1] == '\n' ? 2 : 1);
        }

        Number++;
        return true;
    }

    /// <summary>The number of the line that holds a position, counted from 1.</summary>
    /// <param name="text">The text.</param>
    /// <param name="position">A position in the text.</param>
    public static int NumberAt(ReadOnlySpan<char> text, int position)
    {
        var reader = new LineReader(text[..Math.Min(position, text.Length)]);
        var number = 1;
        while (reader.Read()) number = reader.Number;
        return position > 0 && position <= text.Length && text[position - 1] is '\n' or '\r' ? number + 1 : number;
    }
}
