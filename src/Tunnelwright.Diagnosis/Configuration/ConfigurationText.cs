namespace Tunnelwright.Diagnosis;

/// <summary>What the readers of configuration files share.</summary>
internal static class ConfigurationText
{
    public static IEnumerable<string> Lines(string text)
    {
        using var reader = new StringReader(text);
        while (reader.ReadLine() is { } line) yield return line;
    }

    /// <summary>The line up to a '#' that does not stand in quotes.</summary>
    public static string WithoutComment(string line)
    {
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"' && (i == 0 || line[i - 1] != '\\')) quoted = !quoted;
            else if (line[i] == '#' && !quoted) return line[..i];
        }

        return line;
    }

    public static string Unquote(string value) => value.Length >= 2 && value[0] == '"' && value[^1] == '"' ? value[1..^1] : value;

    /// <summary>Whether a line opens a section of this name.</summary>
    public static bool HasSection(string text, string name)
    {
        foreach (var line in Lines(text).Take(20_000))
        {
            var trimmed = line.AsSpan().TrimStart();
            if (trimmed.StartsWith(name, StringComparison.Ordinal) && trimmed[name.Length..].TrimStart().StartsWith("{")) return true;
        }

        return false;
    }
}
