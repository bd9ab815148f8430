using System.Globalization;
using System.Text;
using Tunnelwright.Lab.Faults;
using Tunnelwright.Vici;

namespace Tunnelwright.EndToEnd;

/// <summary>Every injectable fault, with IKEv1 and IKEv2, static routing and BGP: the doctor names the right cause and nothing else.</summary>
[Trait("plane", "userspace")]
[Trait("part", "doctor")]
public sealed class FaultMatrixTests(ITestOutputHelper output)
{
    /// <summary>Where the table is to be written: the name of a file with the two marks.</summary>
    private const string TableVariable = "TUNNELWRIGHT_MATRIX_TABLE";

    private const string Begin = "<!-- matrix -->";
    private const string End = "<!-- /matrix -->";

    /// <summary>Two labs for each combination share its faults, so that the waiting is done side by side.</summary>
    private const int LabsEach = 2;

    private static readonly (string Name, string[] Options, int Version)[] Kinds =
    [
        ("IKEv2 static", ["--ike", "2", "--routing", "static"], 2),
        ("IKEv1 static", ["--ike", "1", "--routing", "static", "--nat"], 1),
        ("IKEv2 BGP", ["--ike", "2", "--routing", "bgp", "--nat"], 2),
        ("IKEv1 BGP", ["--ike", "1", "--routing", "bgp"], 1),
    ];

    [Fact]
    public async Task The_doctor_names_the_cause_of_every_fault()
    {
        var started = TimeProvider.System.GetTimestamp();
        var only = Environment.GetEnvironmentVariable("TUNNELWRIGHT_MATRIX_ONLY")?.Split(',');
        var faults = LabFaults.All.Where(fault => only is null || only.Contains(fault.Name)).ToList();
        var rows = (await Task.WhenAll(Kinds.SelectMany(kind => Enumerable.Range(0, LabsEach).Select(part => RunAsync(kind.Name, kind.Options, kind.Version, [.. faults.Where((_, index) => index % LabsEach == part)]))))).SelectMany(part => part).ToList();
        var table = Table(faults, rows);
        output.WriteLine(table);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rows.Count} rows in {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0} s"));
        if (Environment.GetEnvironmentVariable(TableVariable) is { Length: > 0 } path) WriteInto(Path.Combine(TestMachine.Repository(), path), table);
        var wrong = rows.Where(row => !row.IsRight).Select(row => $"{row.Lab}, {row.Fault}: wanted {row.Cause}, got {row.Outcome}").ToList();
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private async Task<List<MatrixRow>> RunAsync(string kind, string[] options, int version, List<FaultDescription> faults)
    {
        await using var lab = await FaultLab.UpAsync(options);
        var rows = new List<MatrixRow>();
        foreach (var fault in faults)
        {
            var row = await TryAsync(lab, kind, version, fault, MatrixPlan.SettlingOf(fault.Name));
            // A busy machine may be late with what a fault does: one that was not named is tried once more, with more time, and told.
            if (!row.IsRight)
            {
                row = await TryAsync(lab, kind, version, fault, (2 * MatrixPlan.SettlingOf(fault.Name)) + TimeSpan.FromSeconds(10));
                if (row.IsRight) row = row with { Outcome = $"{row.Outcome} (second time)" };
            }

            rows.Add(row);
        }

        return rows;
    }

    private async Task<MatrixRow> TryAsync(FaultLab lab, string kind, int version, FaultDescription fault, TimeSpan settling)
    {
        // What the agent heals is told by its history alone: nothing else is to happen to a tunnel at that moment.
        if (MatrixPlan.ExpectationOf(fault.Name, version) == Expectation.Healed) await lab.CalmAsync();
        var started = TimeProvider.System.GetTimestamp();
        var injected = await lab.TypeAsync("inject", fault.Name);
        if (injected.ExitCode == 2) return new MatrixRow(fault.Name, fault.Cause, kind, "–", true, 0);
        Assert.True(injected.ExitCode == 0, $"{kind}: inject {fault.Name}: {injected.Error}");
        if (MatrixPlan.NeedsRenewal(fault.Name, version)) await RenewAsync(lab);
        await Task.Delay(settling, TestContext.Current.CancellationToken);
        var (host, call) = MatrixPlan.CallFor(fault.Name);
        var report = await DoctorReport.AskAsync(lab.Lab, host, call);
        var row = Row(fault, kind, version, report, TimeProvider.System.GetElapsedTime(started));
        if (!row.IsRight) output.WriteLine($"{kind}: {fault.Name}: {report.Describe()}");
        await lab.ReadyAsync();
        return row;
    }

    private static MatrixRow Row(FaultDescription fault, string kind, int version, DoctorReport report, TimeSpan since)
    {
        var right = MatrixPlan.IsRight(MatrixPlan.ExpectationOf(fault.Name, version), fault.Name, fault.Cause, report, since);
        var outcome = report.Findings.Count == 0 ? report.Verdict : string.Join(" + ", report.Findings.Select(finding => finding.Cause));
        var note = !right ? $"**{outcome}**" : outcome == fault.Cause ? "✓" : report.Findings.Count == 0 ? "healed" : $"{outcome}, rival";
        return new MatrixRow(fault.Name, fault.Cause, kind, note, right, report.Took.TotalSeconds);
    }

    private static async Task RenewAsync(FaultLab lab)
    {
        await lab.ComesBackAsync(1);
        await lab.ComesBackAsync(2);
        await lab.Lab.WithCharonsAsync(TestLab.Gateway, async client =>
        {
            foreach (var sa in await client.ListSasAsync()) await client.RekeyAsync(new SaSelector { Child = sa.Name });
        });
    }

    private static string Table(List<FaultDescription> faults, List<MatrixRow> rows)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"| fault | cause | {string.Join(" | ", Kinds.Select(kind => kind.Name))} |\n|---|---|{string.Concat(Kinds.Select(_ => "---|"))}\n");
        foreach (var fault in faults)
            text.Append(CultureInfo.InvariantCulture, $"| {fault.Name} | {fault.Cause} | {string.Join(" | ", Kinds.Select(kind => rows.First(row => row.Fault == fault.Name && row.Lab == kind.Name).Outcome))} |\n");
        return text.ToString();
    }

    private static void WriteInto(string path, string table)
    {
        var text = File.ReadAllText(path);
        var (from, to) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        Assert.True(from >= 0 && to > from, $"{path} lacks the marks {Begin} and {End}");
        File.WriteAllText(path, $"{text[..(from + Begin.Length)]}\n{table}{text[to..]}");
    }
}
