using System.CommandLine;
using System.CommandLine.Parsing;

namespace Tunnelwright.Cli.Commands;

/// <summary>
/// Options such as --cloud-range take as many words as follow, and so also the file of "up --cloud-range CIDR FILE". Where a command then lacks its file, the words
/// that are files are put before the options.
/// </summary>
internal static class FilesFirst
{
    /// <summary>The call with its files first; null when that is not what is wrong with it.</summary>
    /// <param name="parsed">How the call was understood.</param>
    /// <param name="arguments">The call.</param>
    public static string[]? Reorder(ParseResult parsed, string[] arguments)
    {
        if (parsed.CommandResult.Command.Arguments.FirstOrDefault(argument => argument.Arity.MinimumNumberOfValues > 0) is not { } missing || parsed.GetResult(missing) is { Tokens.Count: > 0 }) return null;
        var depth = 0;
        for (var command = parsed.CommandResult; command.Parent is CommandResult parent; command = parent) depth++;
        var files = Enumerable.Range(depth, arguments.Length - depth)
            .Where(at => at > depth && !IsOption(arguments[at]) && !IsOption(arguments[at - 1]) && File.Exists(arguments[at])).ToHashSet();
        return files.Count == 0 ? null : [.. arguments.Take(depth), .. files.Order().Select(at => arguments[at]), .. arguments.Skip(depth).Where((_, index) => !files.Contains(index + depth))];
    }

    private static bool IsOption(string word) => word.StartsWith('-');
}
