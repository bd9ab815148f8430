namespace Tunnelwright.Cli;

/// <summary>Words that every command says alike.</summary>
internal static class Words
{
    /// <summary>"1 warning", "2 warnings".</summary>
    public static string Count(int number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";

    /// <summary>Names of files and words of other programs may hold line ends and escape sequences: they forge no line and move no cursor.</summary>
    public static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}
