using System.Text;

namespace Tunnelwright.Formats;

/// <summary>Makes text of unknown origin harmless in the places where configurations take it.</summary>
internal static class Printable
{
    /// <summary>The text as it may stand in a comment: printable ASCII on one line, at most 80 characters.</summary>
    public static string Comment(string text)
    {
        var kept = new StringBuilder();
        foreach (var c in text)
        {
            if (kept.Length == 80) break;
            kept.Append(c is >= ' ' and <= '~' ? c : '?');
        }

        return kept.ToString().TrimEnd('\\');
    }

    /// <summary>A name of letters, digits, '-' and '_' that starts with a letter: what sections, connections and files are called.</summary>
    public static string Name(string text) => Reduce(text, '-', "vpn-");

    /// <summary>A symbol of letters, digits and '_' that starts with a letter: what programs with a stricter grammar take.</summary>
    public static string Symbol(string text) => Reduce(text, '_', "vpn_");

    private static string Reduce(string text, char joint, string prefix)
    {
        var kept = new StringBuilder();
        foreach (var c in text)
        {
            if (kept.Length == 48) break;
            kept.Append(char.IsAsciiLetterOrDigit(c) || (c is '_' or '-' && (joint == '-' || c == joint)) ? c : joint);
        }

        var name = kept.ToString().Trim('-', '_');
        return name.Length > 0 && char.IsAsciiLetter(name[0]) ? name : (prefix + name).TrimEnd('-', '_');
    }
}
