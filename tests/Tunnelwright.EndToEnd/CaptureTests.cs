using System.Text.Json;
using Tunnelwright.Ike;

namespace Tunnelwright.EndToEnd;

/// <summary>What tcpdump records on the customer's uplink while a fault is there is enough to name the cause.</summary>
public sealed class CaptureTests(FaultLabs labs, ITestOutputHelper output) : IClassFixture<FaultLabs>
{
    private const string File = "/run/uplink.pcap";
    private const string Charon = "charon-systemd";
    private const int LargeBytes = 3000;

    /// <summary>The gateways send again every second and ask for life signs every ten.</summary>
    private static readonly TimeSpan Negotiated = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Flowed = TimeSpan.FromSeconds(25);

    /// <summary>The negotiation that begins anew runs into the fault. It is the same on both data planes, but for UDP 4500, which the kernel uses behind a NAT only.</summary>
    [Theory]
    [Trait("plane", "userspace")]
    [InlineData("black-hole", 1, "ike-unreachable")]
    [InlineData("psk-mismatch", 1, "psk-mismatch")]
    [InlineData("ike-proposal-mismatch", 1, "ike-proposal-mismatch")]
    [InlineData("peer-not-listening", 1, "peer-not-listening")]
    [InlineData("udp4500-blocked", 1, "udp4500-blocked")]
    [InlineData("black-hole", 2, "ike-unreachable")]
    public async Task A_negotiation_that_fails(string fault, int tunnel, string cause)
    {
        var lab = await labs.StaticAsync();
        await lab.InjectAsync(fault, tunnel);
        var report = await RecordAsync(lab, async () =>
        {
            await lab.Lab.KillAsync(Charon);
            await Task.Delay(Negotiated, TestContext.Current.CancellationToken);
        });
        AssertOnTop(report, cause);
    }

    /// <summary>A tunnel that is up loses its data while IKE goes on.</summary>
    [Theory]
    [InlineData("esp-blocked", 1)]
    [InlineData("esp-blocked-in", 2)]
    public async Task Data_does_not_pass(string fault, int tunnel)
    {
        var lab = await labs.StaticAsync();
        var report = await RecordAsync(lab, async () =>
        {
            await lab.InjectAsync(fault, tunnel);
            await Task.Delay(Flowed, TestContext.Current.CancellationToken);
        });
        AssertOnTop(report, "esp-blocked");
    }

    /// <summary>A message that IP cuts gets no answer, a small one does.</summary>
    [Fact]
    public async Task Fragments_are_dropped()
    {
        var lab = await labs.StaticAsync();
        await lab.InjectAsync("ike-fragments-dropped", 1);
        var large = $"{lab.Lab.Host(TestLab.Gateway).Root}/run/large";
        await System.IO.File.WriteAllBytesAsync(large, LargeMessage());
        var report = await RecordAsync(lab, async () =>
        {
            Assert.Equal(0, (await lab.Lab.TypeAsync("probe", FaultLab.Outside(1))).ExitCode);
            for (var i = 0; i < 5; i++)
            {
                await lab.Lab.OutputAsync(TestLab.Gateway, "bash", "-c", $"exec 3<>/dev/udp/{FaultLab.Outside(1)}/500; dd if=/run/large bs={LargeBytes * 2} status=none >&3");
                await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
            }
        });
        AssertOnTop(report, "ike-fragments-dropped");
    }

    [Fact]
    public async Task Nothing_is_found_on_a_healthy_tunnel()
    {
        var lab = await labs.StaticAsync();
        var report = await RecordAsync(lab, async () =>
        {
            await lab.Lab.KillAsync(Charon);
            await lab.ComesBackAsync(1);
            await lab.ComesBackAsync(2);
            await Task.Delay(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);
        });
        Assert.True(report.RootElement.GetProperty("verdict").GetString() == "healthy", report.RootElement.ToString());
    }

    private async Task<JsonDocument> RecordAsync(FaultLab lab, Func<Task> happen)
    {
        await using var tcpdump = lab.Lab.Start(TestLab.Gateway, "tcpdump", "-i", "uplink", "-U", "-Z", "root", "-w", File);
        await tcpdump.ReachAsync(() => tcpdump.Error.Contains("listening on", StringComparison.Ordinal));
        await happen();
        tcpdump.Signal(Background.Interrupt);
        await tcpdump.EndAsync();
        var path = $"{lab.Lab.Host(TestLab.Gateway).Root}{File}";
        var run = await TestLab.TunnelwrightAsync(["diagnose", path, lab.Lab.File, "--json"]);
        Complaint.AssertNoTrace(run);
        output.WriteLine(run.Output);
        return JsonDocument.Parse(run.Output);
    }

    private static void AssertOnTop(JsonDocument report, string cause)
    {
        var findings = report.RootElement.GetProperty("findings");
        Assert.True(findings.GetArrayLength() > 0 && findings[0].GetProperty("cause").GetString() == cause, report.RootElement.ToString());
        Assert.Contains("uplink.pcap", findings[0].GetProperty("evidence")[0].GetProperty("source").GetString()!, StringComparison.Ordinal);
    }

    /// <summary>IKE_SA_INIT with one long vendor ID.</summary>
    private static byte[] LargeMessage()
    {
        var writer = new IkeMessageWriter(new byte[LargeBytes + 100], new IkeHeader { InitiatorSpi = 0x1122334455667788, MajorVersion = 2, Exchange = IkeExchangeType.SaInit, Flags = IkeHeaderBits.Initiator });
        writer.WritePayload(IkePayloadType.VendorId, new byte[LargeBytes]);
        writer.Finish();
        return writer.Written.ToArray();
    }
}
