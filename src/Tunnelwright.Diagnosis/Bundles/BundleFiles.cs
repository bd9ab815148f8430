using System.Text;

namespace Tunnelwright.Diagnosis;

/// <summary>The files that a support bundle takes: configurations, state, logs. Folders of private keys are left out.</summary>
/// <param name="root">In front of every path: empty, or another file system's root.</param>
internal sealed class BundleFiles(string root)
{
    private const int LargestFile = 8 << 20;
    private const int MaximumFiles = 1000;
    private const int Depth = 5;

    private static readonly string[] Single =
    [
        "/etc/strongswan.conf", "/etc/ipsec.conf", "/etc/ipsec.secrets", "/etc/bird.conf", "/etc/bird/bird.conf", "/etc/frr/frr.conf", "/etc/resolv.conf",
        "/etc/hosts", "/etc/os-release", "/etc/nftables.conf", "/etc/snmp/snmpd.conf", "/proc/net/xfrm_stat", "/proc/net/snmp", "/proc/net/netstat", "/proc/uptime", "/proc/version",
    ];

    private static readonly string[] Folders =
    [
        "/etc/tunnelwright", "/var/lib/tunnelwright", "/run/tunnelwright", "/etc/swanctl", "/etc/strongswan.d", "/etc/ipsec.d", "/var/log/tunnelwright", "/var/log/strongswan",
    ];

    private static readonly string[] LogsOf = ["charon", "strongswan", "ipsec", "bird", "frr"];

    private static readonly string[] KeyFolders = ["private", "rsa", "ecdsa", "pkcs8", "pkcs12", "bliss", "x509", "x509ca", "x509aa", "x509ac", "x509crl", "x509ocsp", "pubkey", "certs", "cacerts", "crls"];

    private static readonly string[] Sysctls =
    [
        "net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding", "net/ipv4/conf/*/rp_filter", "net/ipv4/conf/*/forwarding", "net/ipv4/conf/*/disable_policy", "net/ipv4/conf/*/disable_xfrm",
        "net/ipv4/conf/*/accept_redirects", "net/ipv4/conf/*/send_redirects", "net/ipv4/ip_no_pmtu_disc", "net/ipv4/tcp_mtu_probing", "net/ipv4/ipfrag_high_thresh", "net/ipv4/ipfrag_time",
        "net/core/xfrm_acq_expires", "net/core/rmem_max", "net/netfilter/nf_conntrack_max", "net/netfilter/nf_conntrack_count", "net/netfilter/nf_conntrack_udp_timeout", "net/netfilter/nf_conntrack_udp_timeout_stream",
    ];

    /// <summary>Every file there is to take, and what could not be looked into.</summary>
    public IEnumerable<BundleSource> All()
    {
        var paths = Single.Concat(Folders.SelectMany(Under)).Concat(Logs()).Distinct(StringComparer.Ordinal).ToList();
        foreach (var path in paths.Take(MaximumFiles)) yield return new BundleSource($"files{path}", path, _ => Task.FromResult(Read(root + path)));
        if (paths.Count > MaximumFiles)
            yield return new BundleSource("files-left-out.txt", "/", _ => Task.FromResult(new BundleText(string.Join('\n', paths.Skip(MaximumFiles)), $"{paths.Count - MaximumFiles} files are left out: a bundle takes {MaximumFiles}")));
        yield return new BundleSource("commands/sysctl.txt", "/proc/sys", _ => Task.FromResult(new BundleText(ReadSysctls())));
    }

    private IEnumerable<string> Under(string folder)
    {
        var whole = root + folder;
        if (!Directory.Exists(whole)) return [folder];
        if (!CanList(whole)) return [folder];
        var found = Directory.EnumerateFiles(whole, "*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = Depth, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Device });
        return found.Select(path => path[root.Length..]).Where(path => !path.Split('/').Any(part => KeyFolders.Contains(part)) && IsText(path)).Order(StringComparer.Ordinal);
    }

    private IEnumerable<string> Logs()
    {
        var whole = $"{root}/var/log";
        return !Directory.Exists(whole) || !CanList(whole) ? [] : Directory.EnumerateFiles(whole).Select(path => path[root.Length..]).Where(path => LogsOf.Any(name => Path.GetFileName(path).StartsWith(name, StringComparison.Ordinal)) && IsText(path)).Order(StringComparer.Ordinal);
    }

    private static bool CanList(string folder)
    {
        try
        {
            using var entries = Directory.EnumerateFileSystemEntries(folder).GetEnumerator();
            entries.MoveNext();
            return true;
        }
        catch (Exception problem) when (problem is UnauthorizedAccessException or IOException)
        {
            return false;
        }
    }

    private static bool IsText(string path) => Path.GetExtension(path) is not (".sock" or ".vici" or ".ctl" or ".pid" or ".lock" or ".der" or ".p12" or ".pem" or ".gz") && Path.GetFileName(path) is not ("vici" or "lock");

    /// <summary>A file, of a long one the end.</summary>
    private static BundleText Read(string path)
    {
        if (Directory.Exists(path)) throw new UnauthorizedAccessException("the folder cannot be looked into");
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        string? problem = null;
        if (file.CanSeek && file.Length > LargestFile)
        {
            problem = $"the last {LargestFile} of {file.Length} bytes";
            file.Seek(-LargestFile, SeekOrigin.End);
        }

        var buffer = new byte[LargestFile];
        var length = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        var bytes = buffer.AsSpan(0, length);
        if (bytes.Contains((byte)0)) throw new InvalidDataException("it is not text");
        return new BundleText(Encoding.UTF8.GetString(bytes), problem);
    }

    private string ReadSysctls()
    {
        var text = new StringBuilder();
        foreach (var name in Sysctls.SelectMany(Expand))
        {
            try
            {
                var value = File.ReadAllText($"{root}/proc/sys/{name}").Trim();
                text.Append(name.Replace('/', '.')).Append(" = ").AppendLine(value);
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                text.Append("# ").Append(name.Replace('/', '.')).AppendLine(" is not there");
            }
        }

        return text.ToString();
    }

    private IEnumerable<string> Expand(string name)
    {
        var star = name.IndexOf('*', StringComparison.Ordinal);
        if (star < 0) return [name];
        var folder = $"{root}/proc/sys/{name[..star]}";
        return Directory.Exists(folder) ? Directory.EnumerateDirectories(folder).Select(entry => $"{name[..star]}{Path.GetFileName(entry)}{name[(star + 1)..]}").Order(StringComparer.Ordinal) : [];
    }
}
