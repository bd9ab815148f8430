using Tunnelwright.Cloud.Contract;
using Tunnelwright.Model;

namespace Tunnelwright.Cloud;

/// <summary>What a customer's settings must be; every problem together.</summary>
internal static class CustomerRules
{
    private static readonly Cidr[] Private = [Cidr.Parse("10.0.0.0/8"), Cidr.Parse("172.16.0.0/12"), Cidr.Parse("192.168.0.0/16")];
    private static readonly string[] DatabaseKinds = ["oracle", "sql-server", "mysql", "postgresql"];

    /// <summary>The customer's network in the cloud; null when the text is none that can be.</summary>
    public static Cidr? Network(string? text) =>
        Cidr.TryParse(text?.Trim(), out var network) && network.PrefixLength is >= 16 and <= 28 && Private.Any(range => range.Contains(network)) ? network : null;

    /// <summary>What stands in a network when nobody says: DNS servers, forwarders and load balancer at its first hosts after the router.</summary>
    public static CloudServices DefaultServices(Cidr network) => new([At(network, 2), At(network, 3)], At(network, 10), [], [At(network, 4), At(network, 5)]);

    private static string At(Cidr network, int host) => network.Network.Offset(host).ToString();

    public static IEnumerable<RequestProblem> Check(Customer customer, bool takesAnyWebhook)
    {
        if (customer.Name.Length is 0 or > 100 || customer.Name.Any(char.IsControl)) yield return new("name", "name", "A customer's name has 1 to 100 characters.");
        var network = Network(customer.CloudNetwork);
        if (network is null) yield return new("cloud-network", "cloudNetwork", $"{customer.CloudNetwork} is not a private IP range of /16 to /28, for example 10.8.2.0/24");
        if (customer.Limits.Connections is < 0 or > 1000) yield return new("limits", "limits.connections", "A customer may have 0 to 1000 connections.");
        if (customer.Limits.Routes is < 0 or > 10_000) yield return new("limits", "limits.routes", "A customer may have 0 to 10000 routes.");
        foreach (var problem in network is { } range ? Services(customer.Services, range) : []) yield return problem;
        foreach (var problem in Dns(customer.Dns)) yield return problem;
        if (customer.Notifications.WebhookUrl is { } url && !IsWebhook(url, takesAnyWebhook)) yield return new("webhook", "notifications.webhookUrl", "A webhook is an https URL without user and password.");
    }

    private static IEnumerable<RequestProblem> Services(CloudServices services, Cidr network)
    {
        if (services.DnsServers.Count != 2 || services.DnsServers.Distinct(StringComparer.Ordinal).Count() != 2) yield return new("dns-servers", "services.dnsServers", "There are two DNS servers.");
        var forwarders = services.DnsForwarders ?? [];
        if (forwarders.Count is not (0 or 2) || forwarders.Concat(services.DnsServers).Append(services.LoadBalancer).Concat(services.Databases.Select(database => database.Address)).Count(forwarders.Contains) != forwarders.Count)
            yield return new("dns-forwarders", "services.dnsForwarders", "There are two DNS forwarders or none, at addresses that nothing else has.");
        var addresses = services.DnsServers.Select((address, index) => (address, $"services.dnsServers[{index}]"))
            .Concat(forwarders.Select((address, index) => (address, $"services.dnsForwarders[{index}]")))
            .Concat(services.LoadBalancer is { } balancer ? [(balancer, "services.loadBalancer")] : [])
            .Concat(services.Databases.Select((database, index) => (database.Address, $"services.databases[{index}].address")));
        foreach (var (address, field) in addresses)
        {
            if (!Ipv4Address.TryParse(address, out var parsed) || !network.Contains(parsed)) yield return new("service-address", field, $"{address} is not an address in {network}.");
        }

        for (var index = 0; index < services.Databases.Count; index++)
        {
            if (services.Databases[index].Port is < 1 or > 65535) yield return new("database-port", $"services.databases[{index}].port", "A port is 1 to 65535.");
            if (!DatabaseKinds.Contains(services.Databases[index].Kind)) yield return new("database-kind", $"services.databases[{index}].kind", $"A database is one of {string.Join(", ", DatabaseKinds)}.");
        }
    }

    private static IEnumerable<RequestProblem> Dns(DnsForwarding dns)
    {
        if (dns.Records.Count > 1000 || dns.Forwards.Count > 100) yield return new("dns-size", "dns", "There are at most 1000 records and 100 forwarded domains.");
        for (var index = 0; index < dns.Records.Count; index++)
        {
            var record = dns.Records[index];
            if (!IsName(record.Name)) yield return new("dns-name", $"dns.records[{index}].name", $"{record.Name} is not a domain name.");
            var good = record.Type switch { "A" => Ipv4Address.TryParse(record.Value, out _), "CNAME" => IsName(record.Value), _ => false };
            if (!good) yield return new("dns-record", $"dns.records[{index}]", "A record is of type A with an address, or CNAME with a name.");
            if (record.TtlSeconds is < 0 or > 86400) yield return new("dns-ttl", $"dns.records[{index}].ttlSeconds", "A time to live is 0 to 86400 seconds.");
        }

        for (var index = 0; index < dns.Forwards.Count; index++)
        {
            var forward = dns.Forwards[index];
            if (dns.Forwards.Take(index).Any(earlier => earlier.Domain.TrimEnd('.').Equals(forward.Domain.TrimEnd('.'), StringComparison.OrdinalIgnoreCase)))
                yield return new("dns-twice", $"dns.forwards[{index}].domain", $"{forward.Domain} is forwarded already.");
            if (!IsName(forward.Domain)) yield return new("dns-name", $"dns.forwards[{index}].domain", $"{forward.Domain} is not a domain name.");
            if (forward.Servers.Count is 0 or > 4 || forward.Servers.Any(server => !Ipv4Address.TryParse(server.Address, out _) || server.Port is < 1 or > 65535 || server.Protocol is not ("udp" or "tcp")))
                yield return new("dns-server", $"dns.forwards[{index}].servers", "A forwarded domain has 1 to 4 servers: an address, a port, udp or tcp.");
        }
    }

    private static bool IsName(string name)
    {
        var labels = name.TrimEnd('.').Split('.');
        return name.Length <= 253 && labels.All(label => label.Length is >= 1 and <= 63 && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
    }

    private static bool IsWebhook(string url, bool takesHttp) =>
        url.Length <= 500 && Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.UserInfo.Length == 0 && (uri.Scheme == Uri.UriSchemeHttps || (takesHttp && uri.Scheme == Uri.UriSchemeHttp));
}
