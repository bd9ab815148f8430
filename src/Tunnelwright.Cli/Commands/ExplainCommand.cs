using System.CommandLine;
using Tunnelwright.Diagnosis;

namespace Tunnelwright.Cli.Commands;

/// <summary>explain: what a cause means, how it is recognised, who acts and what to do.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var cause = new Argument<string?>("cause") { Description = "the cause's id, such as psk-mismatch", Arity = ArgumentArity.ZeroOrOne };
        var list = new Option<bool>("--list") { Description = "print all causes, one a line" };
        var markdown = new Option<bool>("--markdown") { Description = "print the whole catalogue as Markdown (docs/causes.md)" };
        var command = new Command("explain", "Say what a cause means and what to do about it.") { cause, list, markdown };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(markdown)) return Print(CauseCatalogue.ToMarkdown());
            if (parsed.GetValue(list)) return Print(string.Concat(CauseCatalogue.All.Select(entry => $"{entry.Id,-28} {entry.Title}\n")));
            return Explain(parsed.GetValue(cause) ?? throw new CliException(ExitCodes.WrongCall, "explain needs a cause", "tunnelwright explain --list prints them"));
        });
        return command;
    }

    private static int Explain(string id)
    {
        if (CauseCatalogue.Find(id) is not { } entry)
        {
            var like = CauseCatalogue.Like(id);
            throw new CliException(ExitCodes.WrongCall, $"there is no cause '{id}'", like.Count > 0 ? $"perhaps {string.Join(", ", like)}" : "tunnelwright explain --list prints them");
        }

        var colours = new Colours(Console.Out);
        Console.WriteLine($"{colours.Bold(entry.Title)} ({entry.Id}, {entry.Group})");
        Console.WriteLine();
        Console.WriteLine(entry.Wrong);
        Console.WriteLine($"Recognised by: {entry.Evidence}");
        Console.WriteLine($"Who acts:      {entry.Owner}");
        Console.WriteLine($"What to do:    {entry.Remedy}");
        return ExitCodes.Done;
    }

    private static int Print(string text)
    {
        Console.Write(text);
        return ExitCodes.Done;
    }
}
