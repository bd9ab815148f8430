using System.Text;

namespace Tunnelwright.Formats;

/// <summary>Builds a configuration line by line. A line can never hold a control character, so that no value starts a line of its own.</summary>
internal sealed class ConfigurationText
{
    private readonly StringBuilder _text = new();
    private readonly string _step;
    private readonly string _commentMark;
    private int _depth;

    /// <summary>An empty text.</summary>
    /// <param name="indent">Blanks of one step.</param>
    /// <param name="commentMark">What starts a comment line.</param>
    public ConfigurationText(int indent = 4, string commentMark = "#")
    {
        _step = new string(' ', indent);
        _commentMark = commentMark;
    }

    public ConfigurationText Line(string line = "")
    {
        foreach (var c in line)
        {
            if (char.IsControl(c)) throw new InvalidOperationException("A configuration line holds a control character.");
        }

        if (line.Length > 0)
        {
            for (var i = 0; i < _depth; i++) _text.Append(_step);
            _text.Append(line);
        }

        _text.Append('\n');
        return this;
    }

    public ConfigurationText Comment(string comment) => Line($"{_commentMark} {comment}");

    /// <summary>Writes an opening line, what stands within, one step further in, and a closing line.</summary>
    public ConfigurationText Block(string open, string close, Action within)
    {
        Line(open);
        _depth++;
        within();
        _depth--;
        return close.Length > 0 ? Line(close) : this;
    }

    /// <summary>A block in braces.</summary>
    public ConfigurationText Braces(string open, Action within) => Block($"{open} {{", "}", within);

    public override string ToString() => _text.ToString();
}
