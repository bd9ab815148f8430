using System.Text;
using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>Reads the files that a VPN provider hands out. The format is recognised from the content, never from a name.</summary>
public static class ProviderFile
{
    /// <summary>Largest input in bytes (or characters): 8 MiB. A provider's file has about 10 KiB.</summary>
    public const int MaximumLength = 8 * 1024 * 1024;

    /// <summary>Reads a file's bytes: UTF-8 with or without byte order mark, UTF-16 with one, otherwise Latin-1 (ISO 8859-1).</summary>
    /// <param name="bytes">The whole file.</param>
    /// <returns>What the file says and what is wrong with it. Never throws, whatever the input.</returns>
    public static ReadResult Read(ReadOnlySpan<byte> bytes) => bytes.Length > MaximumLength ? TooLong() : Read(Decode(bytes));

    /// <summary>Reads a file's text.</summary>
    /// <param name="text">The whole text.</param>
    /// <returns>What the text says and what is wrong with it. Never throws, whatever the input.</returns>
    public static ReadResult Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaximumLength) return TooLong();
        return Recogniser.Read(text);
    }

    private static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE])) return Encoding.Unicode.GetString(bytes[2..]);
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF])) return Encoding.BigEndianUnicode.GetString(bytes[2..]);
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF])) bytes = bytes[3..];
        return System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : Encoding.Latin1.GetString(bytes);
    }

    private static ReadResult TooLong() => new(
        null,
        null,
        [new Problem(Severity.Error, Causes.ConfigSyntax, null, "The file is larger than 8 MiB, so it is not a VPN configuration; a provider's file has about 10 KiB.")],
        SourceMap.Empty);
}
