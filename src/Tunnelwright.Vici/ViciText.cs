using System.Text;

namespace Tunnelwright.Vici;

/// <summary>Writes sections for people to read, without secrets and without bytes that spoil a terminal.</summary>
internal static class ViciText
{
    private const int MaximumDepth = 64;

    /// <summary>Keys whose values may be secrets: key material, passwords, PINs.</summary>
    internal static bool IsSecret(string key) =>
        key.Equals("data", StringComparison.OrdinalIgnoreCase)
        || key.Equals("pin", StringComparison.OrdinalIgnoreCase)
        || key.Contains("secret", StringComparison.OrdinalIgnoreCase)
        || key.Contains("password", StringComparison.OrdinalIgnoreCase)
        || key.Contains("psk", StringComparison.OrdinalIgnoreCase);

    internal static void Append(StringBuilder text, ViciSection section, int depth)
    {
        var first = true;
        foreach (var entry in section)
        {
            if (!first)
                text.Append(' ');
            first = false;
            Append(text, entry, depth);
        }
    }

    internal static void Append(StringBuilder text, ViciEntry entry, int depth)
    {
        var secret = IsSecret(entry.Key);
        AppendPrintable(text, Encoding.UTF8.GetBytes(entry.Key));
        switch (entry.Kind)
        {
            case ViciEntryKind.Value:
                text.Append('=');
                AppendValue(text, entry.Bytes.Span, secret);
                break;
            case ViciEntryKind.List:
                text.Append("=[");
                for (var i = 0; i < entry.RawItems.Length; i++)
                {
                    if (i > 0)
                        text.Append(", ");
                    AppendValue(text, entry.RawItems[i].Span, secret);
                }

                text.Append(']');
                break;
            default:
                text.Append(" {");
                if (depth >= MaximumDepth || secret)
                    text.Append("...");
                else
                    Append(text, entry.Section!, depth + 1);
                text.Append('}');
                break;
        }
    }

    private static void AppendValue(StringBuilder text, ReadOnlySpan<byte> value, bool secret)
    {
        if (secret)
            text.Append("(hidden)");
        else
            AppendPrintable(text, value);
    }

    private static void AppendPrintable(StringBuilder text, ReadOnlySpan<byte> value)
    {
        if (value.IndexOfAnyExceptInRange((byte)0x20, (byte)0x7e) < 0)
            text.Append(Encoding.ASCII.GetString(value));
        else
            text.Append('(').Append(value.Length).Append(" bytes)");
    }
}
