using System.Text.Json;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cli.Tests;

/// <summary>Services, names of the cloud and the edition of a customer, which the provider sets.</summary>
public sealed class VpnCustomerPartsTests
{
    private static readonly Cloud.Contract.Customer Now = new(
        ContractService.Customer, "Acme", "10.8.2.0/24", 64512, new CloudServices(["10.8.2.2", "10.8.2.3"], "10.8.2.10", [], ["10.8.2.4", "10.8.2.5"]), new EditionFlags(TransitGateway: true), new CustomerAllowance(5, 20),
        new DnsForwarding([], [new DnsForward("company.local", [new DnsServer("10.1.0.53")])]), new NotificationSettings(), new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), 7);

    private static readonly string Path = Paths.Customer(ContractService.Customer);

    [Fact]
    public void Services_are_changed_and_what_is_not_given_stays()
    {
        using var service = Service();
        var change = Change(service, "services", "--load-balancer", "none", "--database", "10.8.2.30:5432/postgresql/read-only", "10.8.2.31:1521/oracle", "--dns-forwarder", "none").Services!;
        Assert.Equal([new DatabaseService("10.8.2.30", 5432, "postgresql", true), new DatabaseService("10.8.2.31", 1521, "oracle", false)], change.Databases);
        Assert.Equal((null, 0), (change.LoadBalancer, change.DnsForwarders!.Count));
        Assert.Equal(Now.Services.DnsServers, change.DnsServers);
        change = Change(service, "services", "--dns-server", "10.8.2.6,10.8.2.7").Services!;
        Assert.Equal(["10.8.2.6", "10.8.2.7"], change.DnsServers);
        Assert.Equal("10.8.2.10", change.LoadBalancer);
        Assert.Empty(Change(service, "services", "--database", "none").Services!.Databases);
    }

    [Fact]
    public void Names_are_changed_and_the_customers_domains_stay()
    {
        using var service = Service();
        var change = Change(service, "names", "--record", "app.example.com=a:10.8.2.10:30", "www.example.com=CNAME:app.example.com").Dns!;
        Assert.Equal([new DnsRecord("app.example.com", "A", "10.8.2.10", 30), new DnsRecord("www.example.com", "CNAME", "app.example.com", 60)], change.Records);
        Assert.Equal("company.local", Assert.Single(change.Forwards).Domain);
        Assert.Empty(Change(service, "names", "--record", "none").Dns!.Records);
    }

    [Fact]
    public void The_edition_is_changed_flag_by_flag()
    {
        using var service = Service();
        Assert.Equal(new CustomerChange(Edition: new EditionFlags(HttpsOnly: true, TransitGateway: true)), Change(service, "edition", "--https-only", "true"));
        Assert.Equal(new EditionFlags(), Change(service, "edition", "--transit-gateway", "false").Edition);
        Assert.Contains("transit gateway", service.Vpn("customers", "show").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("services")]
    [InlineData("names")]
    [InlineData("edition")]
    [InlineData("services --database 10.8.2.30/oracle")]
    [InlineData("services --database 10.8.2.30:x/oracle")]
    [InlineData("services --database 10.8.2.30:1521/oracle/fast")]
    [InlineData("names --record app.example.com")]
    [InlineData("names --record app.example.com=A")]
    [InlineData("names --record app.example.com=A:10.8.2.10:soon")]
    [InlineData("edition --https-only perhaps")]
    public void A_call_that_says_nothing_or_cannot_be_read_changes_nothing(string call)
    {
        using var service = Service();
        Tool.AssertRefused(service.Vpn(["customers", .. call.Split(' ')]), 2);
        Assert.DoesNotContain(service.Requests, asked => asked.Method == "PATCH");
    }

    [Fact]
    public void Somebody_elses_change_in_between_is_told()
    {
        using var service = Service().On("PATCH", Path, ContractService.Refusal(412));
        var run = service.Vpn("customers", "edition", "--https-only", "true");
        Tool.AssertRefused(run, 1);
    }

    private static ContractService Service() => new ContractService().On("GET", Path, ContractService.Json(Now, CloudJson.Default.Customer)).On("PATCH", Path, ContractService.Json(Now, CloudJson.Default.Customer));

    /// <summary>What the service is asked to change, of the version that was read; what comes back is printed.</summary>
    private static CustomerChange Change(ContractService service, params string[] arguments)
    {
        var run = service.Vpn(["customers", .. arguments, "--json"]);
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Equal(Now.Name, JsonSerializer.Deserialize(run.Output, CloudJson.Default.Customer)!.Name);
        Assert.Equal("\"7\"", service.Requests[^1].IfMatch);
        return JsonSerializer.Deserialize(service.Requests[^1].Body, CloudJson.Default.CustomerChange)!;
    }
}
