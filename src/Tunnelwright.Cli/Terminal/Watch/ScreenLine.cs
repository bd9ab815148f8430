using System.Text;

namespace Tunnelwright.Cli;

/// <summary>How a piece of a line looks (ECMA-48, SGR).</summary>
internal enum Look
{
    Plain = 0,
    Bold = 1,
    Dim = 2,
    Red = 31,
    Green = 32,
    Yellow = 33,
    Cyan = 36,
    RedBold = 131,
}

/// <summary>A line of a screen, put together piece by piece. Every character that is used takes one column.</summary>
internal sealed class ScreenLine
{
    private readonly List<(string Text, Look Look)> _pieces = [];

    /// <summary>Columns used.</summary>
    public int Width { get; private set; }

    /// <summary>Adds text; control characters become spaces.</summary>
    public ScreenLine Add(string text, Look look = Look.Plain)
    {
        if (text.Any(char.IsControl)) text = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        _pieces.Add((text, look));
        Width += text.Length;
        return this;
    }

    /// <summary>Adds text at a column, a space after what is there at least.</summary>
    public ScreenLine At(int column, string text, Look look = Look.Plain) => Add(new string(' ', Math.Max(column - Width, Width == 0 ? 0 : 1))).Add(text, look);

    /// <summary>Adds text that ends at the right edge, when there is room for it.</summary>
    public ScreenLine Right(int width, string text, Look look = Look.Plain) => Width + text.Length + 1 <= width ? At(width - text.Length, text, look) : this;

    /// <summary>The line, cut at a width.</summary>
    public string ToText(int width, bool colours)
    {
        var line = new StringBuilder();
        var left = width;
        foreach (var (text, look) in _pieces)
        {
            if (left <= 0) break;
            var cut = text.Length <= left ? text : string.Concat(text.AsSpan(0, left - 1), "…");
            left -= cut.Length;
            if (!colours || look == Look.Plain) line.Append(cut);
            else line.Append("\e[").Append(look == Look.RedBold ? "1;31" : ((int)look).ToString(System.Globalization.CultureInfo.InvariantCulture)).Append('m').Append(cut).Append("\e[0m");
        }

        return line.ToString();
    }
}
