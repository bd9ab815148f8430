using System.Text;
using System.Text.Json;
using Tunnelwright.Model;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Tunnelwright.Formats;

/// <summary>A value of a JSON or YAML document with the line it stands on.</summary>
internal sealed class DataNode
{
    private DataNode(DataKind kind, string? text, int line)
    {
        Kind = kind;
        Text = text;
        Line = line;
    }

    public DataKind Kind { get; }

    /// <summary>The scalar's text; null for null, an object or a list.</summary>
    public string? Text { get; }

    /// <summary>Line, counted from 1.</summary>
    public int Line { get; }

    /// <summary>An object's members, or a list's items under the name "".</summary>
    public List<(string Name, DataNode Value)> Members { get; } = [];

    public static DataNode Of(DataKind kind, string? text, int line) => new(kind, text, line);

    /// <summary>The member of a name, whatever its case; the first of several.</summary>
    public DataNode? this[string name]
    {
        get
        {
            if (Kind != DataKind.Object) return null;
            foreach (var (key, value) in Members)
            {
                if (key.Equals(name, StringComparison.OrdinalIgnoreCase)) return value;
            }

            return null;
        }
    }
}

internal enum DataKind
{
    Null,
    Scalar,
    Object,
    List,
}

/// <summary>Builds trees of <see cref="DataNode"/>: bounded in depth and size, errors as problems.</summary>
internal static class DataTree
{
    private const int MaximumDepth = 32;
    private const int MaximumNodes = 200_000;

    /// <summary>Reads the JSON value at the start of a text; what follows it does not count.</summary>
    /// <param name="text">The text.</param>
    /// <param name="firstLine">The line that the text begins on.</param>
    /// <param name="problems">Where an error goes.</param>
    /// <returns>The value; null when it cannot be read.</returns>
    public static DataNode? Json(ReadOnlySpan<char> text, int firstLine, ProblemList problems)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = MaximumDepth, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowMultipleValues = true });
        var stack = new Stack<DataNode>();
        var nodes = 0;
        var line = firstLine;
        var counted = 0;
        var name = "";
        try
        {
            while (reader.Read())
            {
                line += bytes.AsSpan(counted, (int)reader.TokenStartIndex - counted).Count((byte)'\n');
                counted = (int)reader.TokenStartIndex;
                DataNode node;
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        name = reader.GetString() ?? "";
                        continue;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        var ended = stack.Pop();
                        if (stack.Count == 0) return ended;
                        continue;
                    case JsonTokenType.StartObject or JsonTokenType.StartArray:
                        node = DataNode.Of(reader.TokenType == JsonTokenType.StartObject ? DataKind.Object : DataKind.List, null, line);
                        break;
                    case JsonTokenType.Null:
                        node = DataNode.Of(DataKind.Null, null, line);
                        break;
                    case JsonTokenType.String:
                        node = DataNode.Of(DataKind.Scalar, reader.GetString(), line);
                        break;
                    default:
                        node = DataNode.Of(DataKind.Scalar, Encoding.UTF8.GetString(reader.ValueSpan), line);
                        break;
                }

                if (++nodes > MaximumNodes)
                {
                    problems.Error(Causes.ConfigSyntax, null, $"The JSON holds more than {MaximumNodes} values; ask for one VPN connection at a time.", null, line);
                    return null;
                }

                if (stack.TryPeek(out var parent)) parent.Members.Add((parent.Kind == DataKind.Object ? name : "", node));
                if (node.Kind is DataKind.Object or DataKind.List) stack.Push(node);
                else if (stack.Count == 0) return node;
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            line = firstLine + (exception is JsonException { LineNumber: { } wrong } ? (int)wrong : line - firstLine);
            problems.Error(Causes.ConfigSyntax, null, $"The JSON cannot be read from line {line} on; download or print it again, whole.", null, line);
            return null;
        }

        problems.Error(Causes.ConfigSyntax, null, "The JSON ends too early; download or print it again, whole.", null, line);
        return null;
    }

    /// <summary>Reads the first YAML document of a text. Anchors, aliases and tags are refused.</summary>
    /// <param name="text">The text.</param>
    /// <param name="firstLine">The line that the text begins on.</param>
    /// <param name="problems">Where an error goes.</param>
    /// <returns>The value; null when it cannot be read.</returns>
    public static DataNode? Yaml(string text, int firstLine, ProblemList problems)
    {
        var stack = new Stack<DataNode>();
        var names = new Stack<string?>();
        var nodes = 0;
        var line = firstLine;
        try
        {
            using var source = new StringReader(text);
            var parser = new Parser(source);
            while (parser.MoveNext())
            {
                var current = parser.Current!;
                line = firstLine + (int)Math.Min(current.Start.Line, int.MaxValue / 2) - 1;
                DataNode node;
                switch (current)
                {
                    case AnchorAlias:
                        return Refuse("an alias");
                    case NodeEvent { Anchor.IsEmpty: false }:
                        return Refuse("an anchor");
                    case NodeEvent { Tag.IsEmpty: false }:
                        return Refuse("a tag");
                    case MappingEnd or SequenceEnd:
                        var ended = stack.Pop();
                        names.Pop();
                        if (stack.Count == 0) return ended;
                        continue;
                    case MappingStart:
                        node = DataNode.Of(DataKind.Object, null, line);
                        break;
                    case SequenceStart:
                        node = DataNode.Of(DataKind.List, null, line);
                        break;
                    case Scalar scalar:
                        if (stack.TryPeek(out var mapping) && mapping.Kind == DataKind.Object && names.Peek() is null)
                        {
                            names.Pop();
                            names.Push(scalar.Value);
                            continue;
                        }

                        node = scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "~" or "null" or "Null" or "NULL"
                            ? DataNode.Of(DataKind.Null, null, line)
                            : DataNode.Of(DataKind.Scalar, scalar.Value, line);
                        break;
                    default:
                        continue;
                }

                if (++nodes > MaximumNodes || stack.Count >= MaximumDepth)
                {
                    problems.Error(Causes.ConfigSyntax, null, $"The YAML is too deep or too large on line {line}; a connection is nested 4 deep.", null, line);
                    return null;
                }

                if (stack.TryPeek(out var parent))
                {
                    if (parent.Kind == DataKind.Object)
                    {
                        if (names.Peek() is not { } name) return Refuse("a key that is not a word");
                        parent.Members.Add((name, node));
                        names.Pop();
                        names.Push(null);
                    }
                    else
                    {
                        parent.Members.Add(("", node));
                    }
                }

                if (node.Kind is DataKind.Object or DataKind.List)
                {
                    stack.Push(node);
                    names.Push(null);
                }
                else if (stack.Count == 0)
                {
                    return node;
                }
            }
        }
        catch (Exception exception) when (exception is YamlException or InvalidOperationException or ArgumentException or FormatException or OverflowException or IndexOutOfRangeException or NullReferenceException or InvalidCastException)
        {
            if (exception is YamlException broken) line = firstLine + (int)Math.Min(broken.Start.Line, int.MaxValue / 2) - 1;
            problems.Error(Causes.ConfigSyntax, null, $"The YAML cannot be read from line {Math.Max(line, 1)} on; check its indentation there.", null, Math.Max(line, 1));
            return null;
        }

        problems.Error(Causes.ConfigSyntax, null, "The YAML ends too early; write it again, whole.", null, line);
        return null;

        DataNode? Refuse(string what)
        {
            problems.Error(Causes.ConfigSyntax, null, $"The YAML has {what} on line {line}; write plain keys and values only.", null, line);
            return null;
        }
    }
}
