using System.Text.RegularExpressions;

namespace Tunnelwright.Formats.Tests;

/// <summary>docs/devices.md: every device has its table, and every line that a table traces to a manual is one that is written.</summary>
public sealed partial class DevicesDocumentTests
{
    [Fact]
    public void Every_traced_line_is_in_a_golden_file_of_its_device()
    {
        var traced = new Dictionary<string, int>(StringComparer.Ordinal);
        var target = "";
        foreach (var line in File.ReadAllLines(Path.GetFullPath(Path.Combine(GoldenFilesTests.Root(), "..", "..", "..", "..", "docs", "devices.md"))))
        {
            if (Heading().Match(line) is { Success: true } heading) target = heading.Groups["target"].Value;
            if (Row().Match(line) is not { Success: true } row) continue;
            Assert.True(row.Groups["manual"].Value.Trim().Length > 0, line);
            var golden = Directory.GetFiles(Path.Combine(GoldenFilesTests.Root(), target), "*", SearchOption.AllDirectories);
            Assert.True(golden.Any(file => File.ReadAllText(file).Contains(row.Groups["line"].Value, StringComparison.Ordinal)), $"{target}: {row.Groups["line"].Value}");
            traced[target] = traced.GetValueOrDefault(target) + 1;
        }

        Assert.Equal(DeviceSamples.Devices.Order(StringComparer.Ordinal), traced.Keys.Order(StringComparer.Ordinal));
        Assert.All(traced.Values, count => Assert.InRange(count, 6, 100));
    }

    [GeneratedRegex(@"^## .* \(`(?<target>[a-z0-9-]+)`\)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^\| [^|]+ \| `(?<line>[^`]+)` \|(?<manual>[^|]+)\|$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Row();
}
