using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Tunnelwright.Diagnosis;

/// <summary>One secret in all the forms in which it may stand in a text.</summary>
internal static class SecretForms
{
    private const int Shortest = 6;
    private const int ShortestPart = 10;

    /// <summary>What a value as it is written stands for: 0s is base64, 0x hexadecimal (swanctl.conf(5), "secret"); anything else is itself, without the escapes of its file.</summary>
    public static byte[] Meaning(string written)
    {
        if (written.StartsWith("0s", StringComparison.OrdinalIgnoreCase) && TryBase64(written[2..]) is { } decoded) return decoded;
        if (written.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && written.Length % 2 == 0 && written.AsSpan(2).IndexOfAnyExcept(Hexadecimal) < 0) return Convert.FromHexString(written.AsSpan(2));
        return Encoding.UTF8.GetBytes(written);
    }

    /// <summary>Readings of a written value: as it is, without XML's escapes, without JSON's and C's, without those of an address.</summary>
    public static IEnumerable<string> Readings(string written)
    {
        yield return written;
        if (written.Contains('&')) yield return WebUtility.HtmlDecode(written);
        if (written.Contains('%')) yield return Uri.UnescapeDataString(written);
        if (!written.Contains('\\')) yield break;
        yield return written.Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);
        if (FromJson(written) is { } plain) yield return plain;
    }

    /// <summary>Every form of a secret that is long enough to be looked for.</summary>
    /// <param name="bytes">The secret.</param>
    public static IEnumerable<string> All(byte[] bytes)
    {
        if (bytes.Length < Shortest) yield break;
        if (Text(bytes) is { } text)
        {
            yield return text;
            yield return WebUtility.HtmlEncode(text);
            yield return Uri.EscapeDataString(text);
            yield return WebUtility.UrlEncode(text);
            yield return JsonEncodedText.Encode(text).ToString();
            yield return text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
            yield return text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
        }

        foreach (var separator in (string[])["", ":", " ", "-"])
        {
            var upper = Convert.ToHexString(bytes);
            if (separator.Length > 0) upper = string.Join(separator, upper.Chunk(2).Select(pair => new string(pair)));
            yield return upper;
            yield return upper.ToLowerInvariant();
        }

        yield return Base64Url.EncodeToString(bytes);
        foreach (var form in Base64(bytes)) yield return form;
    }

    /// <summary>Base64 by itself, and the characters that stay the same wherever the secret stands in something longer.</summary>
    private static IEnumerable<string> Base64(byte[] bytes)
    {
        yield return Convert.ToBase64String(bytes).TrimEnd('=');
        for (var before = 0; before < 3; before++)
        {
            var whole = Convert.ToBase64String([.. new byte[before], .. bytes]);
            var first = (before * 8 + 5) / 6;
            var last = (before + bytes.Length) * 8 / 6;
            if (last - first >= ShortestPart) yield return whole[first..last];
        }
    }

    private static readonly System.Buffers.SearchValues<char> Hexadecimal = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF");

    private static byte[]? TryBase64(string text)
    {
        text = text.TrimEnd('=');
        if (text.Length % 4 == 1) return null;
        var buffer = new byte[text.Length];
        return Convert.TryFromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='), buffer, out var length) ? buffer[..length] : null;
    }

    private static string? Text(byte[] bytes)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static string? FromJson(string written)
    {
        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes($"\"{written}\""));
            return reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
