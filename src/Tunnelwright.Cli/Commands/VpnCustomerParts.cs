using System.CommandLine;
using System.Globalization;
using Tunnelwright.Cli.Provider;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cli.Commands;

/// <summary>What the provider sets for a customer: the services in its cloud network, names of the cloud, the edition.</summary>
internal static class VpnCustomerParts
{
    private const string DatabaseSyntax = "ADDRESS:PORT/KIND[/read-only]";
    private const string RecordSyntax = "NAME=A:ADDRESS[:SECONDS] or NAME=CNAME:NAME[:SECONDS]";
    private const string None = "none";
    private const int TimeToLiveSeconds = 60;

    public static Command CreateServices(VpnService.Choice choice)
    {
        var servers = Many("--dns-server", "the two DNS servers", "ADDRESS");
        var forwarders = Many("--dns-forwarder", "the two addresses where nodes answer for the customer's domains; none: nowhere", "ADDRESS");
        var balancer = new Option<string?>("--load-balancer") { Description = "the internal load balancer; none: there is none", HelpName = "ADDRESS" };
        var databases = Many("--database", "the whole list of databases that may be reached; none: no database", DatabaseSyntax);
        return Change(choice, "services", "Change what stands in the customer's cloud network and may be reached; what is not given stays.", [servers, forwarders, balancer, databases], (parsed, now) => new CustomerChange(Services: now.Services with
        {
            DnsServers = Given(parsed, servers) ?? now.Services.DnsServers,
            DnsForwarders = Given(parsed, forwarders) ?? now.Services.DnsForwarders,
            LoadBalancer = parsed.GetValue(balancer) is { } address ? address == None ? null : address : now.Services.LoadBalancer,
            Databases = Given(parsed, databases) is { } texts ? [.. texts.Select(Database)] : now.Services.Databases,
        }));
    }

    public static Command CreateNames(VpnService.Choice choice)
    {
        var records = Many("--record", "the whole list of names of the cloud; none: no name. The customer's own domains: customers update --forward", RecordSyntax);
        return Change(choice, "names", "Change the names of the cloud that its DNS servers know.", [records], (parsed, now) => new CustomerChange(Dns: now.Dns with { Records = [.. Given(parsed, records)!.Select(Record)] }));
    }

    public static Command CreateEdition(VpnService.Choice choice)
    {
        var https = new Option<bool?>("--https-only") { Description = "whether the load balancer takes 443 alone", HelpName = "true|false" };
        var transit = new Option<bool?>("--transit-gateway") { Description = "whether the customer is attached to a transit gateway, so that it can have no VPN", HelpName = "true|false" };
        return Change(choice, "edition", "Change the flags of the customer's edition; what is not given stays.", [https, transit], (parsed, now) => new CustomerChange(Edition: now.Edition with
        {
            HttpsOnly = parsed.GetValue(https) ?? now.Edition.HttpsOnly,
            TransitGateway = parsed.GetValue(transit) ?? now.Edition.TransitGateway,
        }));
    }

    /// <summary>A command that changes parts of a customer. It is meant for what it has read: somebody else's change in between is not taken back.</summary>
    private static Command Change(VpnService.Choice choice, string name, string description, IReadOnlyList<Option> options, Func<ParseResult, Cloud.Contract.Customer, CustomerChange> change)
    {
        var json = Options.Json();
        var command = new Command(name, description) { json };
        foreach (var option in options) command.Add(option);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (options.All(option => parsed.GetResult(option) is null)) throw new CliException(ExitCodes.WrongCall, "nothing was given to change", $"tunnelwright vpn customers {name} --help shows what can be changed");
            using var service = await choice.OpenAsync(parsed, cancellationToken);
            await VpnCustomers.ChangeAsync(service, now => change(parsed, now), parsed.GetValue(json), cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Option<string[]> Many(string name, string description, string syntax) => new(name) { Description = description, AllowMultipleArgumentsPerToken = true, HelpName = syntax };

    /// <summary>The values of an option, parted by commas too; empty for "none", null when it was not given.</summary>
    private static string[]? Given(ParseResult parsed, Option<string[]> option)
    {
        if (parsed.GetResult(option) is null) return null;
        string[] values = [.. (parsed.GetValue(option) ?? []).SelectMany(value => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
        return values is [None] ? [] : values;
    }

    /// <summary>Only the shape is looked at here, as in the following: what is wrong with addresses and kinds the service says, all of it together.</summary>
    private static DatabaseService Database(string text) =>
        text.Split('/') is [var place, var kind, .. var rest] && place.Split(':') is [var address, var port] && Number(port) is { } number && (rest is [] or ["read-only"])
            ? new DatabaseService(address, number, kind, rest.Length == 1)
            : throw new CliException(ExitCodes.WrongCall, $"--database: '{text}' is not {DatabaseSyntax}", "such as 10.8.2.30:5432/postgresql/read-only");

    private static DnsRecord Record(string text) =>
        text.Split('=', 2) is [var name, var value] && value.Split(':') is [var type, var target, .. var rest] && rest.Length <= 1 && (rest.Length == 0 ? TimeToLiveSeconds : Number(rest[0])) is { } seconds
            ? new DnsRecord(name, type.ToUpperInvariant(), target, seconds)
            : throw new CliException(ExitCodes.WrongCall, $"--record: '{text}' is not {RecordSyntax}", "such as app.example.com=A:10.8.2.10:60");

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
