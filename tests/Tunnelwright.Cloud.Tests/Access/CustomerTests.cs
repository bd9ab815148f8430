using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Tests;

public sealed class CustomerTests(ClusterFixture cluster)
{
    [Fact]
    public async Task What_is_wrong_with_a_customers_settings_is_told_together_by_field()
    {
        await using var service = await TestService.StartAsync(cluster);
        var problem = await TestClient.ProblemAsync(422, service.AddCustomerAsync("", asked => asked with
        {
            CloudAsn = 3320,
            Services = new CloudServices(["10.8.2.2", "10.9.0.2"], "10.8.3.1", [new DatabaseService("10.8.2.30", 0, "access", false)], ["10.8.2.2", "10.9.0.4"]),
            Dns = new DnsForwarding([new DnsRecord("bad name", "MX", "x", -1)], [new DnsForward("company.local", []), new DnsForward("Company.Local.", [new DnsServer("10.1.0.53")])]),
            Notifications = new NotificationSettings("ftp://example.com"),
        }));
        Assert.Equal(
            [
                "cloudAsn", "dns.forwards[0].servers", "dns.forwards[1].domain", "dns.records[0]", "dns.records[0].name", "dns.records[0].ttlSeconds", "name", "notifications.webhookUrl",
                "services.databases[0].kind", "services.databases[0].port", "services.dnsForwarders", "services.dnsForwarders[1]", "services.dnsServers[1]", "services.loadBalancer",
            ],
            problem.Problems.Select(one => one.Field!).Order(StringComparer.Ordinal));
        foreach (var network in new[] { "8.8.8.0/24", "10.8.2.1/24", "10.0.0.0/8", "10.8.2.0/30", "" })
            Assert.Contains((await TestClient.ProblemAsync(422, service.AddCustomerAsync("x", asked => asked with { CloudNetwork = network }))).Problems, one => one.Field == "cloudNetwork");
    }

    [Fact]
    public async Task A_customers_administrator_changes_what_is_the_customers_and_nothing_else()
    {
        await using var service = await TestService.StartAsync(cluster);
        var customer = await service.AddCustomerAsync();
        using var own = await service.ClientOfAsync(customer, Role.Administrator);
        foreach (var body in new[] { """{"limits":{"connections":99,"routes":99}}""", """{"edition":{"httpsOnly":false}}""", """{"dns":{"records":[{"name":"a.example","type":"A","value":"10.8.2.9","ttlSeconds":60}],"forwards":[]}}""" })
        {
            using var refused = await own.SendAsync(HttpMethod.Patch, Paths.Customer(customer.Id), body);
            Assert.Equal(403, (int)refused.StatusCode);
        }

        using var changed = await own.SendAsync(HttpMethod.Patch, Paths.Customer(customer.Id), """{"name":"Acme Ltd","dns":{"records":[],"forwards":[{"domain":"company.local","servers":[{"address":"10.1.0.53","protocol":"tcp"}]}]}}""");
        Assert.Equal(200, (int)changed.StatusCode);
        var now = await own.GetAsync(Paths.Customer(customer.Id), CloudJson.Default.Customer);
        Assert.Equal(("Acme Ltd", "tcp", customer.Limits, 2L), (now.Name, now.Dns.Forwards.Single().Servers.Single().Protocol, now.Limits, now.Version));
    }
}
