using System.Globalization;
using System.Text.RegularExpressions;

namespace Tunnelwright.EndToEnd;

/// <summary>What the doctor is to say about a fault, where that is not simply its cause and nothing else.</summary>
internal enum Expectation
{
    /// <summary>The cause, and no other finding.</summary>
    Cause,

    /// <summary>The agent heals it: healthy, and what the agent saw of it since is told; the cause is right as well when the doctor comes in time.</summary>
    Healed,

    /// <summary>From this end it looks exactly like another cause: that one on top, and this one named as its rival.</summary>
    Rival,
}

/// <summary>One fault in one lab, and what came out.</summary>
internal sealed record MatrixRow(string Fault, string Cause, string Lab, string Outcome, bool IsRight, double Seconds);

/// <summary>How each fault is tried.</summary>
internal static partial class MatrixPlan
{
    private static readonly string[] Ports = ["--port", "10.8.2.30:5432", "--port", "10.8.2.10:443"];

    /// <summary>How long until a fault shows at all: a hold time of 30 s has to run out, packets have to be lost.</summary>
    public static TimeSpan SettlingOf(string fault) => fault switch
    {
        "bgp-hold-timer" or "bgp-session-down" => TimeSpan.FromSeconds(34),
        "bgp-not-established" => TimeSpan.FromSeconds(16),
        _ when IsOfTheOtherEnd(fault) => TimeSpan.FromSeconds(7),
        _ => TimeSpan.FromSeconds(3),
    };

    /// <summary>Settings of the cloud's end: while they are loaded there, one attempt of this end fails for other reasons.</summary>
    private static bool IsOfTheOtherEnd(string fault) => fault is "psk-mismatch" or "identity-mismatch" or "ike-version-mismatch" or "ike-proposal-mismatch" or "ike-group-mismatch" or "esp-proposal-mismatch" or "pfs-mismatch" or "unknown-peer" or "bgp-asn-mismatch";

    /// <summary>Where the doctor is run, and what it is told.</summary>
    public static (string Host, string[] Options) CallFor(string fault) => fault switch
    {
        "security-group-closed" or "security-group-closed-web" or "port-closed" => (TestLab.Gateway, Ports),
        "dns-no-forwarder" or "dns-cname-escapes" => (TestLab.Gateway, ["--lookup", "web.cloud.example", "--lookup", "orders.c9xk2.eu-west-1.rds.amazonaws.com"]),
        "dns-stale-address" => ("customer-host", ["--dns", "10.8.2.2"]),
        _ => (TestLab.Gateway, []),
    };

    public static Expectation ExpectationOf(string fault, int version) => fault switch
    {
        "peer-deletes" or "nat-mapping-changed" or "reverse-path-filter" or "customer-charon-killed" or "customer-bird-killed" or "endpoint-rebooted" => Expectation.Healed,
        "psk-missing" or "identity-mismatch" when version == 2 => Expectation.Rival,
        "auth-method-unsupported" => Expectation.Rival,
        "esp-proposal-mismatch" when version == 1 => Expectation.Rival,
        _ => Expectation.Cause,
    };

    /// <summary>Whether the fault shows only when the SA pair is renewed (RFC 7296 section 1.2): then it is renewed.</summary>
    public static bool NeedsRenewal(string fault, int version) => fault == "pfs-mismatch" && version == 2;

    /// <summary>Whether the report is what the fault is to come to.</summary>
    /// <param name="expectation">What is expected of it.</param>
    /// <param name="fault">The fault.</param>
    /// <param name="cause">Its cause.</param>
    /// <param name="report">What the doctor said.</param>
    /// <param name="since">How long ago the fault was injected: what is older is another one's.</param>
    public static bool IsRight(Expectation expectation, string fault, string cause, DoctorReport report, TimeSpan since) => expectation switch
    {
        Expectation.Healed => (report.Verdict == "healthy" && IsTold(fault, cause, report, since)) || Is(cause, report),
        Expectation.Rival => Is(cause, report) || (report.Findings.Count == 1 && report.Findings[0].Rivals.Contains(cause)),
        _ => Is(cause, report),
    };

    /// <summary>Whether the history has an event of this fault. The agent names what it saw: a peer that was started anew, or a NAT that forgot, is first of all one that stopped answering.</summary>
    private static bool IsTold(string fault, string cause, DoctorReport report, TimeSpan since)
    {
        // Strict source validation is put right before anything happens to a tunnel.
        if (fault == "reverse-path-filter") return report.Checks.Any(check => check is { Name: "source validation", Result: "pass" });
        string[] seen = fault switch
        {
            "endpoint-rebooted" or "nat-mapping-changed" => [cause, "dpd-timeout", "peer-deleted"],
            "customer-bird-killed" => [cause, "daemon-not-running"],
            _ => [cause],
        };
        return report.Checks.Any(check => check.Name == "history" && Age().Match(check.Detail) is { Success: true } age
            && int.Parse(age.Groups["seconds"].Value, CultureInfo.InvariantCulture) <= since.TotalSeconds + 1 && seen.Any(word => check.Detail.EndsWith($"[{word}]", StringComparison.Ordinal)));
    }

    private static bool Is(string cause, DoctorReport report) => report.Findings.Count == 1 && report.Findings[0].Cause == cause;

    [GeneratedRegex(@"(?<seconds>\d+) s ago", RegexOptions.None, 1000)]
    private static partial Regex Age();
}
