using Tunnelwright.Diagnosis;

namespace Tunnelwright.Cli;

/// <summary>A diagnosis for a person.</summary>
internal static class DiagnosisText
{
    public static void Write(TextWriter output, DiagnosisReport report)
    {
        var colours = new Colours(output);
        output.WriteLine(report.Verdict switch
        {
            "healthy" => colours.Green("healthy"),
            "faulty" => colours.Red("faulty"),
            _ => colours.Yellow("unknown: what was given says too little"),
        });
        for (var i = 0; i < report.Findings.Count; i++) Write(output, colours, i + 1, report.Findings[i]);
        if (report.Checks.Count == 0) return;
        output.WriteLine();
        foreach (var check in report.Checks) output.WriteLine(colours.Dim($"{check.Result,-5} {check.Name}: {check.Detail}"));
    }

    private static void Write(TextWriter output, Colours colours, int number, Finding finding)
    {
        output.WriteLine();
        var tunnel = finding.Tunnel is { } which ? $", tunnel {which}" : "";
        output.WriteLine($"{number}. {colours.Bold(finding.Title)} [{finding.Cause}{tunnel}] {Math.Round(finding.Certainty * 100)} %");
        foreach (var line in finding.Evidence) output.WriteLine($"   {colours.Dim($"{line.Source}{(line.Line is { } at ? $":{at}" : "")}:")} {line.Text}");
        output.WriteLine($"   what to do ({finding.Owner}): {finding.Remedy}");
        if (finding.DecidedBy is { } decides) output.WriteLine($"   what would decide it: {decides}");
        if (finding.Hides.Count > 0) output.WriteLine($"   explains: {string.Join(", ", finding.Hides)}");
        if (finding.Rivals.Count > 0) output.WriteLine($"   or: {string.Join(", ", finding.Rivals)}");
        if (finding.RuledOut.Count > 0) output.WriteLine($"   ruled out: {string.Join(", ", finding.RuledOut)}");
    }
}
