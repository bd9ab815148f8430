namespace Tunnelwright.Linux;

/// <summary>nft or the kernel refused a ruleset; nothing of it was applied.</summary>
public sealed class NftablesException : KernelException
{
    private NftablesException(string operation, int errorNumber, string words, int line, int column)
        : base(operation, errorNumber, words)
    {
        Line = line;
        Column = column;
    }

    /// <summary>The line of the ruleset that the first complaint is about, from 1; 0 when it is about none.</summary>
    public int Line { get; }

    /// <summary>The column in that line, from 1; 0 when there is none.</summary>
    public int Column { get; }

    // nft writes "/dev/stdin:1:19-22: Error: words", then the line itself and carets under it.
    internal static NftablesException Read(string operation, string standardError, int exitCode)
    {
        const string Marker = "Error: ";
        foreach (var line in standardError.Split('\n'))
        {
            var at = line.IndexOf(Marker, StringComparison.Ordinal);
            if (at < 0)
                continue;
            var (row, column) = ReadPlace(line.AsSpan(0, at).TrimEnd(": "));
            var (number, words) = KernelErrors.Read(line[at..]);
            return new NftablesException(operation, number, row == 0 ? words : $"line {row}: {words}", row, column);
        }

        var (other, rest) = KernelErrors.Read(standardError);
        return new NftablesException(operation, other, rest.Length == 0 ? $"nft ended with status {exitCode}" : rest, 0, 0);
    }

    private static (int Row, int Column) ReadPlace(ReadOnlySpan<char> place)
    {
        Span<Range> parts = stackalloc Range[4];
        var count = place.Split(parts, ':');
        if (count < 3 || !int.TryParse(place[parts[1]], out var row))
            return (0, 0);
        var columns = place[parts[2]];
        var dash = columns.IndexOf('-');
        return (row, int.TryParse(dash < 0 ? columns : columns[..dash], out var column) ? column : 0);
    }
}
