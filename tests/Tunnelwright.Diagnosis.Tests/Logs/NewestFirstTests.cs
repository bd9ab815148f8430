using System.Text;

namespace Tunnelwright.Diagnosis.Tests;

/// <summary>Logs that were copied from a web page with the newest line on top.</summary>
public sealed class NewestFirstTests
{
    private const string Newest = "2026-03-01T10:00:09 07[IKE] <a|1> received TS_UNACCEPTABLE notify, no CHILD_SA built";
    private const string Middle = "2026-03-01T10:00:05 07[ENC] <a|1> generating IKE_AUTH request 1 [ IDi AUTH SA TSi TSr ]";
    private const string Oldest = "2026-03-01T10:00:01 07[IKE] <a|1> initiating IKE_SA a[1] to 203.0.113.2";

    [Theory]
    [InlineData(true, Newest, Middle, Oldest)]
    [InlineData(true, Newest, "  a line without a time", Middle, Oldest)]
    [InlineData(false, Oldest, Middle, Newest)]
    [InlineData(false, Newest, Middle, Oldest, Middle)]
    [InlineData(false, Newest, Newest, Newest)]
    [InlineData(false, Newest, Middle)]
    [InlineData(false)]
    public void The_order_is_seen(bool expected, params string[] lines) => Assert.Equal(expected, NewestFirst.Is(Encoding.UTF8.GetBytes(string.Join('\n', lines))));

    [Theory]
    [InlineData(true, "10:00:00 07[NET] <a|1> sending packet: from 203.0.113.2[500] to 198.51.100.2[500] (80 bytes)", "10:00:00 07[ENC] <a|1> generating INFORMATIONAL request 4 [ ]")]
    [InlineData(true, "07[CFG] <a|1> configured proposals: ESP:AES_GCM_16_128/MODP_2048/NO_EXT_SEQ", "07[CFG] <a|1> received proposals: ESP:AES_GCM_16_128/NO_EXT_SEQ")]
    [InlineData(false, "07[CFG] <a|1> received proposals: ESP:AES_GCM_16_128/NO_EXT_SEQ", "07[CFG] <a|1> configured proposals: ESP:AES_GCM_16_128/MODP_2048/NO_EXT_SEQ")]
    [InlineData(false, "10:00:00 07[NET] <a|1> sending packet: from 203.0.113.2[500] to 198.51.100.2[500] (80 bytes)", "10:00:01 07[ENC] <a|1> generating INFORMATIONAL request 4 [ ]")]
    public void Within_one_second_the_daemons_own_order_tells_it(bool expected, params string[] lines) => Assert.Equal(expected, NewestFirst.Is(Encoding.UTF8.GetBytes(string.Join('\n', lines))));

    [Theory]
    [InlineData("a\nb\nc\n", "c\nb\na\n", 3)]
    [InlineData("a\n\nc", "c\n\na\n", 3)]
    [InlineData("a", "a\n", 1)]
    [InlineData("", "\n", 1)]
    public void Turning_keeps_every_line(string text, string expected, long count)
    {
        Assert.Equal(expected, Encoding.UTF8.GetString(NewestFirst.Turn(Encoding.UTF8.GetBytes(text), out var lines)));
        Assert.Equal(count, lines);
    }

    [Fact]
    public void The_finding_names_the_line_of_the_file()
    {
        var report = Fixture.Diagnose($"{Newest}\n{Middle}\n{Oldest}\n");
        var evidence = Assert.Single(Assert.Single(report.Findings).Evidence);
        Assert.Equal((1L, Newest), (evidence.Line!.Value, evidence.Text));
    }

    [Fact]
    public void A_later_success_that_stands_on_top_ends_the_failure()
    {
        var report = Fixture.Diagnose($"2026-03-01T10:01:00 09[IKE] <a|2> CHILD_SA a{{1}} established with SPIs c1a2b3c4_i c4b3a2c1_o and TS 10.8.0.0/16 === 10.7.0.0/16\n{Newest}\n{Middle}\n{Oldest}\n");
        Assert.Equal("healthy", report.Verdict);
    }
}
