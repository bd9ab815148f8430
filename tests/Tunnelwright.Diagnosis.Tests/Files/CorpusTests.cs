using System.Runtime.CompilerServices;
using Tunnelwright.Model;

namespace Tunnelwright.Diagnosis.Tests;

/// <summary>Labelled logs of other people that lie beside the repository on the machines that have them.</summary>
public sealed class CorpusTests
{
    [Fact]
    public void Every_labelled_log_is_understood()
    {
        var folder = Folder();
        Assert.SkipWhen(folder is null, "The folder shared/corpus/logs is not beside the repository on this machine.");
        var wrong = new List<string>();
        var count = 0;
        foreach (var row in File.ReadLines(Path.Combine(folder!, "labels.tsv")).Skip(1).Select(line => line.Split('\t')))
        {
            count++;
            var diagnosis = new FileDiagnosis(RequirementProfile.Default);
            diagnosis.Add(row[0], File.OpenRead(Path.Combine(folder!, row[0])));
            var report = diagnosis.Finish();
            var said = report.Findings.Count > 0 ? report.Findings[0].Cause : report.Verdict;
            if (said != row[1]) wrong.Add($"{row[0]}: {row[1]}, said {string.Join(", ", report.Findings.Select(finding => $"{finding.Cause} {finding.Certainty}"))} {report.Verdict}");
        }

        Assert.True(wrong.Count == 0, $"{count - wrong.Count} of {count}\n{string.Join('\n', wrong)}");
        Assert.True(count > 0);
    }

    private static string? Folder([CallerFilePath] string here = "")
    {
        foreach (var start in new[] { AppContext.BaseDirectory, Path.GetDirectoryName(here)! })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                var candidate = Path.Combine(folder.FullName, "shared", "corpus", "logs");
                if (Directory.Exists(candidate)) return candidate;
            }
        }

        return null;
    }
}
