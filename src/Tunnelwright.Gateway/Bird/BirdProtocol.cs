using System.Globalization;

namespace Tunnelwright.Gateway;

/// <summary>One BGP session as BIRD shows it ("show protocols all").</summary>
/// <param name="Name">The protocol's name in the configuration.</param>
/// <param name="Up">Whether the protocol is up.</param>
/// <param name="State">BGP state in lower case: idle, connect, active, opensent, openconfirm, established (RFC 4271 section 8.2.2); "down" when disabled.</param>
/// <param name="Imported">Routes accepted from the peer.</param>
/// <param name="Exported">Routes announced to the peer.</param>
/// <param name="LastError">The last error in BIRD's words; null without one.</param>
internal sealed record BirdProtocol(string Name, bool Up, string State, int Imported, int Exported, string? LastError)
{
    /// <summary>The neighbour's address; null when BIRD did not tell it.</summary>
    public string? Neighbor { get; init; }

    /// <summary>Routes of the peer that the import filter refused; BIRD knows them with a receive limit only ("import keep filtered").</summary>
    public int Refused { get; init; }

    /// <summary>Reads the answer to "show protocols all"; protocols other than BGP are left out, unreadable lines are passed over.</summary>
    public static IReadOnlyList<BirdProtocol> Parse(IReadOnlyList<string> lines)
    {
        var sessions = new List<BirdProtocol>();
        BirdProtocol? current = null;
        foreach (var line in lines)
        {
            if (line.Length > 0 && !char.IsWhiteSpace(line[0]))
            {
                if (current is not null) sessions.Add(current);
                var columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                current = columns.Length >= 4 && columns[1] == "BGP" ? new BirdProtocol(columns[0], columns[3] == "up", "down", 0, 0, null) : null;
                continue;
            }

            if (current is null) continue;
            var text = line.Trim();
            if (Value(text, "BGP state:") is { } state) current = current with { State = state.ToLowerInvariant() };
            else if (Value(text, "Last error:") is { } error) current = current with { LastError = error };
            else if (Value(text, "Neighbor address:") is { } neighbor) current = current with { Neighbor = neighbor.Split(' ', '%')[0] };
            else if (Value(text, "Routes:") is { } routes) current = current with { Imported = Count(routes, "imported"), Exported = Count(routes, "exported"), Refused = Count(routes, "filtered") };
        }

        if (current is not null) sessions.Add(current);
        return sessions;
    }

    /// <summary>The names of the static protocols that are up in the answer to "show protocols".</summary>
    public static IReadOnlySet<string> ParseStatics(IReadOnlyList<string> lines) => lines
        .Where(line => line.Length > 0 && !char.IsWhiteSpace(line[0]))
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(columns => columns.Length >= 4 && columns[1] == "Static" && columns[3] == "up")
        .Select(columns => columns[0])
        .ToHashSet(StringComparer.Ordinal);

    private static string? Value(string text, string label) => text.StartsWith(label, StringComparison.Ordinal) ? text[label.Length..].Trim() : null;

    private static int Count(string routes, string word)
    {
        foreach (var part in routes.Split(','))
        {
            var words = part.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 2 && words[1] == word && int.TryParse(words[0], NumberStyles.None, null, out var count)) return count;
        }

        return 0;
    }
}
