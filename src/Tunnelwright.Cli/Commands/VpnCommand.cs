using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Tunnelwright.Cli.Provider;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Linux;

namespace Tunnelwright.Cli.Commands;

/// <summary>vpn: the self-service client of the provider's service.</summary>
internal static class VpnCommand
{
    private const int MostItems = 200;

    private static readonly VpnService.Choice Service = new();

    public static Command Create()
    {
        var command = new Command("vpn", "VPN connections at the provider's service: ask for them, see, change and delete them, download their files.")
        {
            CreateList(),
            VpnChanges.CreateCreate(Service),
            CreateShow(),
            VpnChanges.CreateUpdate(Service),
            CreateDownload(),
            VpnChanges.CreateRotate(Service),
            VpnChanges.CreateReplace(Service),
            VpnChanges.CreateDelete(Service),
            CreateDevices(),
            VpnJournal.CreateTimeline(Service),
            VpnJournal.CreateEvents(Service),
            VpnJournal.CreateAudit(Service),
            VpnCustomers.Create(Service),
            VpnAccess.CreateUsers(Service),
            VpnAccess.CreateTokens(Service),
            VpnProvider.CreateNodes(Service),
            VpnProvider.CreatePools(Service),
        };
        Service.AddTo(command);
        return command;
    }

    /// <summary>The argument of commands about one connection.</summary>
    internal static Argument<string> Id()
    {
        var id = new Argument<string>("id") { Description = "the connection's id; vpn list shows them" };
        id.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => token.Value.Length is 0 or > 64 || !token.Value.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') || token.Value[0] == '-') is { } wrong) result.AddError($"'{wrong.Value}' is not the id of a connection.");
        });
        return id;
    }

    /// <summary>Prints a connection, as JSON or for people.</summary>
    internal static void Print(Connection connection, bool json)
    {
        if (json) Console.Out.WriteLine(JsonSerializer.Serialize(connection, (JsonTypeInfo<Connection>)Indented.GetTypeInfo(typeof(Connection))));
        else foreach (var line in VpnText.Lines(connection)) Console.Out.WriteLine(line);
    }

    private static readonly JsonSerializerOptions Indented = new(CloudJson.Default.Options) { WriteIndented = true };

    private static Command CreateList()
    {
        var json = Options.Json();
        var command = new Command("list", "Print the connections.") { json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var service = await Service.OpenAsync(parsed, cancellationToken);
            var found = new List<Connection>();
            string? cursor = null;
            do
            {
                var query = $"?limit={MostItems}{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}";
                var page = await service.Client.GetAsync(Paths.Connections(service.Customer) + query, CloudJson.Default.PageConnection, cancellationToken: cancellationToken);
                found.AddRange(page!.Items);
                cursor = page.Next;
            }
            while (cursor is not null);
            if (parsed.GetValue(json)) Console.Out.WriteLine(JsonSerializer.Serialize(new ConnectionsDocument(found), ConnectionsContext.Default.ConnectionsDocument));
            else foreach (var connection in found) Console.Out.WriteLine(VpnText.Line(connection));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command CreateShow()
    {
        var (id, json) = (Id(), Options.Json());
        var command = new Command("show", "Print a connection with what its nodes see.") { id, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var service = await Service.OpenAsync(parsed, cancellationToken);
            var connection = await service.Client.GetAsync(Paths.Connection(service.Customer, parsed.GetRequiredValue(id)), CloudJson.Default.Connection, cancellationToken: cancellationToken);
            Print(connection!, parsed.GetValue(json));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command CreateDevices()
    {
        var json = Options.Json();
        var command = new Command("devices", "Print the devices that files are written for.") { json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var service = await Service.OpenAnyAsync(parsed, cancellationToken);
            var known = await service.Client.GetAsync(Paths.Devices, CloudJson.Default.DeviceList, cancellationToken: cancellationToken);
            VpnParts.Print(known!, CloudJson.Default.DeviceList, string.Join('\n', known!.Items.Select(device => $"{VpnText.Safe(device.Id),-24} {VpnText.Safe(device.Name)}")), parsed.GetValue(json));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command CreateDownload()
    {
        var id = Id();
        var device = new Option<string?>("--device") { Description = "the device to write the file for; default: the one of the request" };
        var target = new Option<string?>("--out") { Description = "where to put the file (mode 0600); default: a file of the service's name in this folder; -: standard output", HelpName = "FILE" };
        var command = new Command("download", "Fetch a connection's configuration file; it holds the pre-shared keys.") { id, device, target };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var service = await Service.OpenAsync(parsed, cancellationToken);
            var connection = parsed.GetRequiredValue(id);
            var (content, name) = await service.Client.GetFileAsync(Paths.File(service.Customer, connection, parsed.GetValue(device)), cancellationToken);
            if (parsed.GetValue(target) == "-")
            {
                await using var output = Console.OpenStandardOutput();
                await output.WriteAsync(content, cancellationToken);
                return ExitCodes.Done;
            }

            // The service names the file, not the folder.
            var path = parsed.GetValue(target) ?? Path.GetFileName(name ?? $"{connection}.txt");
            AtomicFile.Write(path, content);
            Console.Error.WriteLine($"{path}: the configuration of {connection}, with its keys; mode 0600");
            return ExitCodes.Done;
        });
        return command;
    }
}

internal sealed record ConnectionsDocument(IReadOnlyList<Connection> Connections);

[JsonSerializable(typeof(ConnectionsDocument))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
internal sealed partial class ConnectionsContext : JsonSerializerContext;
