using System.Net;
using System.Text;

namespace Tunnelwright.Diagnosis.Tests;

/// <summary>Short logs in the words of each product, and what they must come to.</summary>
public sealed class LogFixtureTests
{
    public static TheoryData<string, string> Names => [.. Fixture.All.Keys.Select(name => (name, Fixture.All[name].Expected))];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_cause_comes_out_on_top(string name, string expected)
    {
        var report = Fixture.Diagnose(Fixture.All[name].Text);
        var said = report.Findings.Count > 0 ? report.Findings[0].Cause : report.Verdict;
        Assert.True(said == expected, $"{name}: {expected} expected, said {Fixture.Show(report)}");
        if (expected is "healthy" or "unknown") Assert.Empty(report.Findings);
        else Assert.All(report.Findings, finding => Assert.NotEmpty(finding.Evidence));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Line_ends_and_packing_do_not_matter(string name, string expected)
    {
        var text = Fixture.All[name].Text;
        var windows = Fixture.Diagnose(text.Replace("\n", "\r\n"));
        var packed = Fixture.Diagnose(Fixture.Gzip(Encoding.UTF8.GetBytes(text)));
        var wide = Fixture.Diagnose([0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)]);
        var escaped = Fixture.Diagnose(WebUtility.HtmlEncode(text));
        var typeset = Fixture.Diagnose(text.Replace('"', '\u201d').Replace('\'', '\u2019'));
        foreach (var report in new[] { windows, packed, wide, escaped, typeset }) Assert.Equal(expected, report.Findings.Count > 0 ? report.Findings[0].Cause : report.Verdict);
    }
}
