using System.Globalization;

namespace Tunnelwright.Gateway;

/// <summary>How events are told.</summary>
internal static class EventWords
{
    /// <summary>A cause in words that follow "was up for …:".</summary>
    public static string Cause(string cause) => cause switch
    {
        "daemon-not-running" => "its IKE daemon ended",
        "dpd-timeout" => "the peer stopped answering",
        "peer-deleted" => "the peer deleted the SA",
        "psk-mismatch" => "the peer refused the authentication",
        "ike-proposal-mismatch" => "the peer refused the proposal",
        "pfs-mismatch" => "the peer refused to renew the SA pair",
        "esp-proposal-mismatch" => "the peer refused the proposal of the SA pair",
        "ts-mismatch" => "the peer refused the traffic selectors",
        _ => "the SA is gone",
    };

    /// <summary>The cause of a session's end, by BIRD's last error.</summary>
    public static string SessionCause(string? error) => error switch
    {
        not null when error.Contains("Hold timer", StringComparison.OrdinalIgnoreCase) => "bgp-hold-timer",
        not null when error.Contains("peer AS", StringComparison.OrdinalIgnoreCase) => "bgp-asn-mismatch",
        not null when error.Contains("limit", StringComparison.OrdinalIgnoreCase) => "bgp-prefix-limit",
        _ => "bgp-not-established",
    };

    /// <summary>A span as people say it.</summary>
    public static string Span(TimeSpan span) => span.TotalSeconds switch
    {
        < 10 => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(span.TotalSeconds, 0):0.0} s"),
        < 120 => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0} s"),
        < 7200 => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0} min"),
        < 172_800 => string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0} days"),
    };
}
