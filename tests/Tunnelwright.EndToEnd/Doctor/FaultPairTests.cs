using System.Globalization;

namespace Tunnelwright.EndToEnd;

/// <summary>Two faults at once: both are found, or the one that hides the other is, and, once it is gone, the other. Nothing else is claimed.</summary>
[Trait("plane", "userspace")]
[Trait("part", "doctor")]
public sealed class FaultPairTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongerSettling = TimeSpan.FromSeconds(15);

    /// <summary>Fault and tunnel (0: not about one), twice.</summary>
    private static readonly (string First, int Of, string Second, int And)[] Pairs =
    [
        ("psk-mismatch", 1, "esp-blocked", 2),
        ("psk-mismatch-customer", 1, "ike-proposal-mismatch", 2),
        ("ike-proposal-mismatch", 1, "esp-proposal-mismatch-customer", 2),
        ("udp500-blocked", 1, "udp4500-blocked", 2),
        ("peer-not-listening", 1, "black-hole", 2),
        ("stale-peer-address", 1, "psk-mismatch-customer", 2),
        ("esp-blocked", 1, "firewall-blocks-forward", 0),
        ("mtu-blackhole", 1, "psk-mismatch", 2),
        ("ike-version-mismatch", 1, "ts-mismatch", 2),
        ("endpoint-silent", 1, "mtu-blackhole", 2),
        ("udp500-blocked", 1, "route-blackhole", 0),
        ("identity-mismatch-customer", 1, "forwarding-disabled-lan", 0),
        ("unknown-peer", 1, "endpoint-unroutable", 2),
        ("esp-proposal-mismatch", 1, "firewall-blocks-answers", 0),
        ("black-hole", 1, "whole-range-not-allowed", 0),
        ("pfs-mismatch-customer", 1, "udp4500-blocked", 2),
        ("phase2-lifetime-out-of-range", 1, "black-hole", 2),
        ("ike-lifetime-out-of-range", 1, "dns-tcp-blocked", 0),
        ("local-address-missing", 1, "esp-blocked", 2),
        ("psk-missing-customer", 1, "dns-unreachable", 0),
        ("both-tunnels-not-configured", 2, "udp500-blocked", 1),
        ("both-tunnels-not-configured", 2, "onsite-dns-unreachable", 0),
        ("firewall-blocks-forward", 0, "dns-unreachable", 0),
        ("route-missing", 0, "esp-blocked", 2),
        ("overlapping-networks", 0, "psk-mismatch", 2),
        ("forwarding-disabled-lan", 0, "onsite-dns-frozen", 0),
        ("source-dest-check", 0, "dns-tcp-blocked", 0),
        ("dpd-rate-limited", 1, "psk-mismatch", 2),
        ("ike-fragments-dropped", 1, "range-not-registered", 0),
        ("uplink-down", 0, "route-blackhole", 0),
    ];

    private static readonly string[][] Labs = [["--ike", "2", "--routing", "static"], ["--ike", "2", "--routing", "bgp"], ["--ike", "2", "--routing", "static"], ["--ike", "2", "--routing", "bgp"]];

    [Fact]
    public async Task Two_faults_are_told_apart()
    {
        var wrong = (await Task.WhenAll(Labs.Select((options, index) => RunAsync(options, [.. Pairs.Where((_, number) => number % Labs.Length == index)])))).SelectMany(found => found).ToList();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Pairs.Length} pairs, {wrong.Count} wrong"));
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private async Task<List<string>> RunAsync(string[] options, (string First, int Of, string Second, int And)[] pairs)
    {
        await using var lab = await FaultLab.UpAsync(options);
        var wrong = new List<string>();
        foreach (var pair in pairs)
        {
            var told = await TryAsync(lab, pair, Settling);
            // A busy machine may be late with what a fault does: a pair that was not told apart is tried once more, with more time.
            if (told.Count > 0)
            {
                foreach (var line in told) output.WriteLine($"tried once more: {line}");
                told = await TryAsync(lab, pair, LongerSettling);
            }

            wrong.AddRange(told);
        }

        return wrong;
    }

    private async Task<List<string>> TryAsync(FaultLab lab, (string First, int Of, string Second, int And) pair, TimeSpan settling)
    {
        var (first, of, second, and) = pair;
        var report = await LookAsync(lab, settling, (first, of), (second, and));
        string[] causes = [Cause(first), Cause(second)];
        var found = report.Findings.Select(finding => finding.Cause).ToList();
        if (found.Count == 0 || found.Exists(cause => !causes.Contains(cause))) return [$"{first} {of} + {second} {and}: {report.Describe()}"];
        var wrong = new List<string>();
        foreach (var (fault, tunnel) in new[] { (first, of), (second, and) }.Where(item => !found.Contains(Cause(item.Item1))))
        {
            output.WriteLine($"{first} + {second}: {fault} is hidden at first");
            var alone = await LookAsync(lab, settling, (fault, tunnel));
            if (!alone.Findings.Any(finding => finding.Cause == Cause(fault))) wrong.Add($"{fault} {tunnel} after the other was healed: {alone.Describe()}");
        }

        return wrong;
    }

    private static async Task<DoctorReport> LookAsync(FaultLab lab, TimeSpan settling, params (string Fault, int Tunnel)[] faults)
    {
        foreach (var (fault, tunnel) in faults) await InjectAsync(lab, fault, tunnel);
        await Task.Delay(settling, TestContext.Current.CancellationToken);
        var report = await DoctorReport.AskAsync(lab.Lab);
        await lab.ReadyAsync();
        return report;
    }

    private static string Cause(string fault) => Lab.Faults.LabFaults.All.First(known => known.Name == fault).Cause;

    private static Task InjectAsync(FaultLab lab, string fault, int tunnel) => lab.InjectAsync(fault, tunnel == 0 || !Lab.Faults.LabFaults.All.First(known => known.Name == fault).TakesTunnel ? null : tunnel);
}
