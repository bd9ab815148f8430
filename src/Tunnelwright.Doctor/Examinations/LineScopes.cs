using System.Text;

namespace Tunnelwright.Doctor;

/// <summary>
/// Which connection each line of a charon log is about, where the lines do not say so themselves (ike_name in strongswan.conf(5) is off by default): a thread goes on
/// with the connection whose name it wrote last, or whose peer it had a packet from or for.
/// </summary>
internal sealed class LineScopes
{
    private readonly List<string> _scopes = [];

    private LineScopes()
    {
    }

    /// <summary>The connection of a line, counted from 0; empty when it is not known.</summary>
    public string this[long index] => index >= 0 && index < _scopes.Count ? _scopes[(int)index] : "";

    /// <summary>Whether any line is about a connection.</summary>
    public bool Names(string name) => _scopes.Contains(name);

    /// <summary>Reads a log once from its start.</summary>
    /// <param name="log">The log.</param>
    /// <param name="tunnels">The connections. One whose peer another one has, too, is known by its name alone.</param>
    public static LineScopes Of(ReadOnlySpan<byte> log, IReadOnlyList<TunnelView> tunnels)
    {
        var marks = Marks(tunnels);
        var scopes = new LineScopes();
        var lines = new List<Range>();
        var threads = new Dictionary<int, (string Scope, int LastLine)>();
        foreach (var range in log.Split((byte)'\n'))
        {
            lines.Add(range);
            var line = log[range];
            var thread = Thread(line);
            if (thread < 0)
            {
                scopes._scopes.Add("");
                continue;
            }

            var before = threads.GetValueOrDefault(thread, ("", -1));
            var named = Named(line, marks);
            scopes._scopes.Add(named ?? before.Item1);

            // What is sent again is announced before it is said to whom.
            if (named is not null && before.Item2 >= 0 && line.IndexOf("sending packet"u8) >= 0 && log[lines[before.Item2]].IndexOf("retransmit "u8) >= 0) scopes._scopes[before.Item2] = named;
            threads[thread] = (named ?? before.Item1, lines.Count - 1);
        }

        return scopes;
    }

    private static List<(byte[] Words, string Name)> Marks(IReadOnlyList<TunnelView> tunnels)
    {
        var marks = new List<(byte[] Words, string Name)>();
        foreach (var tunnel in tunnels) marks.AddRange(new[] { $"<{tunnel.Name}|", $"IKE_SA {tunnel.Name}[" }.Select(words => (Encoding.ASCII.GetBytes(words), tunnel.Name)));
        foreach (var peer in tunnels.GroupBy(tunnel => tunnel.RemoteOutside).Where(same => same.Count() == 1))
            marks.AddRange(new[] { $"from {peer.Key}[", $"to {peer.Key}[" }.Select(words => (Encoding.ASCII.GetBytes(words), peer.First().Name)));
        return marks;
    }

    private static string? Named(ReadOnlySpan<byte> line, List<(byte[] Words, string Name)> marks)
    {
        foreach (var (words, name) in marks)
        {
            if (line.IndexOf(words) >= 0) return name;
        }

        return null;
    }

    /// <summary>The number of the thread in "13[IKE] …", with whatever syslog puts before it; -1 when there is none.</summary>
    private static int Thread(ReadOnlySpan<byte> line)
    {
        for (var at = 1; at + 4 < Math.Min(line.Length, 120); at++)
        {
            if (line[at] != '[' || !char.IsAsciiDigit((char)line[at - 1]) || line[at + 4] != ']' || !char.IsAsciiLetterUpper((char)line[at + 1]) || !char.IsAsciiLetterUpper((char)line[at + 2])) continue;
            var number = line[at - 1] - '0';
            if (at > 1 && char.IsAsciiDigit((char)line[at - 2])) number += 10 * (line[at - 2] - '0');
            return number;
        }

        return -1;
    }
}
