using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>A value as it stands in the text.</summary>
/// <param name="Text">The value without the white space around it; empty when the line is there and says nothing.</param>
/// <param name="Line">The line, counted from 1; 0 when the field is not in the text.</param>
internal readonly record struct RawValue(ReadOnlyMemory<char> Text, int Line)
{
    public bool IsPresent => Line > 0;

    public bool HasText => Text.Length > 0;
}

/// <summary>Collects problems, up to a limit that hostile input cannot exceed.</summary>
internal sealed class ProblemList
{
    private const int Limit = 100;
    private readonly List<Problem> _problems = [];
    private int _dropped;

    public void Add(Problem problem)
    {
        if (_problems.Count < Limit) _problems.Add(problem);
        else _dropped++;
    }

    public void AddAll(ProblemList other)
    {
        foreach (var problem in other._problems) Add(problem);
        _dropped += other._dropped;
    }

    public void Error(string cause, int? tunnel, string message, string? field = null, int? line = null) =>
        Add(new Problem(Severity.Error, cause, tunnel, message, field, line is > 0 ? line : null));

    public void Warning(string cause, int? tunnel, string message, string? field = null, int? line = null) =>
        Add(new Problem(Severity.Warning, cause, tunnel, message, field, line is > 0 ? line : null));

    public ValueList<Problem> InOrder()
    {
        if (_problems.Count == 0) return [];
        if (_dropped > 0)
        {
            _problems.Add(new Problem(Severity.Error, Causes.ConfigSyntax, null, $"{_dropped} more problems are not listed; correct the ones listed first."));
            _dropped = 0;
        }

        return _problems.OrderBy(problem => problem.Line ?? int.MaxValue).ToValueList();
    }
}

/// <summary>The raw values of one tunnel.</summary>
internal sealed class TunnelDraft(int number, ProblemList problems)
{
    private readonly RawValue[] _values = new RawValue[Fields.TunnelFieldCount];

    public int Number => number;

    /// <summary>Whether this tunnel is said to be routed by BGP; null when nothing says it.</summary>
    public bool? UsesBgp { get; set; }

    public RawValue this[TunnelField field] => _values[(int)field];

    public bool IsEmpty
    {
        get
        {
            for (var index = 1; index < _values.Length; index++)
            {
                if (_values[index].HasText) return false;
            }

            return true;
        }
    }

    /// <summary>Takes a value; a second value that differs from the first is an error that names both lines, and the first stays.</summary>
    public void Set(TunnelField field, ReadOnlyMemory<char> text, int line)
    {
        ref var value = ref _values[(int)field];
        if (!value.IsPresent || (!value.HasText && text.Length > 0))
        {
            value = new RawValue(text, line);
            return;
        }

        if (text.Length == 0 || field == TunnelField.Heading || SameValue(field, value.Text.Span, text.Span)) return;
        problems.Error(
            Causes.ConfigSyntax,
            number,
            $"Tunnel {number} has two different values for the {field.Name()}, on line {value.Line} and on line {line}; delete the wrong one.",
            field.Path(),
            line);
    }

    public void Set(TunnelField field, string? text, int line)
    {
        if (text is not null) Set(field, text.AsMemory().Trim(), line);
    }

    /// <summary>Takes a value in place of the one that is there, when a part of the input that knows better gives one.</summary>
    public void Replace(TunnelField field, string text, int line) => _values[(int)field] = new RawValue(text.AsMemory().Trim(), line);

    public int[] Lines()
    {
        var lines = new int[_values.Length];
        for (var index = 0; index < lines.Length; index++) lines[index] = _values[index].Line;
        return lines;
    }

    private static bool SameValue(TunnelField field, ReadOnlySpan<char> first, ReadOnlySpan<char> second) =>
        field == TunnelField.PreSharedKey ? first.SequenceEqual(second) : TextScan.SameLettersAndDigits(first, second);
}

/// <summary>The raw values of a connection.</summary>
internal sealed class ConnectionDraft(ProblemList problems)
{
    private readonly RawValue[] _values = new RawValue[Fields.ConnectionFieldCount];
    private readonly List<TunnelDraft> _tunnels = [];

    public ConnectionDraft()
        : this(new ProblemList())
    {
    }

    public ProblemList Problems => problems;

    public IReadOnlyList<TunnelDraft> Tunnels => _tunnels;

    /// <summary>The customer's registered ranges, and where they stand.</summary>
    public List<RawValue> CustomerRanges { get; } = [];

    /// <summary>The cloud's ranges, and where they stand.</summary>
    public List<RawValue> CloudRanges { get; } = [];

    public RawValue this[ConnectionField field] => _values[(int)field];

    /// <summary>The tunnel of a number, made when it is new; null for a number that no connection has.</summary>
    public TunnelDraft? Tunnel(int number, int line)
    {
        foreach (var known in _tunnels)
        {
            if (known.Number == number) return known;
        }

        if (number is < 1 or > 2)
        {
            Problems.Error(Causes.ConfigSyntax, null, $"Line {line} begins tunnel {number}; a VPN connection has tunnels 1 and 2 only, so it is not read.", null, line);
            return null;
        }

        var tunnel = new TunnelDraft(number, Problems);
        tunnel.Set(TunnelField.Heading, "".AsMemory(), line);
        _tunnels.Add(tunnel);
        return tunnel;
    }

    /// <summary>Takes in a tunnel that was collected apart, with its problems.</summary>
    public void Adopt(TunnelDraft tunnel, ProblemList found)
    {
        _tunnels.Add(tunnel);
        Problems.AddAll(found);
    }

    /// <summary>Forgets a tunnel that turned out not to be whole.</summary>
    public void Drop(TunnelDraft tunnel) => _tunnels.Remove(tunnel);

    public void Set(ConnectionField field, ReadOnlyMemory<char> text, int line)
    {
        ref var value = ref _values[(int)field];
        if (!value.IsPresent || (!value.HasText && text.Length > 0))
        {
            value = new RawValue(text, line);
            return;
        }

        if (text.Length == 0 || value.Text.Span.Equals(text.Span, StringComparison.OrdinalIgnoreCase)) return;
        Problems.Error(
            Causes.ConfigSyntax,
            null,
            $"There are two different values for the {field.Name()}, on line {value.Line} and on line {line}; delete the wrong one.",
            field.Path(),
            line);
    }

    public void Set(ConnectionField field, string? text, int line)
    {
        if (text is not null) Set(field, text.AsMemory().Trim(), line);
    }

    public SourceMap Lines()
    {
        var connection = new int[_values.Length];
        for (var index = 0; index < connection.Length; index++) connection[index] = _values[index].Line;
        var tunnels = new Dictionary<int, int[]>(_tunnels.Count);
        foreach (var tunnel in _tunnels) tunnels[tunnel.Number] = tunnel.Lines();
        return new SourceMap(connection, tunnels);
    }
}
