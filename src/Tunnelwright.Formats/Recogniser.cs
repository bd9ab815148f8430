using System.Buffers;
using System.Net;
using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>Finds out which format a text has and hands it to that format's reader.</summary>
internal static class Recogniser
{
    private const int MaximumYamlLength = 1024 * 1024;

    private static readonly SearchValues<string> JsonNames = SearchValues.Create(
        ["\"VpnConnections\"", "\"VpnConnection\"", "\"VpnConnectionId\"", "\"CustomerGatewayConfiguration\"", "\"TunnelOptions\"", "\"tunnels\"", "\"customer_gateway_configuration\""],
        StringComparison.OrdinalIgnoreCase);

    public static ReadResult Read(string text)
    {
        var json = JsonStart(text);
        var xml = XmlConfigurationReader.Find(text);
        ReadResult? broken = null;
        if (json >= 0 && (xml < 0 || json < xml) && Json(text, json, out broken) is { } fromJson) return fromJson;
        if (xml >= 0 && broken is null) return XmlConfigurationReader.Read(IsQuoted(text, xml) ? WithoutQuoting(text) : WithoutEscapes(text, xml), null);
        if (Yaml(text) is { } fromYaml) return fromYaml;
        if (StrongSwanTextReader.Recognises(text)) return StrongSwanTextReader.Read(text);
        if (GenericTextReader.Read(text) is { } generic) return generic;
        if (broken is not null) return broken;
        return text.Contains("&lt;vpn_connection", StringComparison.OrdinalIgnoreCase) ? EscapedXml(text) : NotAConfiguration(text);
    }

    /// <summary>Where a line begins with an object or a list; −1 when the text names none of the JSON formats' fields.</summary>
    private static int JsonStart(ReadOnlySpan<char> text)
    {
        if (text.IndexOfAny('{', '[') < 0 || !text.ContainsAny(JsonNames)) return -1;
        var lines = new LineReader(text);
        while (lines.Read())
        {
            var (start, length) = TextScan.TrimRange(lines.Line);
            while (length > 0 && lines.Line[start] == '>')
            {
                var (offset, rest) = TextScan.TrimRange(lines.Line.Slice(start + 1, length - 1));
                start += 1 + offset;
                length = rest;
            }

            if (length > 0 && lines.Line[start] is '{' or '[' && !IsLinkOrWord(lines.Line.Slice(start, length))) return lines.Start + start;
        }

        return -1;

        // "[a link](…)" and "[note]" are Markdown, not lists.
        static bool IsLinkOrWord(ReadOnlySpan<char> content) => content[0] == '[' && content.Length > 1 && content[1] is not ('{' or '[' or ']' or '"') && !TextScan.IsBlank(content[1]);
    }

    private static ReadResult? Json(string text, int start, out ReadResult? broken)
    {
        broken = null;
        var problems = new ProblemList();
        var firstLine = LineReader.NumberAt(text, start);
        var document = text.AsSpan(start);
        var root = DataTree.Json(IsQuoted(text, start) ? WithoutQuoting(document) : document, firstLine, problems);
        if (root is null)
        {
            broken = new ReadResult(IsDescribe(document) ? FormatNames.DescribeJson : FormatNames.ModelJson, null, problems.InOrder(), SourceMap.Empty);
            return null;
        }

        if (ModelDocumentReader.Find(root) is { } model) return ModelDocumentReader.Read(model, problems, FormatTraits.ModelJson);
        if (DescribeJsonReader.Recognises(root)) return DescribeJsonReader.Read(root, problems);
        return EmbeddedXml(root) is { } xml ? XmlConfigurationReader.Read(xml.Text!, xml.Line) : null;
    }

    /// <summary>Whether only the marks of a mail program stand before a position in its line.</summary>
    private static bool IsQuoted(ReadOnlySpan<char> text, int position)
    {
        var lineStart = text[..position].LastIndexOfAny('\n', '\r') + 1;
        var before = TextScan.Trim(text[lineStart..position]);
        return before.Length > 0 && before.IndexOfAnyExcept("> \t") < 0;
    }

    /// <summary>The first string in a tree that holds the provider's XML, as the state files of infrastructure tools do.</summary>
    private static DataNode? EmbeddedXml(DataNode node)
    {
        if (node.Text is { } text && XmlConfigurationReader.Recognises(text)) return node;
        foreach (var (_, value) in node.Members)
        {
            if (EmbeddedXml(value) is { } found) return found;
        }

        return null;
    }

    /// <summary>The text without the backslashes of a quoted string, when the XML in it was copied out of one.</summary>
    private static string WithoutEscapes(string text, int start)
    {
        if (!text.AsSpan(start, Math.Min(64, text.Length - start)).Contains("=\\\"", StringComparison.Ordinal)) return text;
        return text.Replace("\\\"", "\"").Replace("\\n", " ").Replace("\\t", " ").Replace("\\/", "/");
    }

    private static bool IsDescribe(ReadOnlySpan<char> document) => !document.Contains("\"tunnels\"", StringComparison.Ordinal);

    /// <summary>The text without the "&gt; " that mail programs put before lines.</summary>
    private static string WithoutQuoting(ReadOnlySpan<char> text)
    {
        var result = new System.Text.StringBuilder(text.Length);
        var lines = new LineReader(text);
        while (lines.Read())
        {
            var line = lines.Line;
            while (true)
            {
                var trimmed = line.TrimStart();
                if (trimmed.Length == 0 || trimmed[0] != '>') break;
                line = trimmed[1..];
            }

            result.Append(line).Append('\n');
        }

        return result.ToString();
    }

    private static ReadResult? Yaml(string text)
    {
        if (!text.Contains("tunnels:", StringComparison.Ordinal) || !text.Contains("routing:", StringComparison.Ordinal)) return null;
        var lines = new LineReader(text);
        var start = -1;
        var firstLine = 1;
        var end = text.Length;
        while (lines.Read())
        {
            var line = lines.Line.TrimEnd();
            if (start < 0 && IsTopLevelKey(line)) (start, firstLine) = (lines.Start, lines.Number);
            else if (start >= 0 && line.StartsWith("```", StringComparison.Ordinal))
            {
                end = lines.Start;
                break;
            }
        }

        if (start < 0) return null;
        var problems = new ProblemList();
        if (end - start > MaximumYamlLength)
        {
            problems.Error(Causes.ConfigSyntax, null, "The YAML is larger than 1 MiB; a connection has about 2 KiB.", null, firstLine);
            return new ReadResult(FormatNames.ModelYaml, null, problems.InOrder(), SourceMap.Empty);
        }

        var root = DataTree.Yaml(text[start..end], firstLine, problems);
        if (root is null) return new ReadResult(FormatNames.ModelYaml, null, problems.InOrder(), SourceMap.Empty);
        return ModelDocumentReader.Find(root) is { } model ? ModelDocumentReader.Read(model, problems, FormatTraits.ModelYaml) : null;

        static bool IsTopLevelKey(ReadOnlySpan<char> line)
        {
            var colon = line.IndexOf(':');
            return colon > 0 && line[..colon].Trim('"') is "id" or "cloudGatewayId" or "customerGatewayId" or "routing" or "tunnels" or "connection" or "format" or "customerRanges";
        }
    }

    private static ReadResult EscapedXml(string text)
    {
        var decoded = WebUtility.HtmlDecode(text);
        return XmlConfigurationReader.Recognises(decoded) ? XmlConfigurationReader.Read(decoded, null) : NotAConfiguration(text);
    }

    private static ReadResult NotAConfiguration(string text)
    {
        var message = text.Contains("VPN Connection ID", StringComparison.OrdinalIgnoreCase)
            ? "The text looks like the provider's file for another device; download it again for the vendor Generic and give that."
            : "The text is not a VPN configuration in a format that is known here; download the provider's file for the vendor Generic and give that.";
        return new ReadResult(null, null, [new Problem(Severity.Error, Causes.ConfigSyntax, null, message)], SourceMap.Empty);
    }
}
