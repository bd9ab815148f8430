using Tunnelwright.Linux;

namespace Tunnelwright.Diagnosis;

/// <summary>The commands whose output a support bundle takes. None changes anything.</summary>
internal static class BundleCommands
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private const int LargestOutput = 16 << 20;

    private static readonly (string Name, string[] Command)[] Commands =
    [
        ("ip-address", ["ip", "-details", "address"]),
        ("ip-link", ["ip", "-details", "-statistics", "link"]),
        ("ip-route", ["ip", "route", "show", "table", "all"]),
        ("ip-route-6", ["ip", "-6", "route", "show", "table", "all"]),
        ("ip-rule", ["ip", "rule"]),
        ("ip-rule-6", ["ip", "-6", "rule"]),
        ("ip-neighbour", ["ip", "neighbour"]),
        ("ip-xfrm-state", ["ip", "-statistics", "xfrm", "state"]),
        ("ip-xfrm-policy", ["ip", "-statistics", "xfrm", "policy"]),
        ("nft-ruleset", ["nft", "list", "ruleset"]),
        ("sockets", ["ss", "-Hlunp"]),
        ("processes", ["ps", "-eo", "pid,ppid,user,lstart,rss,comm"]),
        ("conntrack", ["conntrack", "-L", "-p", "udp"]),
        ("uname", ["uname", "-a"]),
        ("packages", ["dpkg-query", "-W", "strongswan*", "libstrongswan*", "libcharon*", "charon*", "bird2", "frr", "nftables", "iproute2", "tunnelwright*"]),
        ("journal", ["journalctl", "--no-pager", "--quiet", "-o", "short-iso", "-n", "20000", "-u", "strongswan", "-u", "strongswan-starter", "-u", "charon-systemd", "-u", "ipsec", "-u", "bird", "-u", "tunnelwright"]),
    ];

    /// <summary>All of them.</summary>
    /// <param name="program">This program, for its own status and plan; null when it is not known.</param>
    /// <param name="connections">The provider's files that a plan is made of.</param>
    public static IEnumerable<BundleSource> All(string? program, IReadOnlyList<string> connections)
    {
        foreach (var (name, command) in Commands) yield return Source($"commands/{name}.txt", command);
        foreach (var socket in Sockets("bird", "bird.ctl")) yield return Source($"commands/birdc-{Folder(socket)}.txt", ["birdc", "-s", socket, "show", "protocols", "all"]);
        if (program is null) yield break;
        yield return Source("tunnelwright/status.json", [program, "status", "--json"]);
        if (connections.Count > 0) yield return Source("tunnelwright/plan.json", [program, "plan", .. connections, "--json"]);
    }

    /// <summary>Sockets of the gateways on this host, such as run/tunnelwright/default/charon-1/vici.</summary>
    public static IReadOnlyList<string> Sockets(string folder, string name)
    {
        try
        {
            return [.. Directory.EnumerateDirectories("/run/tunnelwright").SelectMany(Directory.EnumerateDirectories).Where(path => Path.GetFileName(path).StartsWith(folder, StringComparison.Ordinal) && File.Exists($"{path}/{name}")).Select(path => $"{path}/{name}").Order(StringComparer.Ordinal)];
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>"default-charon-1" of /run/tunnelwright/default/charon-1/vici.</summary>
    public static string Folder(string socket) => string.Join('-', socket.Split('/')[^3..^1]);

    private static BundleSource Source(string member, string[] command) => new(member, string.Join(' ', command), async cancellationToken =>
    {
        if (ProgramFinder.TryFind(command[0]) is null) throw new FileNotFoundException($"{command[0]} is not installed");
        var result = await CommandRunner.Shared.RunAsync(command[0], command[1..], new CommandOptions { Timeout = Patience, ThrowOnFailure = false, OutputLimit = LargestOutput }, cancellationToken);
        var complaint = result.Error.Trim().Split('\n')[0];
        if (result.Output.Length == 0 && complaint.Length > 0) throw new InvalidDataException(complaint);
        return new BundleText(result.Output, result.Succeeded ? null : $"ended with status {result.ExitCode}: {complaint}");
    });
}
