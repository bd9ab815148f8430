using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>Where each field of a connection stands in the text it was read from.</summary>
public sealed class SourceMap
{
    private readonly int[] _connection;
    private readonly Dictionary<int, int[]> _tunnels;

    internal SourceMap(int[] connection, Dictionary<int, int[]> tunnels)
    {
        _connection = connection;
        _tunnels = tunnels;
    }

    /// <summary>The map of a text in which nothing was found.</summary>
    public static SourceMap Empty { get; } = new([], []);

    /// <summary>The line of a field.</summary>
    /// <param name="tunnel">The tunnel's number; null for a field of the whole connection.</param>
    /// <param name="field">The path as in the contract's JSON, relative to the tunnel ("ipsec.lifetimeSeconds") or the connection ("id").
    /// A group such as "ipsec" gives its first line.</param>
    /// <returns>The line, counted from 1. A field that has no line of its own gives the tunnel's heading; null when that is not known either.</returns>
    public int? LineOf(int? tunnel, string? field)
    {
        if (tunnel is not { } number) return field is null ? null : ConnectionLine(field);
        if (!_tunnels.TryGetValue(number, out var lines)) return null;
        if (field is not null && TunnelLine(lines, field) is { } line) return line;
        return lines[(int)TunnelField.Heading] is > 0 and var heading ? heading : null;
    }

    /// <summary>Gives problems that name a field and have no line the line of that field.</summary>
    /// <param name="problems">The problems.</param>
    /// <returns>The problems in the same order, lines filled in where they are known.</returns>
    public ValueList<Problem> FillLines(IEnumerable<Problem> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        return problems.Select(problem => problem.Line is null ? problem with { Line = LineOf(problem.Tunnel, problem.Field) } : problem).ToValueList();
    }

    private int? ConnectionLine(string field)
    {
        for (var index = 0; index < _connection.Length; index++)
        {
            if (((ConnectionField)index).Path().Equals(field, StringComparison.OrdinalIgnoreCase)) return _connection[index] > 0 ? _connection[index] : null;
        }

        return null;
    }

    private static int? TunnelLine(int[] lines, string field)
    {
        var group = 0;
        for (var index = 0; index < lines.Length; index++)
        {
            if (lines[index] == 0) continue;
            var path = ((TunnelField)index).Path();
            if (path.Equals(field, StringComparison.OrdinalIgnoreCase)) return lines[index];
            var last = path.AsSpan(path.IndexOf('.') + 1);
            var inGroup = path.StartsWith(field, StringComparison.OrdinalIgnoreCase) && path.Length > field.Length && path[field.Length] == '.';
            if ((inGroup || last.Equals(field, StringComparison.OrdinalIgnoreCase)) && (group == 0 || lines[index] < group)) group = lines[index];
        }

        return group > 0 ? group : null;
    }
}
