using System.Globalization;
using System.Text;

namespace Tunnelwright.Diagnosis.Tests;

/// <summary>Captures of every format give the same verdict, with the packets it rests on.</summary>
public sealed class CaptureTests
{
    public static TheoryData<string> Cases => [.. CaptureCases.All.Keys];

    public static TheoryData<string> HealthyCases => [.. CaptureCases.Healthy.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_cause_is_on_top(string name)
    {
        var (cause, write) = CaptureCases.All[name];
        foreach (var style in Enum.GetValues<CaptureStyle>())
        {
            var report = Fixture.Diagnose(("uplink.pcap", write(new CaptureBuilder(style)).Build()));
            Assert.True(report.Findings.Count > 0 && report.Findings[0].Cause == cause, $"{style}: {Fixture.Show(report)}");
            Assert.All(report.Findings[0].Evidence, line => Assert.True(line is { Source: "uplink.pcap", Line: > 0 }));
        }
    }

    [Theory]
    [MemberData(nameof(HealthyCases))]
    public void A_tunnel_that_works_is_healthy(string name)
    {
        var report = Fixture.Diagnose(("uplink.pcap", CaptureCases.Healthy[name](new CaptureBuilder()).Build()));
        Assert.True(report.Verdict == "healthy", Fixture.Show(report));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(12)]
    [InlineData(101)]
    [InlineData(108)]
    [InlineData(113)]
    [InlineData(228)]
    [InlineData(276)]
    public void Every_kind_of_link_is_read(int linkType)
    {
        var report = Fixture.Diagnose(("x", CaptureCases.All["proposals"].Write(new CaptureBuilder { LinkType = linkType }).Build()));
        Assert.True(report.Findings.Count > 0 && report.Findings[0].Cause == "ike-proposal-mismatch", Fixture.Show(report));
        Assert.Contains("offered: aes256-prfsha256-sha256-modp2048", report.Findings[0].Evidence[0].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void VLAN_tags_are_passed_over(int tags)
    {
        var capture = new CaptureBuilder();
        capture.Add(0, CaptureCases.Out(500, IkeBuilder.SaInit(5, false)), tags).Add(0.1, CaptureCases.Back(500, IkeBuilder.Refusal(5, 14)), tags);
        Assert.Equal("ike-proposal-mismatch", Fixture.Diagnose(capture.Build()).Findings[0].Cause);
    }

    [Fact]
    public void IPv6_is_read()
    {
        var capture = new CaptureBuilder();
        for (var i = 0; i < 4; i++) capture.Add(i * 4, Frames.Udp("2001:db8::1", 500, "2001:db8::2", 500, IkeBuilder.SaInit(5, false)));
        var finding = Fixture.Diagnose(capture.Build()).Findings[0];
        Assert.Equal("ike-unreachable", finding.Cause);
        Assert.Contains("[2001:db8::1]:500 > [2001:db8::2]:500", finding.Evidence[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Interfaces_have_their_own_links_and_clocks()
    {
        var capture = new CaptureBuilder(CaptureStyle.BlocksBig);
        capture.Add(0, CaptureCases.Out(500, IkeBuilder.SaInit(5, false))).AddSecond(1.5, CaptureCases.Back(500, IkeBuilder.Refusal(5, 14)));
        var evidence = Fixture.Diagnose(("c", capture.Build())).Findings[0].Evidence[0];
        Assert.Equal(2, evidence.Line);
        Assert.StartsWith(CaptureBuilder.Start.AddSeconds(1.5).ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture), evidence.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Packets_that_were_captured_in_part_tell_as_much_as_is_there()
    {
        foreach (var name in (string[])["silence", "port 4500", "key", "data one way", "the peer is gone", "fragments, receiver"])
        {
            var report = Fixture.Diagnose(CaptureCases.All[name].Write(new CaptureBuilder { SnapLength = 96 }).Build());
            Assert.True(report.Verdict == "faulty", $"{name}: {Fixture.Show(report)}");
        }
    }

    [Fact]
    public void NAT_is_told_and_is_no_fault()
    {
        var report = Fixture.Diagnose(Esp(CaptureCases.Out(500, IkeBuilder.SaInit(5, false, from: "192.168.1.7", to: CaptureCases.There))).Build());
        Assert.Equal("healthy", report.Verdict);
        Assert.Contains(report.Checks, check => check.Name == "nat-in-path");
    }

    [Fact]
    public void Gzip_is_read_through() => Assert.Equal("ike-unreachable", Fixture.Diagnose(Fixture.Gzip(CaptureCases.All["silence"].Write(new CaptureBuilder()).Build())).Findings[0].Cause);

    [Fact]
    public void The_tunnel_is_named_when_a_providers_file_is_there()
    {
        var report = Fixture.Diagnose(("provider.txt", Encoding.UTF8.GetBytes(Configurations.Provider.Replace("52.17.8.77", CaptureCases.There))), ("c", CaptureCases.All["proposals"].Write(new CaptureBuilder()).Build()));
        Assert.Contains(report.Findings, finding => finding is { Cause: "ike-proposal-mismatch", Tunnel: 2 });
    }

    [Fact]
    public void Missing_sequence_numbers_are_counted()
    {
        var capture = new CaptureBuilder();
        foreach (var number in (uint[])[1, 2, 3, 7, 8, 10]) capture.Add(number, Frames.Esp(CaptureCases.Here, CaptureCases.There, 0xC0FFEE, number));
        Assert.Contains(Fixture.Diagnose(capture.Build()).Checks, check => check.Detail.Contains("SPI 00c0ffee: 6 packets, 4 sequence numbers missing", StringComparison.Ordinal));
    }

    [Fact]
    public void Data_to_a_silent_peer_without_IKE_is_no_certainty()
    {
        var capture = new CaptureBuilder();
        for (var i = 1u; i < 30; i++) capture.Add(i, Frames.EspInUdp(CaptureCases.Here, 4500, CaptureCases.There, 4500, 7, i));
        var finding = Fixture.Diagnose(capture.Build()).Findings[0];
        Assert.Equal("esp-blocked", finding.Cause);
        Assert.True(finding is { Certainty: < 0.6, DecidedBy: not null });
    }

    [Fact]
    public void A_file_that_breaks_off_is_read_as_far_as_it_goes()
    {
        foreach (var style in Enum.GetValues<CaptureStyle>())
        {
            var whole = CaptureCases.All["proposals"].Write(new CaptureBuilder(style)).Add(9, CaptureCases.Out(500, IkeBuilder.SaInit(6, false))).Build();
            var report = Fixture.Diagnose(whole[..^9]);
            Assert.Equal("ike-proposal-mismatch", report.Findings[0].Cause);
            Assert.Contains(report.Checks, check => check.Detail.Contains("breaks off", StringComparison.Ordinal));
        }
    }

    private static CaptureBuilder Esp(byte[] first)
    {
        var capture = new CaptureBuilder().Add(0, first);
        for (var i = 1u; i < 9; i++) capture.Add(i, Frames.Esp(CaptureCases.Here, CaptureCases.There, 7, i)).Add(i + 0.1, Frames.Esp(CaptureCases.There, CaptureCases.Here, 8, i));
        return capture;
    }
}
