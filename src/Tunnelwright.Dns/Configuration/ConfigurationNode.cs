using System.Text.Json;

namespace Tunnelwright.Dns.Configuration;

/// <summary>A configuration that cannot be used, and where it goes wrong.</summary>
/// <param name="line">The line, from 1.</param>
/// <param name="problem">What is wrong.</param>
public sealed class ConfigurationException(int line, string problem) : Exception(problem)
{
    /// <summary>The line, from 1.</summary>
    public int Line { get; } = line;
}

/// <summary>A value of a JSON file with its line. Comments and commas at the end of lists are allowed, as people write them.</summary>
internal sealed class ConfigurationNode
{
    private const int MaximumDepth = 8;

    private ConfigurationNode(int line, object value) => (Line, Value) = (line, value);

    public int Line { get; }

    /// <summary>A string, long, bool, list of nodes, or dictionary of nodes.</summary>
    public object Value { get; }

    /// <exception cref="ConfigurationException">It is not JSON.</exception>
    public static ConfigurationNode Parse(ReadOnlySpan<byte> text)
    {
        var offset = text.StartsWith("\uFEFF"u8) ? 3 : 0;
        text = text[offset..];
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = MaximumDepth });
        try
        {
            reader.Read();
            var node = Read(ref reader, text);
            reader.Read();
            return node;
        }
        catch (JsonException problem)
        {
            throw new ConfigurationException((int)(problem.LineNumber ?? 0) + 1, "it is not JSON here: a comma, quote or bracket is missing or too much");
        }
        catch (InvalidOperationException)
        {
            throw new ConfigurationException(text[..(int)reader.TokenStartIndex].Count((byte)'\n') + 1, "there are bytes here that are not UTF-8");
        }
    }

    public ConfigurationException Wrong(string problem) => new(Line, problem);

    private static ConfigurationNode Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> text)
    {
        var line = text[..(int)reader.TokenStartIndex].Count((byte)'\n') + 1;
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return new ConfigurationNode(line, reader.GetString()!);
            case JsonTokenType.True or JsonTokenType.False:
                return new ConfigurationNode(line, reader.GetBoolean());
            case JsonTokenType.Number:
                return new ConfigurationNode(line, reader.TryGetInt64(out var number) ? number : throw new ConfigurationException(line, "the number is not a whole one"));
            case JsonTokenType.StartArray:
                var list = new List<ConfigurationNode>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) list.Add(Read(ref reader, text));
                return new ConfigurationNode(line, list);
            case JsonTokenType.StartObject:
                var members = new Dictionary<string, ConfigurationNode>(StringComparer.Ordinal);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var name = reader.GetString()!;
                    var at = text[..(int)reader.TokenStartIndex].Count((byte)'\n') + 1;
                    reader.Read();
                    if (!members.TryAdd(name, Read(ref reader, text))) throw new ConfigurationException(at, $"\"{name}\" is given twice");
                }

                return new ConfigurationNode(line, members);
            default:
                throw new ConfigurationException(line, "null has no meaning here");
        }
    }
}
