using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tunnelwright.Diagnosis;

/// <summary>Every cause that the program knows by name.</summary>
public static class CauseCatalogue
{
    private static readonly Lazy<CauseEntry[]> Entries = new(Load);
    private static readonly Lazy<FrozenDictionary<string, CauseEntry>> ById = new(() => Entries.Value.ToFrozenDictionary(entry => entry.Id, StringComparer.Ordinal));

    /// <summary>All causes, in the catalogue's order.</summary>
    public static IReadOnlyList<CauseEntry> All => Entries.Value;

    /// <summary>The entry of a cause; null when there is none of this id.</summary>
    /// <param name="id">The id, such as psk-mismatch.</param>
    public static CauseEntry? Find(string id) => ById.Value.GetValueOrDefault(id);

    /// <summary>Ids that resemble a word, for a hint after a misspelling.</summary>
    /// <param name="word">What was typed.</param>
    public static IReadOnlyList<string> Like(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        var parts = word.Split(['-', '_', ' '], StringSplitOptions.RemoveEmptyEntries);
        return [.. All.Select(entry => (entry.Id, Shared: entry.Id.Split('-').Count(part => parts.Contains(part, StringComparer.OrdinalIgnoreCase))))
            .Where(candidate => candidate.Shared > 0 || (word.Length > 2 && candidate.Id.Contains(word, StringComparison.OrdinalIgnoreCase)))
            .OrderByDescending(candidate => candidate.Shared).Take(5).Select(candidate => candidate.Id)];
    }

    /// <summary>The catalogue as the Markdown of docs/causes.md.</summary>
    public static string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append("# Causes\n\n");
        text.Append("Generated from the program's catalogue (`tunnelwright explain --markdown`); `tunnelwright explain CAUSE` prints one of them.\n\n");
        text.Append("| cause | group | who acts | in a word |\n|---|---|---|---|\n");
        foreach (var entry in All) text.Append($"| [{entry.Id}](#{entry.Id}) | {entry.Group} | {entry.Owner} | {entry.Title} |\n");
        foreach (var entry in All)
        {
            text.Append($"\n## {entry.Id}\n\n**{entry.Title}.** {entry.Wrong}\n\n");
            text.Append($"- Recognised by: {entry.Evidence}\n- Who acts: {entry.Owner}\n- What to do: {entry.Remedy}\n");
        }

        return text.ToString();
    }

    private static CauseEntry[] Load()
    {
        using var stream = typeof(CauseCatalogue).Assembly.GetManifestResourceStream("Tunnelwright.Diagnosis.causes.json")
            ?? throw new InvalidOperationException("The catalogue of causes is missing from the program.");
        return JsonSerializer.Deserialize(stream, CatalogueContext.Default.CauseEntryArray)!;
    }
}

[JsonSerializable(typeof(CauseEntry[]))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
internal sealed partial class CatalogueContext : JsonSerializerContext;
