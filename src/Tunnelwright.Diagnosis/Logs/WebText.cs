using System.Buffers;
using System.Net;
using System.Text;

namespace Tunnelwright.Diagnosis;

/// <summary>A log as a web page has it: with entities in place of characters (HTML 4.01, section 5.3.2), or with the quotation marks of typesetters.</summary>
internal static class WebText
{
    private static readonly SearchValues<string> Marks = SearchValues.Create(["&quot;", "&gt;", "&lt;", "&#", "&apos;", "&nbsp;", "\u2018", "\u2019", "\u201c", "\u201d"], StringComparison.Ordinal);

    /// <summary>Whether the beginning of a log shows it.</summary>
    public static bool Is(ReadOnlySpan<byte> head) => Encoding.UTF8.GetString(head).AsSpan().ContainsAny(Marks);

    /// <summary>The log as its daemon wrote it; no line moves.</summary>
    public static byte[] Plain(ReadOnlySpan<byte> log)
    {
        var text = new StringBuilder(log.Length);
        foreach (var line in Encoding.UTF8.GetString(log).Split('\n'))
            text.Append(WebUtility.HtmlDecode(line).Replace('\n', ' ').Replace('\u2018', '\'').Replace('\u2019', '\'').Replace('\u201c', '"').Replace('\u201d', '"').Replace('\u00a0', ' ')).Append('\n');
        return Encoding.UTF8.GetBytes(text.ToString(0, Math.Max(0, text.Length - 1)));
    }
}
