using System.Xml;
using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>Reads the provider's XML (CustomerGatewayConfiguration). Document types, entities of their own and anything outside the text are refused.</summary>
internal static partial class XmlConfigurationReader
{
    private const string Opening = "<vpn_connection";
    private const int MaximumDepth = 32;
    private const int MaximumValueLength = 4096;
    private const int MaximumRun = 64 * 1024;

    /// <summary>Whether a text holds such a document.</summary>
    public static bool Recognises(ReadOnlySpan<char> text) => Find(text) >= 0;

    /// <summary>Where the document begins; −1 when there is none.</summary>
    public static int Find(ReadOnlySpan<char> text)
    {
        var from = text.IndexOf('<');
        while (from >= 0)
        {
            var index = text[from..].IndexOf(Opening, StringComparison.OrdinalIgnoreCase);
            if (index < 0) return -1;
            var next = from + index + Opening.Length;
            if (next < text.Length && (char.IsWhiteSpace(text[next]) || text[next] is '>' or '/')) return from + index;
            from = next;
        }

        return -1;
    }

    /// <summary>Reads a document.</summary>
    /// <param name="text">The text that holds the document.</param>
    /// <param name="line">The line that every value is said to stand on, when the document is itself a value; null to count lines.</param>
    public static ReadResult Read(string text, int? line)
    {
        var draft = new ConnectionDraft();
        Walk(text, draft, line);
        return new ConnectionBuilder(draft, FormatTraits.Xml).Build();
    }

    /// <summary>Reads a document into a draft.</summary>
    /// <param name="text">The text that holds the document.</param>
    /// <param name="draft">Where the values go.</param>
    /// <param name="line">The line that every value is said to stand on, when the document is itself a value; null to count lines.</param>
    public static void Walk(string text, ConnectionDraft draft, int? line)
    {
        var start = Find(text);
        var before = text.AsSpan(0, Math.Max(start, 0));
        if (before.Contains("<!DOCTYPE", StringComparison.OrdinalIgnoreCase) || before.Contains("<!ENTITY", StringComparison.OrdinalIgnoreCase))
        {
            draft.Problems.Error(Causes.ConfigSyntax, null, "The XML declares a document type (DTD), which is refused because a provider's file has none; download the file again.", null, line ?? 1);
            return;
        }

        var end = text.IndexOf("</vpn_connection", start, StringComparison.OrdinalIgnoreCase);
        if (LongRun(end < 0 ? text.AsSpan(start) : text.AsSpan(start, end - start)) is { } position)
        {
            var longLine = line ?? LineReader.NumberAt(text, start + position);
            draft.Problems.Error(Causes.ConfigSyntax, null, $"The XML holds a tag or a value of more than {MaximumRun / 1024} KiB on line {longLine}, which no provider's file has; download it again.", null, longLine);
            return;
        }

        var walker = new Walker(draft, line ?? LineReader.NumberAt(text, start) - 1, line is not null);
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            ConformanceLevel = ConformanceLevel.Fragment,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            IgnoreWhitespace = true,
            MaxCharactersInDocument = ProviderFile.MaximumLength + 1,
            MaxCharactersFromEntities = 1024,
            CheckCharacters = false,
        };
        using var source = new StringReader(start == 0 ? text : text[start..]);
        using var reader = XmlReader.Create(source, settings);
        try
        {
            walker.Read(reader);
        }
        catch (XmlException exception)
        {
            walker.Broken(exception.LineNumber);
            return;
        }

        walker.Finish();
        if (end > 0 && Find(text.AsSpan(end)) >= 0)
            draft.Problems.Warning(Causes.ConfigSyntax, null, "The file holds more than one VPN connection; only the first is read, so put the others into files of their own.", null, line);
    }

    /// <summary>Where a tag or a value begins that is longer than any real one; null when there is none.</summary>
    private static int? LongRun(ReadOnlySpan<char> text)
    {
        for (var from = 0; from < text.Length;)
        {
            var run = text[from..].IndexOfAny('<', '>');
            if ((run < 0 ? text.Length - from : run) > MaximumRun) return from;
            if (run < 0) return null;
            from += run + 1;
        }

        return null;
    }
}
