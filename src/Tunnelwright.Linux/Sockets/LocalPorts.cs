using System.Globalization;
using System.Net;

namespace Tunnelwright.Linux;

/// <summary>Kinds of ports.</summary>
public enum PortKind
{
    /// <summary>UDP.</summary>
    Udp,

    /// <summary>TCP, where somebody listens.</summary>
    TcpListening,
}

/// <summary>Somebody who has a local port.</summary>
/// <param name="Address">The local address; 0.0.0.0 or :: for all.</param>
/// <param name="Port">The port.</param>
/// <param name="Pid">The process, or null when it could not be found (a socket of the kernel, or not ours to see).</param>
/// <param name="Program">The program's path or name, or null.</param>
public sealed record LocalPortHolder(IPAddress Address, int Port, int? Pid, string? Program);

/// <summary>Who holds local ports (/proc/net/udp and tcp, proc_pid_net(5)).</summary>
public static class LocalPorts
{
    private const string Listening = "0A";

    /// <summary>Finds the holders of a local port, IPv4 and IPv6, in one network namespace.</summary>
    /// <param name="kind">UDP or TCP.</param>
    /// <param name="port">The port, 1–65535.</param>
    /// <param name="networkNamespace">The namespace.</param>
    public static async Task<IReadOnlyList<LocalPortHolder>> HoldersAsync(PortKind kind, int port, NetworkNamespace networkNamespace)
    {
        ArgumentNullException.ThrowIfNull(networkNamespace);
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, ushort.MaxValue);
        var table = kind == PortKind.Udp ? "udp" : "tcp";

        // /proc/net is that of the process; thread-self is that of the thread, which is inside.
        var texts = await networkNamespace.RunInsideAsync(
            () => (ProcFiles.ReadText($"/proc/thread-self/net/{table}"), ProcFiles.ReadText($"/proc/thread-self/net/{table}6")));
        var sockets = Parse(texts.Item1 ?? "").Concat(Parse(texts.Item2 ?? "")).Where(socket => socket.EndPoint.Port == port && (kind == PortKind.Udp || socket.State == Listening)).ToList();
        if (sockets.Count == 0)
            return [];

        var owners = FindOwners([.. sockets.Select(socket => $"socket:[{socket.Inode}]")]);
        var holders = new List<LocalPortHolder>();
        foreach (var (endPoint, _, inode) in sockets)
        {
            var pid = owners.TryGetValue($"socket:[{inode}]", out var owner) ? owner : (int?)null;
            var statistics = pid is { } known ? ProcessStatistics.TryRead(known) : null;
            holders.Add(new LocalPortHolder(endPoint.Address, endPoint.Port, pid, statistics?.Program ?? statistics?.Name));
        }

        return holders;
    }

    /// <summary>Reads the table; lines that are not as described are passed over.</summary>
    internal static IEnumerable<(IPEndPoint EndPoint, string State, long Inode)> Parse(string text)
    {
        foreach (var line in text.Split('\n').Skip(1))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length >= 10 && ParseEndPoint(fields[1]) is { } endPoint
                && long.TryParse(fields[9], NumberStyles.None, null, out var inode))
                yield return (endPoint, fields[3], inode);
        }
    }

    // Each 32-bit word is printed as a number in the machine's byte order: 0100007F is 127.0.0.1 on a little-endian machine.
    private static IPEndPoint? ParseEndPoint(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon is not (8 or 32) || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.AllowHexSpecifier, null, out var port))
            return null;
        var bytes = new byte[colon / 2];
        for (var word = 0; word < colon / 8; word++)
        {
            if (!uint.TryParse(text.AsSpan(word * 8, 8), NumberStyles.AllowHexSpecifier, null, out var value))
                return null;
            BitConverter.TryWriteBytes(bytes.AsSpan(word * 4), value);
        }

        return new IPEndPoint(new IPAddress(bytes), port);
    }

    private static Dictionary<string, int> FindOwners(HashSet<string> wanted)
    {
        var owners = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var pid in ProcFiles.ProcessIds())
        {
            foreach (var (_, target) in ProcFiles.Descriptors(pid))
                if (wanted.Contains(target))
                    owners.TryAdd(target, pid);
            if (owners.Count == wanted.Count)
                break;
        }

        return owners;
    }
}
