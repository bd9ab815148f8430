using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tunnelwright.Cli.Terminal;
using Tunnelwright.Lab;
using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Cli.Commands;

/// <summary>lab: both ends on one machine.</summary>
internal static class LabCommand
{
    private static readonly Option<string> Name = new("--name") { Description = "the lab's name; several stand at once under different names", DefaultValueFactory = _ => "default" };

    public static Command Create() => new("lab", "Both ends of a VPN connection on this machine: a customer, an internet, a cloud.")
    {
        CreateUp(),
        CreateExec(),
        CreateHosts(),
        CreateFile(),
        CreateDown(),
        CreateMove(),
        LabFaultCommand.Create(Name, OpenAsRoot),
    };

    private static Command CreateUp()
    {
        var routing = new Option<string>("--routing") { Description = "static or bgp", DefaultValueFactory = _ => "static" };
        routing.AcceptOnlyFromAmong("static", "bgp");
        var nat = new Option<bool>("--nat") { Description = "a NAT stands in front of the customer's gateway" };
        var version = new Option<int>("--ike") { Description = "IKE version, 1 or 2", DefaultValueFactory = _ => 2 };
        var ikeProposal = new Option<string>("--ike-proposal") { Description = "phase 1 algorithms, such as aes128-sha1-modp1024", DefaultValueFactory = _ => "aes256-sha256-modp2048" };
        var espProposal = new Option<string>("--esp-proposal") { Description = "phase 2 algorithms with the PFS group, such as aes256gcm16-modp2048", DefaultValueFactory = _ => "aes256gcm16-modp2048" };
        var httpsOnly = new Option<bool>("--443-only") { Description = "the load balancer takes 443 only" };
        var plane = Options.DataPlane();
        var connect = new Option<bool>("--connect") { Description = "bring the customer's gateway up, too" };
        var noEndpoints = new Option<bool>("--no-endpoints") { Description = "leave the cloud's endpoints empty, for a responder of your own" };
        var service = new Option<bool>("--service") { Description = "the provider's service and three nodes in place of two endpoints: ask for the connection with tunnelwright vpn" };
        var customers = new Option<int>("--customers") { Description = "customers of the provider's service, 1 to 9, all with the same ranges", DefaultValueFactory = _ => 1 };
        var command = new Command("up", "Stand a lab up; the customer's gateway is left empty.") { Name, routing, nat, version, ikeProposal, espProposal, httpsOnly, plane, connect, noEndpoints, service, customers };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            RequireRoot();
            var options = new LabOptions
            {
                Name = parsed.GetRequiredValue(Name),
                Routing = parsed.GetValue(routing) == "bgp" ? Routing.Bgp : Routing.Static,
                Nat = parsed.GetValue(nat),
                IkeVersion = parsed.GetValue(version) switch { 1 => IkeVersion.V1, 2 => IkeVersion.V2, _ => throw new CliException(ExitCodes.WrongCall, "--ike takes 1 or 2") },
                Ike = ProposalText.ParseIke(parsed.GetRequiredValue(ikeProposal)),
                Esp = ProposalText.ParseEsp(parsed.GetRequiredValue(espProposal)),
                HttpsOnly = parsed.GetValue(httpsOnly),
                DataPlane = Options.ParseDataPlane(parsed.GetRequiredValue(plane)),
                CloudEndpoints = !parsed.GetValue(noEndpoints),
                Service = parsed.GetValue(service),
                Customers = parsed.GetValue(customers),
            };
            if (options.Customers is < 1 or > ServiceCustomer.Most || (options.Customers > 1 && !options.Service)) throw new CliException(ExitCodes.WrongCall, $"--customers takes 1 to {ServiceCustomer.Most}, and more than 1 with --service only");
            if (options.Service && (parsed.GetValue(connect) || !options.CloudEndpoints)) throw new CliException(ExitCodes.WrongCall, "--service goes with neither --connect nor --no-endpoints: there is no connection before somebody asks for one");
            var clock = Stopwatch.StartNew();
            var lab = await LabInstance.UpAsync(options, step => Console.Error.WriteLine($"{clock.Elapsed.TotalSeconds,7:0.00} s  {step}"), cancellationToken);
            Console.Error.WriteLine(options.Service
                ? $"lab {lab.Name} stands; ask for a connection: tunnelwright lab exec --name {lab.Name} customer-gateway -- tunnelwright vpn create --help"
                : $"lab {lab.Name} stands; the provider's file: {lab.ProviderFile}");
            return parsed.GetValue(connect) ? Exec(lab.Host("customer-gateway"), [LabEnvironment.Program, "up", lab.ProviderFile]) : ExitCodes.Done;
        });
        return command;
    }

    private static Command CreateExec()
    {
        var host = new Argument<string>("host") { Description = "the lab host; lab hosts prints them" };
        var words = new Argument<string[]>("command") { Description = "program and arguments, after --", Arity = ArgumentArity.OneOrMore };
        var command = new Command("exec", "Run a command on a lab host; tunnelwright is on the PATH there.") { Name, host, words };
        command.SetAction(parsed =>
        {
            RequireRoot();
            return Exec(Open(parsed).Host(parsed.GetRequiredValue(host)), parsed.GetRequiredValue(words));
        });
        return command;
    }

    private static Command CreateHosts()
    {
        var json = Options.Json();
        var command = new Command("hosts", "Print the lab's hosts.") { Name, json };
        command.SetAction(parsed =>
        {
            RequireRoot();
            var lab = Open(parsed);
            if (parsed.GetValue(json))
            {
                var document = new HostsDocument(lab.Name, [.. lab.Hosts.Select(host => new HostDocument(host.Name, host.Role, host.Addresses, host.Pid))]);
                Console.Out.WriteLine(JsonSerializer.Serialize(document, HostsContext.Default.HostsDocument));
                return ExitCodes.Done;
            }

            foreach (var host in lab.Hosts) Console.Out.WriteLine($"{host.Name,-18} {string.Join(", ", host.Addresses),-42} {host.Role}");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command CreateFile()
    {
        var command = new Command("file", "Print the provider's file of this lab; it holds the keys.") { Name };
        command.SetAction(parsed =>
        {
            RequireRoot();
            var file = Open(parsed).ProviderFile;
            if (!File.Exists(file)) throw new CliException(ExitCodes.WrongCall, "this lab's service hands out a file for each connection", "tunnelwright vpn download on its customer-gateway fetches it");
            Console.Out.Write(File.ReadAllText(file));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command CreateDown()
    {
        var all = new Option<bool>("--all") { Description = "every lab of this machine" };
        var command = new Command("down", "Take the lab away, whatever state it is in.") { Name, all };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            RequireRoot();
            foreach (var name in parsed.GetValue(all) ? LabInstance.Names() : [parsed.GetRequiredValue(Name)]) await LabInstance.DownAsync(name, cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command CreateMove()
    {
        var what = new Argument<string>("what") { Description = string.Join(" or ", CloudMoves.Movable.Keys) };
        what.AcceptOnlyFromAmong([.. CloudMoves.Movable.Keys]);
        var command = new Command("move", "Give a name of the lab's cloud another address, as providers do without notice.") { Name, what };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (name, address) = await CloudMoves.MoveAsync(OpenAsRoot(parsed), parsed.GetRequiredValue(what), cancellationToken);
            Console.Out.WriteLine($"{name} {address}");
            return ExitCodes.Done;
        });
        return command;
    }

    private static LabInstance OpenAsRoot(ParseResult parsed)
    {
        RequireRoot();
        return Open(parsed);
    }

    private static LabInstance Open(ParseResult parsed) => LabInstance.Open(parsed.GetRequiredValue(Name));

    /// <summary>Becomes nsenter(1): the command has the terminal, its signals and its exit status to itself.</summary>
    private static int Exec(LabHost host, IReadOnlyList<string> command)
    {
        try
        {
            return host.Become(command);
        }
        catch (KernelException problem)
        {
            throw new CliException(ExitCodes.MachineCannot, problem.Message);
        }
    }

    private static void RequireRoot()
    {
        if (!RootCheck.IsRoot) throw new CliException(ExitCodes.MachineCannot, "a lab needs root: it makes network namespaces", "run it with sudo");
    }
}

internal sealed record HostsDocument(string Name, IReadOnlyList<HostDocument> Hosts);

internal sealed record HostDocument(string Name, string Role, IReadOnlyList<string> Addresses, int Pid);

[JsonSerializable(typeof(HostsDocument))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
internal sealed partial class HostsContext : JsonSerializerContext;
