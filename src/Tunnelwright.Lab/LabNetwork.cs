using Tunnelwright.Linux;

namespace Tunnelwright.Lab;

/// <summary>Makes a topology's hosts and wires, and takes them away.</summary>
internal sealed class LabNetwork(string lab, LabFolder folder)
{
    /// <summary>Makes every host, then every wire, then addresses and routes.</summary>
    public async Task<IReadOnlyList<LabHost>> BuildAsync(Topology topology, CancellationToken cancellationToken)
    {
        var hosts = await Task.WhenAll(topology.Hosts.Select(host => StartHostAsync(host, cancellationToken)));
        folder.WriteHosts(hosts);
        await new IpTool(NetworkNamespace.Current).BatchAsync(
            hosts.Select(host => new[] { "netns", "attach", host.Namespace, $"{host.Pid}" }).Concat(topology.Wires.Select(wire => new[]
            {
                "link", "add", "name", wire.InterfaceA, "mtu", $"{wire.Mtu}", "netns", Space(wire.HostA), "type", "veth", "peer", "name", wire.InterfaceB, "mtu", $"{wire.Mtu}", "netns", Space(wire.HostB),
            })),
            cancellationToken);
        await Task.WhenAll(topology.Hosts.Select(host => ConfigureAsync(host, topology, cancellationToken)));
        return hosts;
    }

    /// <summary>Ends every process in the lab's namespaces and removes these. Works on what is there, however it was left.</summary>
    /// <exception cref="LabException">A process does not end.</exception>
    public static async Task RemoveAsync(string lab, CancellationToken cancellationToken)
    {
        var prefix = LabHost.NamespaceName(lab, "");
        var spaces = (await NetworkNamespace.ListAsync(cancellationToken)).Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).ToList();

        // What is ended may have started something in the meantime, and a process shows its mark only after execve: look until nothing is found twice.
        var clean = 0;
        for (var round = 0; clean < 2; round++)
        {
            var processes = Processes(lab, spaces);
            clean = processes.Count == 0 ? clean + 1 : 0;
            if (round > 100) throw new LabException($"processes of lab {lab} do not end: {string.Join(", ", processes)}");

            // Agents first, so that they do not start again what is ended after them.
            var agents = processes.Where(process => process.ReadStatistics()?.Name.StartsWith("tunnelwright", StringComparison.Ordinal) == true).ToList();
            await Task.WhenAll(agents.Select(process => process.StopAsync(TimeSpan.FromSeconds(2), cancellationToken)));
            await Task.WhenAll(processes.Except(agents).Select(process => process.StopAsync(TimeSpan.FromSeconds(1), cancellationToken)));
            if (clean < 2) await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
        }

        await NetworkNamespace.DeleteAsync(spaces, cancellationToken);
    }

    /// <summary>
    /// Processes in the lab's namespaces, and those that carry its mark. A host may have made network namespaces of its own, as a node does for its
    /// customers: whoever has the mounts of a lab host belongs to it.
    /// </summary>
    private static IReadOnlyList<ServiceProcess> Processes(string lab, IReadOnlyList<string> spaces)
    {
        var marked = ServiceProcess.FindByMark(LabHost.Mark(lab, ""));
        var inside = NetworkNamespace.ProcessesIn(spaces).Concat(marked.Select(process => process.Pid)).ToHashSet();
        var mounts = inside.Select(MountsOf).OfType<string>().ToHashSet(StringComparer.Ordinal);
        mounts.ExceptWith(new[] { MountsOf(Environment.ProcessId), MountsOf(1) }.OfType<string>());
        var beside = mounts.Count == 0 ? [] : Directory.EnumerateDirectories("/proc").Select(folder => int.TryParse(Path.GetFileName(folder), out var pid) ? pid : 0).Where(pid => pid > 0 && MountsOf(pid) is { } own && mounts.Contains(own));
        var all = inside.Concat(beside).Distinct().Select(ProcessStatistics.TryRead).Where(process => process is { HasEnded: false }).Select(process => new ServiceProcess(process!.Pid, process.StartTime));
        return [.. marked.Concat(all).Where(process => process.IsAlive).Distinct()];
    }

    /// <summary>The mount namespace of a process (namespaces(7)); null when it has ended.</summary>
    private static string? MountsOf(int pid)
    {
        try
        {
            return new FileInfo($"/proc/{pid}/ns/mnt").LinkTarget;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string Space(string host) => LabHost.NamespaceName(lab, host);

    /// <summary>The holder: new network, mount and host name spaces, then it sleeps.</summary>
    private async Task<LabHost> StartHostAsync(TopologyHost host, CancellationToken cancellationToken)
    {
        const string script = """
            set -e
            echo "$1" > /proc/sys/kernel/hostname
            for folder in /etc/tunnelwright /var/lib/tunnelwright; do [ -d "$folder" ] || mkdir -p "$folder"; done
            mount --all --fstab "$3"
            [ -z "$2" ] || { printf 'nameserver %s\n' "$2" > /run/resolv.conf; mount --bind /run/resolv.conf /etc/resolv.conf; }
            : > /run/lab-host-ready
            exec sleep infinity
            """;
        var process = await ServiceProcess.StartAsync(
            new ServiceProcessSpec
            {
                Program = "unshare",
                Arguments = ["--net", "--mount", "--uts", "--propagation", "private", "--", "sh", "-c", script, "sh", host.Name, host.Resolver ?? "", folder.MountTable],
                MarkValue = LabHost.Mark(lab, $"{host.Name}/holder"),
                LogFile = folder.Log(host.Name, "holder"),
            },
            cancellationToken);
        var built = new LabHost(lab, host.Name, host.Role, [.. host.Addresses.OrderBy(address => address.Address.StartsWith("10.", StringComparison.Ordinal) ? 0 : 1).Select(address => address.Address.Split('/')[0])], process.Pid);
        var started = TimeProvider.System.GetTimestamp();
        while (!File.Exists($"{built.Root}/run/lab-host-ready"))
        {
            if (!process.IsAlive || TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromMinutes(1))
                throw new LabException($"the lab's host {host.Name} did not start: {(await File.ReadAllTextAsync(folder.Log(host.Name, "holder"), cancellationToken)).Trim()}");
            await Task.Delay(TimeSpan.FromMilliseconds(3), cancellationToken);
        }

        return built;
    }

    private async Task ConfigureAsync(TopologyHost host, Topology topology, CancellationToken cancellationToken)
    {
        var space = new NetworkNamespace(Space(host.Name));
        var commands = new List<string[]>();
        commands.Add(["link", "set", "dev", "lo", "up"]);
        if (host.Switch is { } bridge)
        {
            commands.Add(["link", "add", "name", bridge.Bridge, "type", "bridge"]);
            commands.Add(["link", "set", "dev", bridge.Bridge, "up"]);
            commands.AddRange(bridge.Ports.Select(port => new[] { "link", "set", "dev", port, "master", bridge.Bridge }));
        }

        foreach (var wire in topology.Wires)
        {
            if (wire.HostA == host.Name) commands.Add(["link", "set", "dev", wire.InterfaceA, "up"]);
            if (wire.HostB == host.Name) commands.Add(["link", "set", "dev", wire.InterfaceB, "up"]);
        }

        commands.AddRange(host.Addresses.Select(address => new[] { "address", "add", address.Address, "dev", address.Interface }));
        commands.AddRange(host.Routes.Select(route => new[] { "route", "add", route.Destination, "via", route.NextHop }));
        await new IpTool(space).BatchAsync(commands, cancellationToken);
        var settings = new Dictionary<string, string> { ["net.ipv4.conf.all.rp_filter"] = "0", ["net.ipv4.conf.default.rp_filter"] = "0" };
        if (host.Forwards) settings["net.ipv4.ip_forward"] = "1";
        await space.RunInsideAsync(() => new Sysctl(NetworkNamespace.Current).Set(settings));
    }
}
