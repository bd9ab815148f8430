using System.CommandLine;
using Microsoft.Extensions.Logging;
using Tunnelwright.Linux;
using Tunnelwright.Model;
using Tunnelwright.Node;

namespace Tunnelwright.Cli.Commands;

/// <summary>node: a gateway node of the provider's service.</summary>
internal static class NodeCommand
{
    public static Command Create() => new("node", "A gateway node of the provider's service, which ends customers' tunnels.") { CreateRun(), CreateDown() };

    private static Command CreateRun()
    {
        var service = new Option<string>("--cloud") { Description = "the service's address", HelpName = "URL", Required = true };
        var token = new Option<string>("--token") { Description = "the file with the registration token", HelpName = "FILE", Required = true };
        var name = new Option<string>("--name") { Description = "the node's name for people", DefaultValueFactory = _ => Environment.MachineName };
        var uplink = new Option<string?>("--uplink") { Description = "the interface towards the internet; default: that of the default route", HelpName = "INTERFACE" };
        var edge = new Option<string?>("--edge-router") { Description = "the router that learns by BGP which outside addresses are here; default: that of the default route; none: they are routed here by other means", HelpName = "ADDRESS|none" };
        var edgeAsn = new Option<string>("--edge-asn") { Description = "its AS number", DefaultValueFactory = _ => "64600" };
        var fabric = new Option<string>("--fabric") { Description = "the interface towards the cloud's networks (VXLAN, the customer's number is the segment's)", HelpName = "INTERFACE", Required = true };
        var router = new Option<string>("--cloud-router") { Description = "the cloud networks' router: its address on the fabric", HelpName = "ADDRESS", Required = true };
        var routerAsn = new Option<string>("--cloud-router-asn") { Description = "its AS number", DefaultValueFactory = _ => "64513" };
        var asn = new Option<string>("--asn") { Description = "the node's AS number towards both routers", DefaultValueFactory = _ => "64512" };
        var plane = Options.DataPlane();
        var command = new Command("run", "Serve until stopped; the customers' tunnels stay up when it ends.") { service, token, name, uplink, edge, edgeAsn, fabric, router, routerAsn, asn, plane };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            Require();
            var way = parsed.GetValue(uplink) is null || parsed.GetValue(edge) is null ? await DefaultRouteAsync(cancellationToken) : null;
            var settings = new NodeSettings
            {
                Service = Service(parsed.GetRequiredValue(service)),
                TokenFile = Path.GetFullPath(parsed.GetRequiredValue(token)),
                Name = parsed.GetRequiredValue(name),
                Uplink = parsed.GetValue(uplink) ?? way?.Device ?? throw new CliException(ExitCodes.WrongCall, "there is no default route to tell the uplink", "give it with --uplink"),
                EdgeRouter = parsed.GetValue(edge) switch
                {
                    "none" => null,
                    null => way?.Gateway is { } gateway ? Ipv4Address.Parse(gateway) : throw new CliException(ExitCodes.WrongCall, "there is no default route to tell the edge router", "give it with --edge-router, or none"),
                    var text => Address("--edge-router", text),
                },
                EdgeAsn = Number("--edge-asn", parsed.GetRequiredValue(edgeAsn)),
                Fabric = parsed.GetRequiredValue(fabric),
                CloudRouter = Address("--cloud-router", parsed.GetRequiredValue(router)),
                CloudRouterAsn = Number("--cloud-router-asn", parsed.GetRequiredValue(routerAsn)),
                Asn = Number("--asn", parsed.GetRequiredValue(asn)),
                DataPlane = Options.ParseDataPlane(parsed.GetRequiredValue(plane)),
                Program = Environment.ProcessPath ?? "tunnelwright",
            };
            using var loggers = LoggerFactory.Create(logging => logging.AddProvider(new LineLoggerProvider(Console.Error)));
            using var node = new NodeAgent(settings, loggers);
            if (!await node.RunAsync(cancellationToken)) throw new CliException(ExitCodes.MachineCannot, "another process runs this node already");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command CreateDown()
    {
        var command = new Command("down", "Take everything that the node made off this machine: customers, credential and all.");
        command.SetAction(async (_, cancellationToken) =>
        {
            Require();
            var customers = await NodeRemoval.RemoveAsync(cancellationToken);
            Console.Error.WriteLine($"the node is gone; {customers} customer{(customers == 1 ? "" : "s")} taken away");
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Require()
    {
        if (!RootCheck.IsRoot) throw new CliException(ExitCodes.MachineCannot, "a node needs root: it makes network namespaces and starts IKE daemons", "run it with sudo");
        foreach (var program in (string[])["ip", "nft", "bird", "charon-systemd"]) ProgramFinder.Find(program);
    }

    private static async Task<Route?> DefaultRouteAsync(CancellationToken cancellationToken) =>
        (await new IpTool(NetworkNamespace.Current).GetRoutesAsync(cancellationToken: cancellationToken))
        .Where(route => route.Destination is "default" or "0.0.0.0/0" && route.Family == System.Net.Sockets.AddressFamily.InterNetwork).OrderBy(route => route.Metric).FirstOrDefault();

    internal static Uri Service(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
        ? uri
        : throw new CliException(ExitCodes.WrongCall, $"--cloud: '{text}' is not the address of a service", "such as https://vpn.example");

    private static Ipv4Address Address(string option, string text) =>
        Ipv4Address.TryParse(text, out var address) ? address : throw new CliException(ExitCodes.WrongCall, $"{option}: '{text}' is not an IPv4 address");

    private static Asn Number(string option, string text) =>
        uint.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) && number > 0 ? new Asn(number) : throw new CliException(ExitCodes.WrongCall, $"{option}: '{text}' is not an AS number");
}
