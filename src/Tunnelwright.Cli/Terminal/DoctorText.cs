using Tunnelwright.Diagnosis;

namespace Tunnelwright.Cli;

/// <summary>What the doctor says: each check as it is done, then the findings.</summary>
internal sealed class DoctorText
{
    private const int NameWidth = 18;
    private const int LeastWidth = 60;
    private const int MostWidth = 160;

    private readonly TextWriter _output;
    private readonly Colours _colours;
    private readonly int _width;

    /// <summary>Writes to a terminal or a file.</summary>
    /// <param name="output">Standard output or standard error.</param>
    public DoctorText(TextWriter output)
    {
        (_output, _colours) = (output, new Colours(output));
        _width = Width(output);
    }

    /// <summary>Tells a check.</summary>
    public void Tell(Check check)
    {
        var mark = check.Result switch { "pass" => _colours.Green("✓"), "fail" => _colours.Red("✗"), _ => _colours.Dim("–") };
        var lines = Wrapped(check.Detail, _width - NameWidth - 4);
        for (var index = 0; index < lines.Count; index++)
        {
            var name = index == 0 ? $" {mark} {check.Name.PadRight(NameWidth)}" : new string(' ', NameWidth + 3);
            _output.WriteLine($"{name} {(check.Result == "fail" ? lines[index] : _colours.Dim(lines[index]))}");
        }
    }

    /// <summary>Tells the verdict.</summary>
    /// <param name="report">What the doctor came to.</param>
    /// <param name="withChecks">Whether the checks are told, too, because nobody has seen them yet.</param>
    public void Tell(DiagnosisReport report, bool withChecks)
    {
        if (withChecks)
        {
            foreach (var check in report.Checks) Tell(check);
        }

        _output.WriteLine();
        _output.WriteLine(report.Verdict switch
        {
            "healthy" => $"{_colours.Green("healthy")}: nothing is wrong",
            "faulty" => $"{_colours.Red("faulty")}: {report.Findings.Count} {(report.Findings.Count == 1 ? "cause" : "causes")}",
            _ => $"{_colours.Yellow("unknown")}: {Open(report)}",
        });
        for (var index = 0; index < report.Findings.Count; index++) Tell(index + 1, report.Findings[index]);
    }

    private void Tell(int number, Finding finding)
    {
        var tunnel = finding.Tunnel is { } which ? $", tunnel {which}" : "";
        _output.WriteLine();
        _output.WriteLine($" {number}  {_colours.Bold(finding.Title)}  {_colours.Dim($"{finding.Cause}{tunnel}, {Math.Round(finding.Certainty * 100)} % sure")}");
        foreach (var line in finding.Evidence) Row("seen", $"{line.Text}  {_colours.Dim($"({line.Source}{(line.Line is { } at ? $":{at}" : "")})")}");
        Row("do", finding.Remedy);
        Row("who", finding.Owner switch { "customer" => "you", "provider" => "the provider", "path" => "whoever runs the path: internet provider, firewalls between", _ => "nobody" });
        if (finding.Hides.Count > 0) Row("explains", string.Join(", ", finding.Hides));
        if (finding.RuledOut.Count > 0) Row("ruled out", $"{string.Join(", ", finding.RuledOut)}: the evidence above is this cause's own");
        if (finding.Rivals.Count > 0) Row("or", string.Join(", ", finding.Rivals));
        if (finding.DecidedBy is { } decides) Row("decided by", decides);
    }

    private void Row(string name, string text)
    {
        var lines = Wrapped(text, _width - 16);
        for (var index = 0; index < lines.Count; index++) _output.WriteLine($"    {_colours.Dim((index == 0 ? name : "").PadRight(10))}  {lines[index]}");
    }

    private static string Open(DiagnosisReport report) => report.Checks.Any(check => check.Result == "fail")
        ? "something is not as it should be, and what was seen does not tell why"
        : "too little could be seen for a verdict";

    private static List<string> Wrapped(string text, int width)
    {
        var lines = new List<string>();
        var line = "";
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + word.Length + 1 > width)
            {
                lines.Add(line);
                line = "";
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        lines.Add(line);
        return lines;
    }

    private static int Width(TextWriter output)
    {
        if (output == Console.Error ? Console.IsErrorRedirected : Console.IsOutputRedirected) return MostWidth;
        try
        {
            return Math.Clamp(Console.WindowWidth, LeastWidth, MostWidth);
        }
        catch (IOException)
        {
            return LeastWidth + 20;
        }
    }
}
