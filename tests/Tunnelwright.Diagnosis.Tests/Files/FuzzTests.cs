using System.Diagnostics;
using System.Text;

namespace Tunnelwright.Diagnosis.Tests;

/// <summary>Whatever the input: a report, in little time and memory.</summary>
public sealed class FuzzTests
{
    private static readonly byte[][] Seeds = [.. Fixture.All.Values.Select(fixture => Encoding.UTF8.GetBytes(fixture.Text)), .. Texts()];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Mutated_files_end_in_a_report(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 1_500; round++) Check([.. Mutate(random)]);
    }

    [Theory]
    [InlineData(4)]
    public void Several_mutated_files_at_once(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 300; round++) Assert.NotNull(Fixture.Diagnose(("a", Mutate(random)), ("b", Mutate(random)), ("c", Seeds[random.Next(Seeds.Length)])).Verdict);
    }

    [Theory]
    [InlineData(5)]
    public void Noise_is_unknown(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 50; round++)
        {
            var noise = new byte[random.Next(200_000)];
            random.NextBytes(noise);
            var report = Fixture.Diagnose(noise);
            Assert.True(report.Verdict == "unknown", Fixture.Show(report));
        }
    }

    [Theory]
    [InlineData("{ ")]
    [InlineData("connections {\n")]
    [InlineData("conn a\n right=198.51.100.2\n also=a\n")]
    [InlineData("\"a\" #1: ")]
    [InlineData("received proposals: ESP:A/B,")]
    [InlineData("<x|1> giving up after ")]
    [InlineData("psk = ")]
    [InlineData("0s")]
    [InlineData(": PSK \"")]
    [InlineData("event_timestamp\":9")]
    [InlineData("\0")]
    [InlineData("pre-shared key PSK secret=\"")]
    public void A_flood_is_bounded(string unit)
    {
        var text = string.Concat(Enumerable.Repeat(unit, (3 << 20) / unit.Length));
        foreach (var content in new[] { text, text.Replace('\n', ' '), text + "\nreceived TS_UNACCEPTABLE notify\n" })
        {
            var clock = Stopwatch.StartNew();
            var before = GC.GetAllocatedBytesForCurrentThread();
            Fixture.Diagnose(content);
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"{clock.Elapsed}");
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1L << 30);
        }
    }

    [Fact]
    public void Broken_gzip_is_said_and_ends_nothing()
    {
        var packed = Fixture.Gzip(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Fixture.All["charon: selectors, initiator v2"].Text, 20_000))));
        var report = Fixture.Diagnose(packed[..(packed.Length / 2)]);
        Assert.Equal("ts-mismatch", report.Findings[0].Cause);
        packed.AsSpan(packed.Length / 2, 64).Fill(0xFF);
        report = Fixture.Diagnose(packed);
        Assert.Contains(report.Checks, check => check.Result is "fail" or "pass");
    }

    [Fact]
    public void What_begins_as_gzip_and_is_none_is_refused_in_one_sentence() =>
        Assert.Equal("it begins as gzip does and cannot be unpacked", Assert.Throws<InvalidDataException>(() => Fixture.Diagnose([0x1F, 0x8B, 0x08, .. Encoding.UTF8.GetBytes("a line of a log, and no packed one at all")])).Message);

    private static void Check(byte[] content)
    {
        var clock = Stopwatch.StartNew();
        var report = Fixture.Diagnose(content);
        Assert.Contains(report.Verdict, new[] { "healthy", "faulty", "unknown" });
        Assert.Equal(report.Verdict == "faulty", report.Findings.Count > 0);
        Assert.All(report.Findings, finding => Assert.InRange(finding.Certainty, 0.1, 1));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"{clock.Elapsed}");
    }

    private static byte[] Mutate(Random random)
    {
        var bytes = Seeds[random.Next(Seeds.Length)].ToList();
        for (var change = random.Next(1, 12); change > 0; change--)
        {
            var at = random.Next(bytes.Count + 1);
            switch (random.Next(5))
            {
                case 0 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1 when at < bytes.Count:
                    bytes.RemoveRange(at, random.Next(Math.Min(40, bytes.Count - at)));
                    break;
                case 2:
                    bytes.InsertRange(at, Enumerable.Repeat((byte)random.Next(256), random.Next(300)));
                    break;
                case 3:
                    var other = Seeds[random.Next(Seeds.Length)];
                    var start = random.Next(other.Length);
                    bytes.InsertRange(at, other.AsSpan(start, random.Next(other.Length - start)).ToArray());
                    break;
                default:
                    bytes.RemoveRange(0, Math.Min(bytes.Count, random.Next(50)));
                    break;
            }
        }

        return [.. bytes];
    }

    private static IEnumerable<byte[]> Texts() =>
        [Encoding.UTF8.GetBytes(Configurations.Provider), Encoding.UTF8.GetBytes(Configurations.Swanctl), Encoding.UTF8.GetBytes(Configurations.IpsecConf), Encoding.UTF8.GetBytes(Configurations.Secrets)];
}
