using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text;
using Tunnelwright.Model;

namespace Tunnelwright.Diagnosis.Tests;

/// <summary>A log of the folder Fixtures: "=== name | cause", then its lines.</summary>
internal sealed record Fixture(string Expected, string Text)
{
    public static IReadOnlyDictionary<string, Fixture> All { get; } = Load();

    public static DiagnosisReport Diagnose(string text) => Diagnose(Encoding.UTF8.GetBytes(text));

    public static DiagnosisReport Diagnose(byte[] content) => Diagnose(("log", content));

    public static DiagnosisReport Diagnose(params (string Name, byte[] Content)[] files)
    {
        var diagnosis = new FileDiagnosis(RequirementProfile.Default);
        foreach (var (name, content) in files) diagnosis.Add(name, new MemoryStream(content));
        return diagnosis.Finish();
    }

    public static DiagnosisReport DiagnoseTexts(params (string Name, string Text)[] files) => Diagnose([.. files.Select(file => (file.Name, Encoding.UTF8.GetBytes(file.Text)))]);

    public static string Show(DiagnosisReport report) =>
        $"{report.Verdict}: {string.Join("; ", report.Findings.Select(finding => $"{finding.Cause} {finding.Certainty} ({string.Join(" | ", finding.Evidence.Select(line => $"{line.Source}:{line.Line} {line.Text}"))})"))} {string.Join("; ", report.Checks.Select(check => $"{check.Name} {check.Result} {check.Detail}"))}";

    public static byte[] Gzip(byte[] content)
    {
        using var memory = new MemoryStream();
        using (var packer = new GZipStream(memory, CompressionLevel.Fastest, leaveOpen: true)) packer.Write(content);
        return memory.ToArray();
    }

    private static Dictionary<string, Fixture> Load([CallerFilePath] string here = "")
    {
        var all = new Dictionary<string, Fixture>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Path.GetDirectoryName(here)!, "Fixtures"), "*.txt").Order(StringComparer.Ordinal))
        {
            foreach (var section in ("\n" + File.ReadAllText(file)).Split("\n=== ", StringSplitOptions.RemoveEmptyEntries))
            {
                var end = section.IndexOf('\n', StringComparison.Ordinal);
                var heading = section[..end].Split('|', StringSplitOptions.TrimEntries);
                all.Add($"{Path.GetFileNameWithoutExtension(file)}: {heading[0]}", new Fixture(heading[1], section[(end + 1)..] + "\n"));
            }
        }

        return all;
    }
}
