namespace Tunnelwright.Model;

/// <summary>E-mail addresses in the form that people have (a dot-string and a domain, RFC 5321 section 4.1.2): no quotes, no comments, no line ends.</summary>
public static class MailAddress
{
    /// <summary>Whether a text is an address.</summary>
    /// <param name="text">The text.</param>
    public static bool IsValid(string? text)
    {
        if (text is null || text.Length > 254) return false;
        var at = text.IndexOf('@');
        if (at is < 1 or > 64 || !text.AsSpan(0, at).ToString().Split('.').All(IsAtom)) return false;
        var labels = text[(at + 1)..].Split('.');
        return labels.Length >= 2 && labels.All(IsLabel) && !labels[^1].All(char.IsAsciiDigit);
    }

    private static bool IsAtom(string atom) => atom.Length > 0 && atom.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-/=?^_`{|}~".Contains(c));

    private static bool IsLabel(string label) =>
        label.Length is >= 1 and <= 63 && label[0] != '-' && label[^1] != '-' && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}
