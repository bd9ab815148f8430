namespace Tunnelwright.Diagnosis;

/// <summary>The syntax that strongswan.conf and swanctl.conf share (strongswan.conf(5)): sections in braces, settings, includes. What a setting means a subclass knows.</summary>
/// <param name="source">The file.</param>
/// <param name="outer">The sections around an include that brought this file; empty for a file of its own.</param>
internal abstract class SectionReader(string source, IReadOnlyList<string> outer)
{
    private const int MaximumDepth = 16;

    private readonly List<(string Name, int Line)> _path = [.. outer.Select(name => (name, 0))];

    protected string Source { get; } = source;

    /// <summary>The sections around the current place, the outermost first.</summary>
    protected IEnumerable<string> Path => _path.Select(section => section.Name);

    /// <summary>How many sections are around the current place.</summary>
    protected int Depth => _path.Count;

    /// <summary>Reads a text up to its end, whatever it holds.</summary>
    protected void ReadSections(string text)
    {
        var number = 0;
        foreach (var raw in ConfigurationText.Lines(text))
        {
            number++;
            Line(ConfigurationText.WithoutComment(raw), number);
        }

        foreach (var (name, line) in _path.Skip(outer.Count).Take(3)) Fault(line, $"the section '{name}' is not closed with a brace");
    }

    /// <summary>Whether the section at a depth has this name.</summary>
    protected bool Is(int depth, string name) => _path.Count > depth && _path[depth].Name == name;

    /// <summary>The name of the section at a depth.</summary>
    protected string NameAt(int depth) => _path[depth].Name;

    /// <summary>A section has begun; <see cref="Path"/> ends with it.</summary>
    protected virtual void Begin(int line)
    {
    }

    /// <summary>A setting.</summary>
    protected abstract void Value(string key, Setting setting);

    /// <summary>Other files are to be read at this place.</summary>
    protected virtual void Include(string pattern)
    {
    }

    /// <summary>A line is not in the syntax.</summary>
    protected virtual void Fault(int line, string text)
    {
    }

    private void Line(string line, int number)
    {
        var rest = line.Trim();
        while (rest.Length > 0)
        {
            if (rest[0] == '}')
            {
                if (_path.Count > outer.Count) _path.RemoveAt(_path.Count - 1);
                else Fault(number, "a closing brace without a section");
                rest = rest[1..].TrimStart();
                continue;
            }

            if (rest == "include") return;
            if (rest.StartsWith("include ", StringComparison.Ordinal) || rest.StartsWith("include\t", StringComparison.Ordinal))
            {
                Include(ConfigurationText.Unquote(rest["include".Length..].Trim()));
                return;
            }

            var open = rest.IndexOf('{', StringComparison.Ordinal);
            var equals = rest.IndexOf('=', StringComparison.Ordinal);
            if (open >= 0 && (equals < 0 || open < equals))
            {
                if (!Enter(rest[..open].Trim(), number)) return;
                rest = rest[(open + 1)..].TrimStart();
                continue;
            }

            if (equals <= 0)
            {
                Fault(number, $"'{rest}' is neither a setting (name = value) nor a section");
                return;
            }

            var key = rest[..equals].Trim();
            var value = rest[(equals + 1)..].Trim();
            var close = value.StartsWith('"') ? -1 : value.IndexOf('}', StringComparison.Ordinal);
            rest = close < 0 ? "" : value[close..];
            Value(key, new Setting(ConfigurationText.Unquote(close < 0 ? value : value[..close].Trim()), number));
        }
    }

    private bool Enter(string heading, int number)
    {
        var colon = heading.IndexOf(':', StringComparison.Ordinal);
        var name = colon > 0 ? heading[..colon].Trim() : heading;
        if (name.Length == 0 || name.Contains(' ')) Fault(number, $"'{name}' is not the name of a section");
        if (_path.Count >= MaximumDepth)
        {
            Fault(number, "sections are nested too deep");
            return false;
        }

        _path.Add((name, number));
        Begin(number);
        return true;
    }
}
