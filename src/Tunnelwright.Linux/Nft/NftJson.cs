using System.Text.Json;

namespace Tunnelwright.Linux;

/// <summary>
/// Reads what <c>nft --json</c> prints (libnftables-json(5)). Total: any text ends in records or in one <see cref="UnreadableOutputException"/>;
/// objects of kinds that are not asked for are passed over.
/// </summary>
internal static class NftJson
{
    private const int DeepestValue = 16;

    internal static IReadOnlyList<(string Family, string Name)> ReadTableNames(string text) => Read(text, objects =>
    {
        var names = new List<(string, string)>();
        foreach (var (kind, element) in objects)
            if (kind == "table" && Text(element, "family") is { } family && Text(element, "name") is { } name)
                names.Add((family, name));
        return names;
    });

    internal static NftTable ReadTable(string text, string family, string name) => Read(text, objects =>
    {
        var handle = 0L;
        var chains = new List<NftChain>();
        var rules = new Dictionary<string, List<NftRule>>(StringComparer.Ordinal);
        var sets = new List<NftSet>();
        var counters = new List<NftNamedCounter>();
        foreach (var (kind, element) in objects)
        {
            switch (kind)
            {
                case "table":
                    handle = Number(element, "handle");
                    break;
                case "chain" when Text(element, "name") is { } chain:
                    var own = rules[chain] = [];
                    chains.Add(new NftChain(
                        chain, Number(element, "handle"), Text(element, "hook"), Text(element, "type"), (int)Number(element, "prio"),
                        Text(element, "policy"), own));
                    break;
                case "rule" when Text(element, "chain") is { } chain && rules.TryGetValue(chain, out var list):
                    list.Add(ReadRule(element));
                    break;
                case "set" or "map" when Text(element, "name") is { } set:
                    sets.Add(new NftSet(set, Number(element, "handle"), ReadType(element), kind == "map", ReadElements(element, kind == "map")));
                    break;
                case "counter" when Text(element, "name") is { } counter:
                    counters.Add(new NftNamedCounter(counter, Text(element, "comment"), ReadCounter(element)));
                    break;
                default:
                    break;
            }
        }

        return new NftTable(family, name, handle, chains, sets, counters);
    });

    private static T Read<T>(string text, Func<List<(string Kind, JsonElement Element)>, T> readAll)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind != JsonValueKind.Object || List(document.RootElement, "nftables") is not { } list)
                throw new UnreadableOutputException("nft", "it holds no list 'nftables'");
            var objects = new List<(string, JsonElement)>();
            foreach (var item in list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object))
                foreach (var property in item.EnumerateObject().Where(property => property.Value.ValueKind == JsonValueKind.Object))
                    objects.Add((property.Name, property.Value));
            return readAll(objects);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException)
        {
            throw new UnreadableOutputException("nft", exception.Message, exception);
        }
    }

    private static NftRule ReadRule(JsonElement element)
    {
        NftCounter? counter = null;
        if (List(element, "expr") is not { } expressions)
            return new NftRule(Number(element, "handle"), Text(element, "comment"), null, "[]");
        foreach (var expression in expressions.EnumerateArray())
            if (Child(expression, "counter") is { } own)
                counter = ReadCounter(own);
        return new NftRule(Number(element, "handle"), Text(element, "comment"), counter, expressions.GetRawText());
    }

    private static NftCounter ReadCounter(JsonElement element) => new(Number(element, "packets"), Number(element, "bytes"));

    private static string ReadType(JsonElement element)
        => List(element, "type") is { } parts ? string.Join(" . ", parts.EnumerateArray().Select(part => Value(part, 0))) : Text(element, "type") ?? "";

    private static List<NftElement> ReadElements(JsonElement set, bool isMap)
    {
        var found = new List<NftElement>();
        if (List(set, "elem") is not { } elements)
            return found;
        foreach (var entry in elements.EnumerateArray())
        {
            var key = entry;
            string? mappedTo = null;
            if (isMap && entry.ValueKind == JsonValueKind.Array && entry.GetArrayLength() == 2)
            {
                key = entry[0];
                mappedTo = Value(entry[1], 0);
            }

            var details = Child(key, "elem");
            var value = details is { } holder && holder.TryGetProperty("val", out var inner) ? inner : key;
            found.Add(new NftElement(
                Value(value, 0),
                mappedTo,
                details is { } one ? Text(one, "comment") : null,
                details is { } two && Child(two, "counter") is { } counter ? ReadCounter(counter) : null,
                details is { } three && three.TryGetProperty("expires", out _)
                    ? TimeSpan.FromSeconds(Math.Clamp(Number(three, "expires"), 0, uint.MaxValue))
                    : null));
        }

        return found;
    }

    private static string Value(JsonElement element, int depth)
    {
        if (element.ValueKind == JsonValueKind.String)
            return element.GetString() ?? "";
        if (element.ValueKind != JsonValueKind.Object || depth > DeepestValue)
            return element.GetRawText();
        if (Child(element, "prefix") is { } prefix && prefix.TryGetProperty("addr", out var address))
            return $"{Value(address, depth + 1)}/{Number(prefix, "len")}";
        if (List(element, "range") is { } range && range.GetArrayLength() == 2)
            return $"{Value(range[0], depth + 1)}-{Value(range[1], depth + 1)}";
        if (List(element, "concat") is { } parts)
            return string.Join(" . ", parts.EnumerateArray().Select(part => Value(part, depth + 1)));
        return element.GetRawText();
    }

    private static JsonElement? Child(JsonElement element, string name)
        => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var child) && child.ValueKind == JsonValueKind.Object
            ? child
            : null;

    private static JsonElement? List(JsonElement element, string name)
        => element.TryGetProperty(name, out var child) && child.ValueKind == JsonValueKind.Array ? child : null;

    private static string? Text(JsonElement element, string name)
        => element.TryGetProperty(name, out var child) && child.ValueKind == JsonValueKind.String ? child.GetString() : null;

    private static long Number(JsonElement element, string name)
        => element.TryGetProperty(name, out var child) && child.ValueKind == JsonValueKind.Number && child.TryGetInt64(out var value) ? value : 0;
}
