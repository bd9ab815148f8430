using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Gateway;

/// <summary>
/// Which peers have answered an echo request, kept in a file of the state folder: an agent that starts while a path is dead knows that silence is death. A
/// reboot or "down" forgets it.
/// </summary>
internal sealed class AnsweringPeers(string path)
{
    private readonly HashSet<string> _known = Read(path);

    /// <summary>Whether the peer of a tunnel has answered before.</summary>
    public bool Contains(string tunnel, Ipv4Address peer) => _known.Contains(Line(tunnel, peer));

    /// <summary>Adds peers that have answered. A file that cannot be written is no reason to fail.</summary>
    public void Keep(IEnumerable<(string Tunnel, Ipv4Address Peer)> answered)
    {
        var before = _known.Count;
        foreach (var (tunnel, peer) in answered) _known.Add(Line(tunnel, peer));
        if (_known.Count == before) return;
        try
        {
            AtomicFile.Write(path, string.Join('\n', _known));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or KernelException)
        {
            // The next process has to find out by itself.
        }
    }

    private static string Line(string tunnel, Ipv4Address peer) => $"{tunnel} {peer}";

    private static HashSet<string> Read(string path)
    {
        try
        {
            return [.. File.ReadLines(path)];
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
