using System.CommandLine;
using System.Globalization;
using Tunnelwright.Cli.Provider;
using Tunnelwright.Cloud.Client;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cli.Commands;

/// <summary>The vpn commands that change something. Each waits, when told to, until the service has carried it out.</summary>
internal static class VpnChanges
{
    private const int NotFound = 404;

    private static readonly TimeSpan LookPause = TimeSpan.FromMilliseconds(200);

    public static Command CreateCreate(VpnService.Choice choice)
    {
        var purpose = new Option<string?>("--purpose") { Description = "what the connection is for" };
        var contact = new Option<string?>("--contact") { Description = "e-mail address of who is told" };
        var gateway = new Option<string?>("--gateway-address") { Description = "the customer gateway's public address; behind NAT the NAT's" };
        var routing = new Option<string>("--routing") { Description = "static or bgp", DefaultValueFactory = _ => "static" };
        routing.AcceptOnlyFromAmong("static", "bgp");
        var asn = new Option<string?>("--asn") { Description = "the customer's AS number, with BGP" };
        var ranges = Ranges("the customer's network ranges");
        var device = new Option<string?>("--device") { Description = "the device that the file is for; default: generic" };
        var parameters = new VpnParameters();
        var (wait, json) = (Wait(), Options.Json());
        var check = new Option<bool>("--check") { Description = "say what would be wrong with it, and ask for nothing" };
        var command = new Command("create", "Ask for a connection.") { purpose, contact, gateway, routing, asn, ranges, device, check, wait, json };
        parameters.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var service = await choice.OpenAsync(parsed, cancellationToken);
            var request = new ConnectionRequest(
                parsed.GetValue(purpose),
                parsed.GetValue(contact),
                parsed.GetValue(gateway),
                parsed.GetValue(routing) == "bgp" ? RoutingKind.Bgp : RoutingKind.Static,
                parsed.GetValue(asn) is { } text ? Number(text) : null,
                Split(parsed.GetValue(ranges)),
                parsed.GetValue(device),
                parameters.Ike(parsed),
                parameters.Ipsec(parsed));

            if (parsed.GetValue(check))
            {
                await service.Client.PostAsync($"{Paths.Connections(service.Customer)}/check", request, CloudJson.Default.ConnectionRequest, cancellationToken);
                Console.Error.WriteLine("nothing is wrong with it");
                return ExitCodes.Done;
            }

            // The key makes a request whose answer got lost the same one when it is sent again.
            var key = Guid.NewGuid().ToString("N");
            var made = await AgainAsync(() => service.Client.SendAsync(
                HttpMethod.Post, Paths.Connections(service.Customer), request, CloudJson.Default.ConnectionRequest, CloudJson.Default.Connection, key, cancellationToken));
            return await FinishAsync(service, made, parsed.GetValue(wait), parsed.GetValue(json), connection => connection.State == ConnectionState.Available, cancellationToken);
        });
        return command;
    }

    public static Command CreateUpdate(VpnService.Choice choice)
    {
        var id = VpnCommand.Id();
        var purpose = new Option<string?>("--purpose") { Description = "what the connection is for" };
        var contact = new Option<string?>("--contact") { Description = "e-mail address of who is told" };
        var ranges = Ranges("the whole new list of network ranges");
        var device = new Option<string?>("--device") { Description = "the device that the file is for" };
        var (wait, json) = (Wait(), Options.Json());
        var command = new Command("update", "Change a connection; its tunnels stay up.") { id, purpose, contact, ranges, device, wait, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var change = new ConnectionChange(parsed.GetValue(purpose), parsed.GetValue(contact), parsed.GetResult(ranges) is null ? null : Split(parsed.GetValue(ranges)), parsed.GetValue(device));
            if (change == new ConnectionChange()) throw new CliException(ExitCodes.WrongCall, "nothing was given to change", "tunnelwright vpn update --help shows what can be changed");
            using var service = await choice.OpenAsync(parsed, cancellationToken);
            var changed = await service.Client.SendAsync(
                HttpMethod.Patch, Paths.Connection(service.Customer, parsed.GetRequiredValue(id)), change, CloudJson.Default.ConnectionChange, CloudJson.Default.Connection, cancellationToken: cancellationToken);
            return await FinishAsync(service, changed, parsed.GetValue(wait), parsed.GetValue(json), connection => connection.Operation is null, cancellationToken);
        });
        return command;
    }

    public static Command CreateRotate(VpnService.Choice choice)
    {
        var id = VpnCommand.Id();
        var confirm = new Option<bool>("--confirm") { Description = "say that the gateway has the new key of the tunnel that the rotation waits for" };
        var (wait, json) = (Wait(), Options.Json());
        var command = new Command("rotate-keys", "New pre-shared keys, one tunnel after the other: download the file again and hand it to the gateway; the service goes on when it sees the first new key.") { id, confirm, wait, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var service = await choice.OpenAsync(parsed, cancellationToken);
            var connection = parsed.GetRequiredValue(id);
            var path = parsed.GetValue(confirm) ? Paths.ConfirmKeys(service.Customer, connection) : Paths.RotateKeys(service.Customer, connection);
            var key = Guid.NewGuid().ToString("N");
            var changed = await AgainAsync(() => service.Client.SendAsync(HttpMethod.Post, path, CloudJson.Default.Connection, key, cancellationToken));
            return await FinishAsync(service, changed, parsed.GetValue(wait), parsed.GetValue(json), now => now.Operation is null, cancellationToken);
        });
        return command;
    }

    public static Command CreateReplace(VpnService.Choice choice)
    {
        var id = VpnCommand.Id();
        var tunnel = new Option<int>("--tunnel") { Description = "1 or 2", Required = true };
        tunnel.AcceptOnlyFromAmong("1", "2");
        var (wait, json) = (Wait(), Options.Json());
        var command = new Command("replace-endpoint", "Move a tunnel's endpoint to another node, with its address and key; traffic goes to the other tunnel first.") { id, tunnel, wait, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var service = await choice.OpenAsync(parsed, cancellationToken);
            var number = parsed.GetValue(tunnel);
            var path = Paths.ReplaceEndpoint(service.Customer, parsed.GetRequiredValue(id), number);
            var key = VpnParts.NewKey();
            var changed = await AgainAsync(() => service.Client.SendAsync(HttpMethod.Post, path, CloudJson.Default.Connection, key, cancellationToken));
            var left = NodeOf(changed);
            return await FinishAsync(
                service,
                changed,
                parsed.GetValue(wait),
                parsed.GetValue(json),
                now => now.Operation is not null ? false : NodeOf(now) is { } node && node != left
                    ? true
                    : throw new CliException(ExitCodes.NotHealthy, $"the endpoint of tunnel {number} was not replaced", $"tunnelwright vpn timeline {now.Id} tells why"),
                cancellationToken);

            string? NodeOf(Connection connection) => connection.Tunnels.FirstOrDefault(one => one.Number == number)?.NodeId;
        });
        return command;
    }

    public static Command CreateDelete(VpnService.Choice choice)
    {
        var id = VpnCommand.Id();
        var (wait, json) = (Wait(), Options.Json());
        var command = new Command("delete", "Delete a connection: its tunnels go down, its keys end.") { id, wait, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var service = await choice.OpenAsync(parsed, cancellationToken);
            var path = Paths.Connection(service.Customer, parsed.GetRequiredValue(id));
            var deleting = await service.Client.SendAsync(HttpMethod.Delete, path, CloudJson.Default.Connection, cancellationToken: cancellationToken);
            try
            {
                return await FinishAsync(service, deleting, parsed.GetValue(wait), parsed.GetValue(json), _ => false, cancellationToken);
            }
            catch (ServiceException gone) when (gone.Status == NotFound)
            {
                Console.Error.WriteLine($"{deleting.Id} is gone");
                return ExitCodes.Done;
            }
        });
        return command;
    }

    private static Option<string[]> Ranges(string description) => new("--range") { Description = description, AllowMultipleArgumentsPerToken = true, HelpName = "CIDR" };

    private static Option<double> Wait() => new("--wait") { Description = "seconds to wait until the service has carried it out; 0 does not wait", DefaultValueFactory = _ => 0 };

    /// <summary>The texts go to the service as they are: it says everything that is wrong with them.</summary>
    private static List<string> Split(string[]? values) => [.. (values ?? []).SelectMany(value => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    private static long Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new CliException(ExitCodes.WrongCall, $"--asn: '{text}' is not a number");

    /// <summary>Sends once more what got no answer.</summary>
    private static async Task<Connection> AgainAsync(Func<Task<Connection>> send)
    {
        try
        {
            return await send();
        }
        catch (ServiceException silence) when (silence.Status is null)
        {
            return await send();
        }
    }

    private static async Task<int> FinishAsync(VpnService service, Connection connection, double seconds, bool json, Func<Connection, bool> done, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (seconds > 0 && !done(connection))
        {
            if (TimeProvider.System.GetElapsedTime(began).TotalSeconds > seconds)
                throw new CliException(ExitCodes.NotHealthy, $"{connection.Id} is not there within {seconds.ToString(CultureInfo.InvariantCulture)} s: {connection.Operation?.Step ?? connection.State.ToString().ToLowerInvariant()}", $"tunnelwright vpn show {connection.Id}");
            await Task.Delay(LookPause, cancellationToken);
            connection = (await service.Client.GetAsync(Paths.Connection(service.Customer, connection.Id), CloudJson.Default.Connection, cancellationToken: cancellationToken))!;
        }

        VpnCommand.Print(connection, json);
        return ExitCodes.Done;
    }
}
