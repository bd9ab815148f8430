using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>A customer's settings as they stand in the form: a line for each domain, name and database.</summary>
public sealed record SettingsForm
{
    /// <summary>The customer's name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Whether the form has the provider's part: edition and limits.</summary>
    public bool HasEdition { get; init; }

    /// <summary>Whether the load balancer takes 443 alone.</summary>
    public bool HttpsOnly { get; init; }

    /// <summary>Whether the customer is attached to a transit gateway.</summary>
    public bool TransitGateway { get; init; }

    /// <summary>How many connections.</summary>
    public string Connections { get; init; } = "";

    /// <summary>How many ranges.</summary>
    public string Routes { get; init; } = "";

    /// <summary>Forwarded domains: "company.local 10.1.0.53 10.1.0.54:5353/tcp".</summary>
    public string Forwards { get; init; } = "";

    /// <summary>Names of the cloud: "app.example.com A 10.8.2.10 60".</summary>
    public string Records { get; init; } = "";

    /// <summary>The two DNS servers.</summary>
    public string DnsServers { get; init; } = "";

    /// <summary>The two addresses where the nodes answer for forwarded domains; empty for nowhere.</summary>
    public string DnsForwarders { get; init; } = "";

    /// <summary>The load balancer; empty for none.</summary>
    public string LoadBalancer { get; init; } = "";

    /// <summary>Databases: "10.8.2.30 5432 postgresql read-only".</summary>
    public string Databases { get; init; } = "";

    /// <summary>Where events are sent; empty for nowhere.</summary>
    public string WebhookUrl { get; init; } = "";

    /// <summary>Whether connections' contacts get mail.</summary>
    public bool Mail { get; init; }

    /// <summary>The form of what is.</summary>
    /// <param name="customer">The customer.</param>
    public static SettingsForm Of(Customer customer)
    {
        ArgumentNullException.ThrowIfNull(customer);
        var services = customer.Services;
        return new()
        {
            Name = customer.Name,
            HttpsOnly = customer.Edition.HttpsOnly,
            TransitGateway = customer.Edition.TransitGateway,
            Connections = $"{customer.Limits.Connections}",
            Routes = $"{customer.Limits.Routes}",
            Forwards = Lines(customer.Dns.Forwards.Select(forward => $"{forward.Domain} {string.Join(' ', forward.Servers.Select(Write))}")),
            Records = Lines(customer.Dns.Records.Select(record => $"{record.Name} {record.Type} {record.Value} {record.TtlSeconds}")),
            DnsServers = string.Join(", ", services.DnsServers),
            DnsForwarders = string.Join(", ", services.DnsForwarders ?? []),
            LoadBalancer = services.LoadBalancer ?? "",
            Databases = Lines(services.Databases.Select(database => $"{database.Address} {database.Port} {database.Kind}{(database.ReadOnly ? " read-only" : "")}")),
            WebhookUrl = customer.Notifications.WebhookUrl ?? "",
            Mail = customer.Notifications.Mail,
        };
    }

    internal static SettingsForm Read(IFormCollection form, Customer customer)
    {
        var now = Of(customer);
        var edition = form.ContainsKey("limits.connections");
        return new()
        {
            Name = Text("name", now.Name),
            HasEdition = edition,
            HttpsOnly = edition ? form["edition.httpsOnly"] == "true" : now.HttpsOnly,
            TransitGateway = edition ? form["edition.transitGateway"] == "true" : now.TransitGateway,
            Connections = Text("limits.connections", now.Connections),
            Routes = Text("limits.routes", now.Routes),
            Forwards = Text("dns.forwards", now.Forwards),
            Records = Text("dns.records", now.Records),
            DnsServers = Text("services.dnsServers", now.DnsServers),
            DnsForwarders = Text("services.dnsForwarders", now.DnsForwarders),
            LoadBalancer = Text("services.loadBalancer", now.LoadBalancer),
            Databases = Text("services.databases", now.Databases),
            WebhookUrl = Text("notifications.webhookUrl", now.WebhookUrl),
            Mail = form.ContainsKey("notifications.webhookUrl") ? form["notifications.mail"] == "true" : now.Mail,
        };

        // What the form has not is as it was.
        string Text(string name, string otherwise) => form.TryGetValue(name, out var typed) ? typed.ToString() : otherwise;
    }

    internal CustomerChange ToCustomer() => new(Name, Edition: HasEdition ? new EditionFlags(HttpsOnly, TransitGateway) : null, Limits: HasEdition ? new CustomerAllowance(Number(Connections.Trim()), Number(Routes.Trim())) : null);

    internal DnsForwarding ToNames() => new([.. Words(Records).Select(Record)], [.. Words(Forwards).Select(words => new DnsForward(words[0], [.. words.Skip(1).Select(Server)]))]);

    internal CloudServices ToServices() => new(RequestForm.Split(DnsServers), LoadBalancer.Trim() is { Length: > 0 } balancer ? balancer : null, [.. Words(Databases).Select(Database)], RequestForm.Split(DnsForwarders));

    internal NotificationSettings ToNotifications() => new(WebhookUrl.Trim() is { Length: > 0 } url ? url : null, Mail);

    private static string Write(DnsServer server) => $"{server.Address}{(server.Port == 53 ? "" : $":{server.Port}")}{(server.Protocol == "udp" ? "" : $"/{server.Protocol}")}";

    /// <summary>ADDRESS[:PORT][/PROTOCOL]. What cannot be read becomes what every rule refuses.</summary>
    private static DnsServer Server(string text)
    {
        var (place, protocol) = Cut(text, '/');
        var (address, port) = Cut(place, ':');
        return new DnsServer(address, port is null ? 53 : Number(port), protocol ?? "udp");
    }

    private static DnsRecord Record(string[] words) => words is [var name, var type, var value, var seconds]
        ? new DnsRecord(name, type.ToUpperInvariant(), value, Number(seconds))
        : new DnsRecord(words[0], words.ElementAtOrDefault(1)?.ToUpperInvariant() ?? "", words.ElementAtOrDefault(2) ?? "", words.Length == 3 ? 60 : -1);

    private static DatabaseService Database(string[] words) =>
        new(words[0], Number(words.ElementAtOrDefault(1) ?? ""), words.Length > 4 || words is [_, _, _, not "read-only"] ? "" : words.ElementAtOrDefault(2) ?? "", words is [_, _, _, "read-only"]);

    private static (string, string?) Cut(string text, char at) => text.IndexOf(at) is >= 0 and var place ? (text[..place], text[(place + 1)..]) : (text, null);

    private static int Number(string text) => int.TryParse(text, System.Globalization.NumberStyles.None, null, out var number) ? number : -1;

    private static IEnumerable<string[]> Words(string text) =>
        text.Split(['\n', '\r'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split([' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries)).Where(words => words.Length > 0);

    private static string Lines(IEnumerable<string> lines) => string.Join('\n', lines);
}
