using System.Globalization;
using System.Text;

namespace Tunnelwright.Gateway;

/// <summary>Why a tunnel went down, from what was seen and from what its charon wrote last about it.</summary>
internal static class DownCause
{
    /// <summary>No cause could be found.</summary>
    public const string Unknown = "unknown";

    /// <summary>The charon that held the tunnel has ended.</summary>
    public const string DaemonGone = "daemon-not-running";

    /// <summary>The SA pair is there and nothing comes back.</summary>
    public const string Silence = "dpd-timeout";

    private const int TailBytes = 16 << 10;
    private static readonly TimeSpan Recent = TimeSpan.FromSeconds(60);

    /// <summary>A tunnel is seen to be up after charon has written so, and as it is written.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(1);

    private static readonly (string Words, string Cause)[] Meanings =
    [
        ("received DELETE for", "peer-deleted"),
        ("giving up after", "dpd-timeout"),
        // The first pair of an IKE SA came up with the same proposal, without a group of its own (RFC 7296 section 1.2).
        ("CHILD_SA rekeying failed", "pfs-mismatch"),
        ("received NO_PROPOSAL_CHOSEN notify, no CHILD_SA built", "esp-proposal-mismatch"),
        ("received AUTHENTICATION_FAILED", "psk-mismatch"),
        ("received NO_PROPOSAL_CHOSEN", "ike-proposal-mismatch"),
        ("received TS_UNACCEPTABLE", "ts-mismatch"),
    ];

    /// <summary>What the newest line about the tunnel that has a meaning says; older than a minute, or than its IKE SA, it does not tell how that ended.</summary>
    /// <param name="logFile">The log of the tunnel's charon; null when that is not known.</param>
    /// <param name="name">The tunnel's name in charon.</param>
    /// <param name="now">The local time, as charon writes it.</param>
    /// <param name="stood">How long its IKE SA has been seen.</param>
    /// <returns>The cause's id, or <see cref="Unknown"/>.</returns>
    public static string FromLog(string? logFile, string name, DateTimeOffset now, TimeSpan stood) =>
        logFile is null ? Unknown : FromLines(Tail(logFile), name, now, stood);

    internal static string FromLines(string tail, string name, DateTimeOffset now, TimeSpan stood)
    {
        var age = stood < Recent - Tolerance ? stood + Tolerance : Recent;
        foreach (var line in tail.Split('\n').Reverse())
        {
            if (!line.Contains($"<{name}|", StringComparison.Ordinal)) continue;
            var stamp = line.IndexOf(' ', StringComparison.Ordinal);
            if (stamp < 0 || !DateTime.TryParse(line.AsSpan(0, stamp), CultureInfo.InvariantCulture, DateTimeStyles.None, out var at)) continue;
            if ((now.DateTime - at).Duration() > age) return Unknown;
            foreach (var (words, cause) in Meanings)
            {
                if (line.Contains(words, StringComparison.Ordinal)) return cause;
            }
        }

        return Unknown;
    }

    private static string Tail(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > TailBytes) file.Seek(-TailBytes, SeekOrigin.End);
            var bytes = new byte[TailBytes];
            return Encoding.UTF8.GetString(bytes, 0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
