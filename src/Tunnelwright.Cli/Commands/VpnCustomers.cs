using System.CommandLine;
using System.Globalization;
using Tunnelwright.Cli.Provider;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cli.Commands;

/// <summary>Customers and their settings: forwarded domains, notifications, limits.</summary>
internal static class VpnCustomers
{
    private const string ForwardSyntax = "DOMAIN=ADDRESS[:PORT][/tcp][,…]";

    public static Command Create(VpnService.Choice choice) => new("customers", "Customers, and what is set for them.")
    {
        VpnParts.List(choice, "Print the customers that the token may see.", "customers", _ => Paths.Customers, CloudJson.Default.PageCustomer, CloudJson.Default.Customer, Line),
        Show(choice),
        Add(choice),
        Update(choice),
        VpnCustomerParts.CreateServices(choice),
        VpnCustomerParts.CreateNames(choice),
        VpnCustomerParts.CreateEdition(choice),
        Secret(choice),
        VpnParts.Remove(choice, "Remove a customer that has no connection.", "the customer's id; customers list shows them", (_, id) => Paths.Customer(id)),
    };

    private static Command Show(VpnService.Choice choice)
    {
        var json = Options.Json();
        var command = new Command("show", "Print the customer's settings.") { json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var service = await choice.OpenAsync(parsed, cancellationToken);
            Print((await service.Client.GetAsync(Paths.Customer(service.Customer), CloudJson.Default.Customer, cancellationToken: cancellationToken))!, parsed.GetValue(json));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Add(VpnService.Choice choice)
    {
        var name = new Argument<string>("name") { Description = "the name for people" };
        var network = new Option<string>("--cloud-network") { Description = "the customer's network in the cloud, such as 10.8.2.0/24", HelpName = "CIDR", Required = true };
        var asn = new Option<uint?>("--cloud-asn") { Description = "AS number of the cloud's endpoints; default: 64512" };
        var (https, json) = (new Option<bool>("--https-only") { Description = "the load balancer takes 443 alone" }, Options.Json());
        var command = new Command("add", "Add a customer.") { name, network, asn, https, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var service = await choice.OpenAnyAsync(parsed, cancellationToken);
            var wanted = new NewCustomer(parsed.GetRequiredValue(name), parsed.GetRequiredValue(network), parsed.GetValue(asn), Edition: new EditionFlags(parsed.GetValue(https)));
            Print(await service.Client.SendAsync(HttpMethod.Post, Paths.Customers, wanted, CloudJson.Default.NewCustomer, CloudJson.Default.Customer, VpnParts.NewKey(), cancellationToken), parsed.GetValue(json));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Update(VpnService.Choice choice)
    {
        var name = new Option<string?>("--name") { Description = "the name for people" };
        var forwards = new Option<string[]>("--forward") { Description = "the whole list of the customer's domains with its DNS servers, asked through the tunnels; none: no domain", AllowMultipleArgumentsPerToken = true, HelpName = ForwardSyntax };
        var webhook = new Option<string?>("--webhook") { Description = "an https URL that gets every event; none: nowhere", HelpName = "URL" };
        var mail = new Option<bool?>("--mail") { Description = "whether connections' contacts get mail", HelpName = "true|false" };
        var connections = new Option<int?>("--max-connections") { Description = "how many connections; the provider's to change" };
        var routes = new Option<int?>("--max-routes") { Description = "how many ranges; the provider's to change" };
        var json = Options.Json();
        var command = new Command("update", "Change the customer's settings.") { name, forwards, webhook, mail, connections, routes, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var given = new[] { parsed.GetResult(name), parsed.GetResult(forwards), parsed.GetResult(webhook), parsed.GetResult(mail), parsed.GetResult(connections), (object?)parsed.GetResult(routes) }.Any(value => value is not null);
            if (!given) throw new CliException(ExitCodes.WrongCall, "nothing was given to change", "tunnelwright vpn customers update --help shows what can be changed");
            var domains = parsed.GetResult(forwards) is null ? null : Forwards(parsed.GetValue(forwards) ?? []);
            using var service = await choice.OpenAsync(parsed, cancellationToken);
            CustomerChange Change(Cloud.Contract.Customer now) => new(
                parsed.GetValue(name),
                Limits: parsed.GetValue(connections) is null && parsed.GetValue(routes) is null ? null : new CustomerAllowance(parsed.GetValue(connections) ?? now.Limits.Connections, parsed.GetValue(routes) ?? now.Limits.Routes),
                Dns: domains is null ? null : now.Dns with { Forwards = domains },
                Notifications: parsed.GetValue(webhook) is null && parsed.GetValue(mail) is null ? null : new NotificationSettings(parsed.GetValue(webhook) is { } url ? url == "none" ? null : url : now.Notifications.WebhookUrl, parsed.GetValue(mail) ?? now.Notifications.Mail));
            await ChangeAsync(service, Change, parsed.GetValue(json), cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Secret(VpnService.Choice choice)
    {
        var target = VpnParts.SecretFile();
        var command = new Command("webhook-secret", "Make a new secret that webhooks are signed with; the one of before ends.") { target };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var service = await choice.OpenAsync(parsed, cancellationToken);
            var secret = await service.Client.SendAsync(HttpMethod.Post, Paths.WebhookSecret(service.Customer), CloudJson.Default.WebhookSecret, VpnParts.NewKey(), cancellationToken);
            VpnParts.KeepSecret(parsed.GetRequiredValue(target), secret.Secret, "the webhook's secret");
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>Changes a customer and prints it. The change is made from what was read and meant for it alone: one that came in between is told (412) and not taken back.</summary>
    internal static async Task ChangeAsync(VpnService service, Func<Cloud.Contract.Customer, CustomerChange> change, bool json, CancellationToken cancellationToken)
    {
        var now = (await service.Client.GetAsync(Paths.Customer(service.Customer), CloudJson.Default.Customer, cancellationToken: cancellationToken))!;
        Print(await service.Client.ChangeAsync(Paths.Customer(service.Customer), now.Version, change(now), CloudJson.Default.CustomerChange, CloudJson.Default.Customer, cancellationToken), json);
    }

    /// <summary>Only the shape is looked at here: what is wrong with domains and addresses the service says, all of it together.</summary>
    private static List<DnsForward> Forwards(string[] texts) => texts is ["none"] ? [] : [.. texts.Select(text => text.Split('=', 2) is [var domain, var servers]
        ? new DnsForward(domain, [.. servers.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Server)])
        : throw new CliException(ExitCodes.WrongCall, $"--forward: '{text}' is not {ForwardSyntax}", "such as company.local=10.1.0.53,10.1.0.54"))];

    private static DnsServer Server(string text)
    {
        var protocol = text.Split('/', 2);
        var place = protocol[0].Split(':', 2);
        if (place.Length == 1) return new DnsServer(place[0], Protocol: protocol.ElementAtOrDefault(1) ?? "udp");
        return int.TryParse(place[1], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? new DnsServer(place[0], port, protocol.ElementAtOrDefault(1) ?? "udp")
            : throw new CliException(ExitCodes.WrongCall, $"--forward: '{place[1]}' is not a port");
    }

    private static void Print(Cloud.Contract.Customer customer, bool json) => VpnParts.Print(customer, CloudJson.Default.Customer, string.Join('\n', Lines(customer)), json);

    private static string Line(Cloud.Contract.Customer customer) => string.Create(
        CultureInfo.InvariantCulture, $"{customer.Id,-12} {customer.CloudNetwork,-18} at most {customer.Limits.Connections} connections, {customer.Limits.Routes} routes  {VpnText.Safe(customer.Name)}");

    private static IEnumerable<string> Lines(Cloud.Contract.Customer customer)
    {
        yield return $"{customer.Id}  {VpnText.Safe(customer.Name)}";
        yield return $"  cloud network     {customer.CloudNetwork}, AS {customer.CloudAsn}";
        yield return string.Create(CultureInfo.InvariantCulture, $"  limits            {customer.Limits.Connections} connections, {customer.Limits.Routes} routes");
        yield return $"  DNS servers       {string.Join(", ", customer.Services.DnsServers)}";
        yield return $"  DNS forwarders    {(customer.Services.DnsForwarders is { Count: > 0 } forwarders ? string.Join(", ", forwarders) : "none")}";
        yield return $"  load balancer     {customer.Services.LoadBalancer ?? "none"}{(customer.Edition.HttpsOnly ? ", 443 alone" : "")}";
        if (customer.Edition.TransitGateway) yield return "  transit gateway   attached: no VPN can be asked for";
        foreach (var database in customer.Services.Databases) yield return $"  database          {database.Address}:{database.Port}, {VpnText.Safe(database.Kind)}{(database.ReadOnly ? ", read only" : "")}";
        foreach (var record in customer.Dns.Records) yield return string.Create(CultureInfo.InvariantCulture, $"  name              {VpnText.Safe(record.Name)} {VpnText.Safe(record.Type)} {VpnText.Safe(record.Value)}, {record.TtlSeconds} s");
        foreach (var forward in customer.Dns.Forwards) yield return $"  forwarded domain  {VpnText.Safe(forward.Domain)} to {string.Join(", ", forward.Servers.Select(server => $"{server.Address}:{server.Port}/{server.Protocol}"))}";
        yield return $"  webhook           {VpnText.Safe(customer.Notifications.WebhookUrl ?? "none")}";
        yield return $"  mail to contacts  {(customer.Notifications.Mail ? "yes" : "no")}";
    }
}
