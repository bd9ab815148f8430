using System.Globalization;
using System.Text;

namespace Tunnelwright.Gateway;

/// <summary>Why a tunnel went down, from what was seen and from what its charon wrote last about it.</summary>
internal static class DownCause
{
    /// <summary>No cause could be found.</summary>
    public const string Unknown = "unknown";

    private const int TailBytes = 16 << 10;
    private static readonly TimeSpan Recent = TimeSpan.FromSeconds(60);

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

    /// <summary>The cause id.</summary>
    /// <param name="daemonGone">Whether the charon that held the tunnel has ended.</param>
    /// <param name="hasPair">Whether its SA pair is still there.</param>
    /// <param name="logFile">That charon's log.</param>
    /// <param name="name">The tunnel's name in charon.</param>
    /// <param name="now">The local time, as charon writes it.</param>
    public static string Find(bool daemonGone, bool hasPair, string? logFile, string name, DateTimeOffset now)
    {
        if (daemonGone) return "daemon-not-running";
        if (hasPair) return "dpd-timeout";
        return logFile is null ? Unknown : FromLog(Tail(logFile), name, now);
    }

    /// <summary>The newest line about the tunnel that has a meaning and is not older than a minute.</summary>
    internal static string FromLog(string tail, string name, DateTimeOffset now)
    {
        foreach (var line in tail.Split('\n').Reverse())
        {
            if (!line.Contains($"<{name}|", StringComparison.Ordinal)) continue;
            var stamp = line.IndexOf(' ', StringComparison.Ordinal);
            if (stamp < 0 || !DateTime.TryParse(line.AsSpan(0, stamp), CultureInfo.InvariantCulture, DateTimeStyles.None, out var at)) continue;
            if ((now.DateTime - at).Duration() > Recent) return Unknown;
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
