using System.Text;
using Tunnelwright.Gateway;
using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Node.Edge;

/// <summary>An outside address that is to be found here.</summary>
/// <param name="Address">The address.</param>
/// <param name="Generation">The tunnel's generation: of two nodes that both say they have an address, the one with the later generation is right.</param>
internal sealed record Announcement(Ipv4Address Address, long Generation);

/// <summary>
/// Tells the edge router by BGP which outside addresses are on this node. The MED falls as the tunnel's generation rises, and the router prefers the lower
/// one (RFC 4271 section 5.1.4): an address that has moved is found at its new node although the old one, cut off from the service, goes on announcing it.
/// BIRD outlives the node's agent.
/// </summary>
internal sealed class EdgeAnnouncer(NodeSettings settings)
{
    private const string Mark = NodeNames.Mark + "bird";
    private const string Configuration = NodePaths.Bird + "/bird.conf";
    private const string Socket = NodePaths.Bird + "/bird.ctl";

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(10);

    private ServiceProcess? _process;

    /// <summary>The addresses that are announced now.</summary>
    public IReadOnlySet<Ipv4Address> Announced()
    {
        if (Find() is null || !File.Exists(Configuration)) return new HashSet<Ipv4Address>();
        return File.ReadLines(Configuration).Select(line => line.Trim()).Where(line => line.StartsWith("route ", StringComparison.Ordinal))
            .Select(line => Ipv4Address.Parse(line.Split(' ', '/')[1])).ToHashSet();
    }

    /// <summary>Announces exactly these.</summary>
    /// <param name="announcements">The addresses.</param>
    /// <param name="uplink">The node's address on the uplink.</param>
    /// <param name="cancellationToken">Ends the work; the next call goes on.</param>
    /// <exception cref="BirdException">BIRD refused.</exception>
    /// <exception cref="TimeoutException">BIRD did not start.</exception>
    public async Task EnsureAsync(IReadOnlyCollection<Announcement> announcements, InterfaceAddress uplink, CancellationToken cancellationToken)
    {
        if (settings.EdgeRouter is not { } router) return;
        var wanted = Render(router, announcements, uplink);
        if (Find() is null)
        {
            await StartAsync(wanted, cancellationToken);
            return;
        }

        if (File.Exists(Configuration) && await File.ReadAllTextAsync(Configuration, cancellationToken) == wanted) return;

        // BIRD reads the new file first; only when it runs on it, the file takes the place of the old one.
        const string next = Configuration + ".next";
        AtomicFile.Write(next, wanted);
        await new BirdControl(Socket).SendAsync($"configure \"{next}\"", cancellationToken);
        File.Move(next, Configuration, overwrite: true);
    }

    /// <summary>Ends BIRD: the edge router forgets this node.</summary>
    public static async Task RemoveAsync(CancellationToken cancellationToken)
    {
        var inside = OwnNamespace();
        await Task.WhenAll(ServiceProcess.FindByMark(Mark).Where(process => inside.Contains(process.Pid)).Select(process => process.StopAsync(TimeSpan.FromSeconds(2), cancellationToken)));
    }

    /// <summary>BIRD's configuration.</summary>
    public string Render(Ipv4Address router, IReadOnlyCollection<Announcement> announcements, InterfaceAddress uplink)
    {
        var text = new StringBuilder();
        text.Append($$"""
            # Written by tunnelwright; changes are lost.
            log "{{NodePaths.Bird}}/bird.log" { warning, error, fatal, bug, auth, remote, info };
            router id {{uplink.Address}};
            protocol device { scan time 10; }
            protocol bfd {
              accept direct ipv4;
              interface "{{settings.Uplink}}" { min rx interval 300 ms; min tx interval 300 ms; idle tx interval 1 s; multiplier 5; };
            }
            protocol static outside {
              ipv4;

            """);
        foreach (var (address, generation) in announcements.OrderBy(announcement => announcement.Address))
            text.Append($"  route {address}/32 unreachable {{ bgp_med = {uint.MaxValue - (uint)Math.Clamp(generation, 0, uint.MaxValue)}; }};\n");
        text.Append($$"""
            }
            protocol bgp edge {
              local {{uplink.Address}} as {{settings.Asn}};
              neighbor {{router}} as {{settings.EdgeAsn}};
              direct;
              bfd on;
              hold time 30;
              connect delay time 1;
              connect retry time 2;
              error wait time 1, 5;
              ipv4 { next hop self; import none; export where proto = "outside"; };
            }

            """);
        return text.ToString();
    }

    private static HashSet<int> OwnNamespace()
    {
        var here = new FileInfo("/proc/self/ns/net").LinkTarget;
        return [.. ServiceProcess.FindByMark(Mark).Select(process => process.Pid).Where(pid => Link(pid) == here)];

        static string? Link(int pid)
        {
            try
            {
                return new FileInfo($"/proc/{pid}/ns/net").LinkTarget;
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }

    private ServiceProcess? Find()
    {
        if (_process is { IsAlive: true }) return _process;
        var inside = OwnNamespace();
        return _process = ServiceProcess.FindByMark(Mark).FirstOrDefault(process => inside.Contains(process.Pid));
    }

    private async Task StartAsync(string configuration, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(NodePaths.Bird, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        AtomicFile.Write(Configuration, configuration);
        File.Delete(Socket);
        _process = await ServiceProcess.StartAsync(
            new ServiceProcessSpec
            {
                Program = "bird",
                Arguments = ["-f", "-c", Configuration, "-s", Socket, "-P", NodePaths.Bird + "/bird.pid"],
                MarkValue = Mark,
                LogFile = NodePaths.Bird + "/output.log",
            },
            cancellationToken);
        var began = TimeProvider.System.GetTimestamp();
        while (!File.Exists(Socket))
        {
            if (!_process.IsAlive || TimeProvider.System.GetElapsedTime(began) > StartPatience) throw new TimeoutException($"BIRD did not come up; see {NodePaths.Bird}/output.log");
            await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken);
        }
    }
}
