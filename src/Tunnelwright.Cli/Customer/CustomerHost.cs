using Tunnelwright.Gateway;
using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Cli.Customer;

/// <summary>The customer's gateway on this host: what it needs, what it has, and its agent.</summary>
internal static class CustomerHost
{
    /// <summary>The name of the gateway of this host.</summary>
    public const string GatewayName = "default";

    /// <summary>Ends the command with exit code 3 when the host lacks a right or a program.</summary>
    public static void Require(bool bgp)
    {
        if (!RootCheck.IsRoot) throw new CliException(ExitCodes.MachineCannot, "this needs root: it makes interfaces, routes and starts the IKE daemon", "run it with sudo");
        foreach (var program in (string[])[.. (string[])["ip", "nft", "charon-systemd"], .. bgp ? (string[])["bird"] : []])
        {
            ProgramFinder.Find(program);
        }
    }

    /// <summary>The desired state of all connections.</summary>
    /// <exception cref="CliException">Something is missing that neither the files nor the options say, or the options contradict each other.</exception>
    public static DesiredGateway Desire(IReadOnlyList<StoredConnection> connections)
    {
        var desired = connections.Select(stored => (Connection: stored.Desire(), stored.Options)).OrderBy(item => item.Connection.Id, StringComparer.Ordinal).ToList();
        try
        {
            return new DesiredGateway
            {
                Name = GatewayName,
                Connections = desired.Select(item => item.Connection).ToValueList(),
                DataPlane = connections.Select(stored => stored.Options.DataPlane).FirstOrDefault(plane => plane != DataPlane.Automatic),
                Dns = CustomerNames.Desire(desired.Where(item => item.Options.Names is not null).Select(item => (item.Connection, item.Options.Names!.ToNameOptions()))),
            };
        }
        catch (ArgumentException problem)
        {
            throw new CliException(ExitCodes.WrongCall, problem.Message.Split(" (Parameter", 2)[0]);
        }
    }

    /// <summary>Networks that are directly connected on private addresses, other than the uplinks to the peers and our own tunnels: what is behind a gateway.</summary>
    public static async Task<ValueList<Cidr>> GuessLocalRangesAsync(VpnConnection connection, CancellationToken cancellationToken)
    {
        var ip = new IpTool(NetworkNamespace.Current);
        var routes = Task.WhenAll(connection.Tunnels.Select(tunnel => ip.GetRouteToAsync(tunnel.CloudOutside.ToString(), cancellationToken: cancellationToken)));
        var linkList = ip.GetLinksAsync(cancellationToken);
        var addresses = ip.GetAddressesAsync(cancellationToken: cancellationToken);
        var uplinks = (await routes).Select(route => route?.Device).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var links = (await linkList).ToDictionary(link => link.Name, StringComparer.Ordinal);
        var ranges = new List<Cidr>();
        foreach (var address in await addresses)
        {
            if (uplinks.Contains(address.Device) || address.Device == "lo" || links.GetValueOrDefault(address.Device)?.Alias?.StartsWith("tunnelwright/", StringComparison.Ordinal) == true) continue;
            if (!Ipv4Address.TryParse(address.Address, out var own) || address.PrefixLength is < 8 or > 30) continue;
            if (SpecialRanges.MeaningOf(own)?.StartsWith("private", StringComparison.Ordinal) == true) ranges.Add(Cidr.Containing(own, address.PrefixLength));
        }

        return ranges.Distinct().Order().ToValueList();
    }

    /// <summary>Starts the agent in the background.</summary>
    /// <param name="standby">Whether it takes over later, when the process that drives the gateway lets go; it works on the desired state in the state folder.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<ServiceProcess> StartAgentAsync(bool standby, CancellationToken cancellationToken)
    {
        var paths = new GatewayPaths(GatewayName);
        Directory.CreateDirectory(paths.StateFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var program = Environment.ProcessPath ?? throw new CliException(ExitCodes.MachineCannot, "the path of this program is not known");
        return await ServiceProcess.StartAsync(
            new ServiceProcessSpec
            {
                Program = program,
                Arguments = standby ? ["gateway", "run", "--standby", "--desired", paths.Desired] : ["gateway", "run"],
                Environment = new Dictionary<string, string> { ["DOTNET_GCgen0size"] = YoungestGeneration },
                MarkValue = AgentMark,
                LogFile = paths.AgentLog,
            },
            cancellationToken);
    }

    /// <summary>
    /// Bytes, in hexadecimal, after which the agent collects what it has used: 4 MiB. By default the runtime waits for about as much as the processor's cache
    /// holds: an agent that collected so seldom was seen at 134 MB after nine minutes.
    /// </summary>
    private const string YoungestGeneration = "400000";

    /// <summary>The mark of an agent in the background.</summary>
    public static string AgentMark => $"tunnelwright/{GatewayName}/agent";
}
