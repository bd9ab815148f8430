using System.Text.Json;
using Tunnelwright.Linux;

namespace Tunnelwright.EndToEnd;

/// <summary>What the doctor printed as JSON.</summary>
internal sealed record DoctorReport(string Verdict, IReadOnlyList<DoctorFinding> Findings, IReadOnlyList<(string Name, string Result, string Detail)> Checks, TimeSpan Took)
{
    /// <summary>Runs the doctor on a host, as a person would.</summary>
    public static async Task<DoctorReport> AskAsync(TestLab lab, string host = TestLab.Gateway, params string[] options)
    {
        var started = TimeProvider.System.GetTimestamp();
        var result = await lab.RunAsync(host, ["tunnelwright", "doctor", "--json", .. options]);
        return Read(result, TimeProvider.System.GetElapsedTime(started));
    }

    /// <summary>Runs it as somebody who is not root.</summary>
    public static async Task<DoctorReport> AskAsNobodyAsync(TestLab lab, params string[] options)
    {
        var started = TimeProvider.System.GetTimestamp();
        var result = await lab.RunAsync(TestLab.Gateway, ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", TestMachine.Program, "doctor", "--json", .. options]);
        return Read(result, TimeProvider.System.GetElapsedTime(started));
    }

    public static DoctorReport Read(CommandResult result, TimeSpan took)
    {
        Assert.True(result.ExitCode is 0 or 1, $"doctor: {result.ExitCode}: {result.Error}");
        Complaint.AssertNoTrace(result);
        using var document = JsonDocument.Parse(result.Output);
        var root = document.RootElement;
        var report = new DoctorReport(
            Text(root, "verdict"),
            [.. root.GetProperty("findings").EnumerateArray().Select(finding => new DoctorFinding(
                Text(finding, "cause"),
                finding.GetProperty("tunnel").ValueKind == JsonValueKind.Number ? finding.GetProperty("tunnel").GetInt32() : null,
                finding.GetProperty("certainty").GetDouble(),
                [.. finding.GetProperty("evidence").EnumerateArray().Select(line => Text(line, "text"))],
                Names(finding, "rivals"),
                Names(finding, "hides"))
            {
                Places = [.. finding.GetProperty("evidence").EnumerateArray().Select(line => $"{Text(line, "source")}{(line.GetProperty("line") is { ValueKind: JsonValueKind.Number } number ? $":{number.GetInt32()}" : "")}")],
                Owner = Text(finding, "owner"),
            })],
            [.. root.GetProperty("checks").EnumerateArray().Select(check => (Text(check, "name"), Text(check, "result"), Text(check, "detail")))],
            took);
        Assert.Equal(report.Verdict == "healthy" ? 0 : 1, result.ExitCode);
        Assert.All(report.Findings, finding => Assert.NotEmpty(finding.Evidence));
        return report;
    }

    /// <summary>The findings and what failed, for a person who reads why a test failed.</summary>
    public string Describe() =>
        $"{Verdict}; {string.Join("; ", Findings.Select(finding => $"{finding.Cause} {finding.Certainty} tunnel {finding.Tunnel} [{string.Join(" | ", finding.Evidence.Take(3))}]"))}; {string.Join("; ", Checks.Where(check => check.Result != "pass" || check.Name == "history").Select(check => $"{check.Result} {check.Name}: {check.Detail}"))}";

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";

    private static List<string> Names(JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray().Select(item => item.GetString() ?? "")];
}

/// <summary>A finding of the doctor's.</summary>
internal sealed record DoctorFinding(string Cause, int? Tunnel, double Certainty, IReadOnlyList<string> Evidence, IReadOnlyList<string> Rivals, IReadOnlyList<string> Hides)
{
    /// <summary>Where each line of evidence is from: the source, and the line where there is one.</summary>
    public IReadOnlyList<string> Places { get; init; } = [];

    public string Owner { get; init; } = "";
}
