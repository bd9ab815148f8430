using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Tunnelwright.Cli.Provider;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cli.Commands;

/// <summary>What has happened: a connection's timeline, the change feed, the audit log.</summary>
internal static class VpnJournal
{
    public static Command CreateTimeline(VpnService.Choice choice)
    {
        var (id, json) = (VpnCommand.Id(), Options.Json());
        var command = new Command("timeline", "Print what happened to a connection, newest first.") { id, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var service = await choice.OpenAsync(parsed, cancellationToken);
            await VpnParts.PrintAsync(
                service, Paths.Timeline(service.Customer, parsed.GetRequiredValue(id)), "events", CloudJson.Default.PageChangeEvent, CloudJson.Default.ChangeEvent, Line, parsed.GetValue(json), int.MaxValue, cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    public static Command CreateEvents(VpnService.Choice choice)
    {
        var after = new Option<string?>("--after") { Description = "begin after the event with this id; default: now", HelpName = "ID" };
        var count = new Option<int?>("--count") { Description = "end after so many events; default: never", HelpName = "N" };
        var json = new Option<bool>("--json") { Description = "print one JSON document a line" };
        var command = new Command("events", "Print what happens, as it happens.") { after, count, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var service = await choice.OpenAsync(parsed, cancellationToken);
            var seen = 0;
            await foreach (var happened in service.Client.FollowAsync(Paths.Events(service.Customer), CloudJson.Default.ChangeEvent, parsed.GetValue(after), cancellationToken))
            {
                Console.Out.WriteLine(parsed.GetValue(json) ? JsonSerializer.Serialize(happened, CloudJson.Default.ChangeEvent) : Line(happened));
                if (++seen == parsed.GetValue(count)) return ExitCodes.Done;
            }

            throw new CliException(ExitCodes.MachineCannot, "the service ended the feed", "type the command again, with --after and the last event's id");
        });
        return command;
    }

    public static Command CreateAudit(VpnService.Choice choice)
    {
        var last = new Option<int>("--last") { Description = "how many entries", DefaultValueFactory = _ => 50, HelpName = "N" };
        last.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1) result.AddError("--last: at least 1 entry");
        });
        var json = Options.Json();
        var command = new Command("audit", "Print the audit log, newest first: of the customer, or with a provider's token and no --customer the whole of it.") { last, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var service = await choice.OpenAnyAsync(parsed, cancellationToken);
            var path = service.CustomerOrProvider is { } customer ? Paths.Audit(customer) : Paths.ProviderAudit;
            await VpnParts.PrintAsync(service, path, "entries", CloudJson.Default.PageAuditEntry, CloudJson.Default.AuditEntry, Line, parsed.GetValue(json), parsed.GetValue(last), cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    private static string Line(ChangeEvent happened) => string.Create(
        CultureInfo.InvariantCulture, $"{happened.At:yyyy-MM-ddTHH:mm:ssZ}  {happened.Kind,-22} {VpnText.Safe(happened.ConnectionId ?? ""),-22} {VpnText.Safe(happened.Text)}{(happened.Cause is { } cause ? $" ({VpnText.Safe(cause)})" : "")}");

    private static string Line(AuditEntry entry) => string.Create(
        CultureInfo.InvariantCulture,
        $"{entry.At:yyyy-MM-ddTHH:mm:ssZ}  {entry.Action,-22} {VpnText.Safe(entry.Actor)}{(entry.Address is { } address ? $" from {address}" : "")}{(entry.Target is { } target ? $": {VpnText.Safe(target)}" : "")}{(entry.Detail is { } detail ? $", {VpnText.Safe(detail)}" : "")}");
}
