using System.Globalization;
using Tunnelwright.Cli.Commands;

namespace Tunnelwright.Cli.Terminal;

/// <summary>What dns lookup prints for people: the chain once for each type, one record a line, and who said it.</summary>
internal static class DnsLookupText
{
    public static void Write(TextWriter output, DnsLookupDocument document)
    {
        var colours = new Colours(output);
        foreach (var answer in document.Answers) Write(output, colours, document.Name, answer);
        if (document.Public is null) return;
        output.WriteLine(document.DiffersFromPublic == true ? colours.Bold("a public resolver says otherwise:") : "a public resolver says the same:");
        foreach (var answer in document.Public) Write(output, colours, document.Name, answer);
    }

    private static void Write(TextWriter output, Colours colours, string name, DnsAnswerDocument answer)
    {
        output.WriteLine($"{colours.Bold(name)} {answer.Type}  {colours.Dim(Source(answer))}");
        var width = answer.Chain.Count == 0 ? 0 : answer.Chain.Max(record => record.Owner.Length);
        foreach (var record in answer.Chain)
        {
            var scope = (record.Scope, record.Tunnel) switch
            {
                ({ } where, { } tunnel) => "  " + colours.Green($"{where}, through {tunnel}"),
                ("private", _) => "  " + colours.Green("private"),
                ("public", _) => "  " + colours.Yellow("public"),
                _ => "",
            };
            output.WriteLine($"  {record.Owner.PadRight(width)}  {record.Type,-5}  {record.Data}{scope}  {colours.Dim($"{record.TtlSeconds} s")}");
        }

        if (Remark(answer) is { } remark) output.WriteLine($"  {colours.Yellow(remark)}");
    }

    private static string Source(DnsAnswerDocument answer) => string.Create(CultureInfo.InvariantCulture, $"{answer.Server}, {answer.Transport.ToUpperInvariant()}, {answer.Milliseconds:0.0} ms");

    private static string? Remark(DnsAnswerDocument answer)
    {
        var stale = answer.ExtendedError is 3 or 19 ? "an expired answer: the forwarder reaches none of the name's servers" : null;
        if (answer.Problem is { } problem) return answer.Chain.Count == 0 ? problem : $"the chain's end could not be asked for: {problem}";
        if (answer.Loops) return "the chain comes back to itself, or has more than 16 aliases";
        if (answer.Code != "NOERROR") return $"{answer.Code}{(answer.ExtendedError is { } error && stale is null ? $", extended error {error}" : "")}{(stale is null ? "" : $"; {stale}")}";
        if (!answer.Chain.Any(record => record.Type == answer.Type || answer.Type == "ANY")) return answer.Chain.Count == 0 ? "no such record" : "the chain ends without such a record";
        return stale ?? (answer.CompleteAtOnce ? null : "the server gave the chain in pieces: a resolver that asks it would look for the rest elsewhere");
    }
}
