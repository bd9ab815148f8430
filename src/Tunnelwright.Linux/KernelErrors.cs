using System.Collections.Frozen;
using System.Runtime.InteropServices;

namespace Tunnelwright.Linux;

/// <summary>Errno numbers (asm-generic, the same on x86-64 and arm64), their names, and the way back from the words that tools print.</summary>
internal static class KernelErrors
{
    internal const int NotPermitted = 1;
    internal const int NoEntry = 2;
    internal const int NoProcess = 3;
    internal const int Interrupted = 4;
    internal const int NoChild = 10;
    internal const int TryAgain = 11;
    internal const int Access = 13;
    internal const int Exists = 17;
    internal const int NoDevice = 19;
    internal const int NotDirectory = 20;
    internal const int Invalid = 22;
    internal const int MessageSize = 90;
    internal const int NotSupported = 95;
    internal const int AddressNotAvailable = 99;
    internal const int NetworkUnreachable = 101;
    internal const int ConnectionReset = 104;
    internal const int ConnectionRefused = 111;
    internal const int TimedOut = 110;
    internal const int HostUnreachable = 113;

    private static readonly FrozenDictionary<int, string> Names = new Dictionary<int, string>
    {
        [1] = "EPERM", [2] = "ENOENT", [3] = "ESRCH", [4] = "EINTR", [5] = "EIO", [6] = "ENXIO", [7] = "E2BIG", [8] = "ENOEXEC",
        [9] = "EBADF", [10] = "ECHILD", [11] = "EAGAIN", [12] = "ENOMEM", [13] = "EACCES", [14] = "EFAULT", [16] = "EBUSY",
        [17] = "EEXIST", [18] = "EXDEV", [19] = "ENODEV", [20] = "ENOTDIR", [21] = "EISDIR", [22] = "EINVAL", [23] = "ENFILE",
        [24] = "EMFILE", [25] = "ENOTTY", [26] = "ETXTBSY", [27] = "EFBIG", [28] = "ENOSPC", [30] = "EROFS", [32] = "EPIPE",
        [33] = "EDOM", [34] = "ERANGE", [36] = "ENAMETOOLONG", [38] = "ENOSYS", [39] = "ENOTEMPTY", [40] = "ELOOP", [61] = "ENODATA",
        [71] = "EPROTO", [75] = "EOVERFLOW", [76] = "ENOTUNIQ", [88] = "ENOTSOCK", [89] = "EDESTADDRREQ", [90] = "EMSGSIZE",
        [91] = "EPROTOTYPE", [92] = "ENOPROTOOPT", [93] = "EPROTONOSUPPORT", [94] = "ESOCKTNOSUPPORT", [95] = "EOPNOTSUPP",
        [96] = "EPFNOSUPPORT", [97] = "EAFNOSUPPORT", [98] = "EADDRINUSE", [99] = "EADDRNOTAVAIL", [100] = "ENETDOWN",
        [101] = "ENETUNREACH", [102] = "ENETRESET", [103] = "ECONNABORTED", [104] = "ECONNRESET", [105] = "ENOBUFS",
        [106] = "EISCONN", [107] = "ENOTCONN", [110] = "ETIMEDOUT", [111] = "ECONNREFUSED", [112] = "EHOSTDOWN",
        [113] = "EHOSTUNREACH", [114] = "EALREADY", [115] = "EINPROGRESS",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, int> ByWords =
        Names.Keys.ToDictionary(Marshal.GetPInvokeErrorMessage, number => number).ToFrozenDictionary();

    // The kernel's extended acknowledgements carry words of their own in place of an errno; these are the ones that decide something.
    private static readonly (string Fragment, int Number)[] ExtendedWords =
    [
        ("Cannot find device", NoDevice),
        ("Device does not exist", NoDevice),
        ("does not exist.", NoDevice),
        ("Invalid \"netns\" value", NoEntry),
        ("Address already assigned", Exists),
        ("Address not found", AddressNotAvailable),
        ("FIB table does not exist", NoEntry),
        ("Unknown device type", NotSupported),
        ("Nexthop has invalid gateway", NetworkUnreachable),
        ("algorithm not found", 38),
    ];

    internal static string NameOf(int number) => Names.GetValueOrDefault(number, "");

    /// <summary>
    /// Reads what a tool printed on standard error: the first line that tells something, without the tool's own prefix, and the errno that
    /// it stands for (0 when none does).
    /// </summary>
    internal static (int Number, string Words) Read(string standardError)
    {
        var words = "";
        foreach (var range in standardError.AsSpan().Split('\n'))
        {
            var line = standardError.AsSpan()[range].Trim();
            if (line.IsEmpty || line.StartsWith("Command failed ") || line.StartsWith("Dump terminated"))
                continue;
            words = Strip(line);
            break;
        }

        // FIB table comes before the general "does not exist."
        if (words.Contains("FIB table does not exist", StringComparison.Ordinal))
            return (NoEntry, words);
        foreach (var (fragment, number) in ExtendedWords)
            if (words.Contains(fragment, StringComparison.OrdinalIgnoreCase))
                return (number, words);
        if (ByWords.TryGetValue(words, out var exact))
            return (exact, words);
        var colon = words.LastIndexOf(": ", StringComparison.Ordinal);
        return colon >= 0 && ByWords.TryGetValue(words[(colon + 2)..], out var last) ? (last, words) : (0, words);
    }

    private static string Strip(ReadOnlySpan<char> line)
    {
        foreach (var prefix in (ReadOnlySpan<string>)["RTNETLINK answers: ", "RTNETLINK1 answers: ", "Error: "])
            if (line.StartsWith(prefix))
                return line[prefix.Length..].ToString();
        return line.ToString();
    }
}
