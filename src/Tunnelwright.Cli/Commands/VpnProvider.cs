using System.CommandLine;
using System.Globalization;
using Tunnelwright.Cli.Provider;
using Tunnelwright.Cloud.Client;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cli.Commands;

/// <summary>What is the provider's: gateway nodes and the addresses of endpoints.</summary>
internal static class VpnProvider
{
    private const int NotFound = 404;

    private const string NodeIdWords = "the node's id; nodes list shows them";

    public static Command CreateNodes(VpnService.Choice choice)
    {
        var domain = new Argument<string>("failure-domain") { Description = "what fails together with the node, such as zone-a" };
        var target = VpnParts.SecretFile();
        var seconds = new Option<int?>("--expires-in") { Description = "seconds that the token can be used for the node's first registration; default: an hour", HelpName = "SECONDS" };
        var register = new Command("register", "Make the token that a new node registers with: node run --token FILE.") { domain, seconds, target };
        register.SetAction(async (parsed, cancellationToken) =>
        {
            using var service = await choice.OpenAnyAsync(parsed, cancellationToken);
            var token = await service.Client.SendAsync(
                HttpMethod.Post, Paths.RegistrationTokens, new NewRegistrationToken(parsed.GetRequiredValue(domain), parsed.GetValue(seconds)), CloudJson.Default.NewRegistrationToken, CloudJson.Default.RegistrationToken, VpnParts.NewKey(), cancellationToken);
            VpnParts.KeepSecret(parsed.GetRequiredValue(target), token.Secret, $"the registration token of a node in {token.FailureDomain}");
            return ExitCodes.Done;
        });
        return new Command("nodes", "Gateway nodes of the provider.")
        {
            VpnParts.List(choice, "Print the nodes.", "nodes", _ => Paths.Nodes, CloudJson.Default.PageNode, CloudJson.Default.Node, Line),
            register,
            Drain(choice, "drain", "Let a node take no new endpoints.", true),
            Drain(choice, "undrain", "Let a node take new endpoints again.", false),
            Forget(choice),
        };
    }

    public static Command CreatePools(VpnService.Choice choice)
    {
        var (range, json) = (new Argument<string>("range") { Description = "public addresses, /16 to /32", HelpName = "CIDR" }, Options.Json());
        var add = new Command("add", "Add a range of outside addresses.") { range, json };
        add.SetAction(async (parsed, cancellationToken) =>
        {
            using var service = await choice.OpenAnyAsync(parsed, cancellationToken);
            var pool = await service.Client.SendAsync(
                HttpMethod.Post, Paths.AddressPools, new NewAddressPool(parsed.GetRequiredValue(range)), CloudJson.Default.NewAddressPool, CloudJson.Default.AddressPool, VpnParts.NewKey(), cancellationToken);
            VpnParts.Print(pool, CloudJson.Default.AddressPool, Line(pool), parsed.GetValue(json));
            return ExitCodes.Done;
        });
        return new Command("address-pools", "Ranges that the endpoints' outside addresses are taken from.")
        {
            VpnParts.List(choice, "Print the ranges.", "addressPools", _ => Paths.AddressPools, CloudJson.Default.PageAddressPool, CloudJson.Default.AddressPool, Line),
            add,
            VpnParts.Remove(choice, "Remove a range that no tunnel has an address of.", "the range's id; address-pools list shows them", (_, id) => $"{Paths.AddressPools}/{id}"),
        };
    }

    private static Command Forget(VpnService.Choice choice)
    {
        var (id, force) = (VpnParts.Id(NodeIdWords), new Option<bool>("--force") { Description = "a silent node is gone for good: its outside addresses are given to other tunnels now; were it still alive, both would answer for them" });
        var command = new Command("remove", "Forget a node on which no tunnel ends. A silent one stays, forgotten, with the outside addresses that it may still announce, until it has come back and given them up.") { id, force };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var service = await choice.OpenAnyAsync(parsed, cancellationToken);
            var path = $"{Paths.Nodes}/{parsed.GetRequiredValue(id)}";
            await service.Client.SendAsync(HttpMethod.Delete, path + (parsed.GetValue(force) ? "?force=true" : ""), cancellationToken);
            try
            {
                var node = (await service.Client.GetAsync(path, CloudJson.Default.Node, cancellationToken: cancellationToken))!;
                Console.Error.WriteLine($"{node.Id} is forgotten; the outside addresses that it had are kept back until it has given them up, or nodes remove --force says that it is gone for good");
            }
            catch (ServiceException gone) when (gone.Status == NotFound)
            {
                // Nothing of it is left.
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Drain(VpnService.Choice choice, string name, string description, bool draining)
    {
        var (id, json) = (VpnParts.Id(NodeIdWords), Options.Json());
        var command = new Command(name, description) { id, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var service = await choice.OpenAnyAsync(parsed, cancellationToken);
            var node = await service.Client.SendAsync(HttpMethod.Patch, $"{Paths.Nodes}/{parsed.GetRequiredValue(id)}", new NodeChange(draining), CloudJson.Default.NodeChange, CloudJson.Default.Node, cancellationToken: cancellationToken);
            VpnParts.Print(node, CloudJson.Default.Node, Line(node), parsed.GetValue(json));
            return ExitCodes.Done;
        });
        return command;
    }

    private static string Line(Cloud.Contract.Node node) => string.Create(
        CultureInfo.InvariantCulture, $"{node.Id,-18} {VpnText.Word(node.State),-9} {VpnText.Safe(node.FailureDomain),-16} tunnels {node.Tunnels,-6} settings {node.AppliedVersion}/{node.DesiredVersion}, seen {node.LastSeenAt:yyyy-MM-ddTHH:mm:ssZ}  {VpnText.Safe(node.Name)}");

    private static string Line(AddressPool pool) => string.Create(CultureInfo.InvariantCulture, $"{pool.Id,-18} {pool.Range,-18} {pool.Free} of {pool.Total} free");
}
