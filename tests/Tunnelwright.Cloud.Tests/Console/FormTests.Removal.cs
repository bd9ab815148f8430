using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Tests;

/// <summary>Edition, limits, removed customers and forgotten nodes through the forms, and who may not.</summary>
public sealed partial class FormTests
{
    [Fact]
    public async Task The_provider_sets_edition_and_limits_and_a_customers_administrator_the_name_alone()
    {
        await using var service = await TestService.StartAsync(cluster);
        var customer = await service.AddCustomerAsync();
        using var provider = await ProviderAsync(service);
        var page = ConsolePaths.Settings(customer.Id);
        var token = await provider.TokenAsync(page);
        var refused = await provider.PostAsync(page + "/customer", token, ("version", "1"), ("name", ""), ("edition.httpsOnly", "true"), ("limits.connections", "many"), ("limits.routes", "20000"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        foreach (var text in new[] { "1 to 100 characters.", "A customer may have 0 to 1000 connections.", "A customer may have 0 to 10000 routes.", "id=\"limits-connections-notes\"", "value=\"20000\"" }) Assert.Contains(text, refused.Text);
        Assert.Matches("name=\"edition.httpsOnly\" value=\"true\" checked", refused.Text);

        Assert.Equal(page, (await provider.PostAsync(page + "/customer", token, ("version", "1"), ("name", "Acme Ltd"), ("edition.httpsOnly", "true"), ("limits.connections", "7"), ("limits.routes", " 40 "))).Location);
        var now = await service.Administrator.GetAsync(Paths.Customer(customer.Id), CloudJson.Default.Customer);
        Assert.Equal(("Acme Ltd", new EditionFlags(HttpsOnly: true), new CustomerAllowance(7, 40)), (now.Name, now.Edition, now.Limits));
        Assert.Contains("7 connections, 40 routes, 443 only", (await provider.GetAsync(ConsolePaths.Customers)).Text);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await provider.PostAsync(page + "/customer", token, ("version", "1"), ("name", "Late"), ("limits.connections", "1"), ("limits.routes", "1"))).Status);

        await AddAsync(service, customer, "anna@acme.example", Role.Administrator);
        using var anna = new Visitor(service.Address);
        await anna.SignInAsync("anna@acme.example");
        var hers = await anna.TokenAsync(page);
        var shown = (await anna.GetAsync(page)).Text;
        Assert.DoesNotContain("limits.connections", shown);
        Assert.DoesNotContain(ConsolePaths.Remove(customer.Id), shown);
        Assert.Equal(HttpStatusCode.Forbidden, (await anna.PostAsync(page + "/customer", hers, ("name", "Acme"), ("limits.connections", "99"), ("limits.routes", "99"))).Status);
        Assert.Equal(page, (await anna.PostAsync(page + "/customer", hers, ("name", "Acme plc"))).Location);
        now = await service.Administrator.GetAsync(Paths.Customer(customer.Id), CloudJson.Default.Customer);
        Assert.Equal(("Acme plc", new EditionFlags(HttpsOnly: true), new CustomerAllowance(7, 40)), (now.Name, now.Edition, now.Limits));
    }

    [Fact]
    public async Task A_customer_is_removed_and_a_node_forgotten_after_their_names_were_typed_and_not_while_they_are_needed()
    {
        await using var service = await TestService.StartAsync(cluster);
        var nodes = await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b");
        var customer = await service.AddCustomerAsync();
        var connection = await service.Administrator.SettledAsync(await service.Administrator.CreateAsync(customer.Id, Requests.Static()));
        using var provider = await ProviderAsync(service);
        var (remove, forget) = (ConsolePaths.Remove(customer.Id), ConsolePaths.Forget(nodes[0].Id));
        var token = await provider.TokenAsync(remove);
        Assert.Contains(remove, (await provider.GetAsync(ConsolePaths.Settings(customer.Id))).Text);
        Assert.Contains(forget, (await provider.GetAsync(ConsolePaths.Nodes)).Text);
        Assert.Contains("Tunnels that end on it: 1;", (await provider.GetAsync(forget)).Text);
        foreach (var (path, typed, told) in new[]
        {
            (remove, "acme", "Type Acme to remove this customer."), (remove, "Acme", "The customer has connections; delete them first."),
            (forget, "node", "Type node in zone-a to forget this node."), (forget, "node in zone-a", "Tunnels end on this node; replace their endpoints first."),
        })
        {
            var refused = await provider.PostAsync(path, token, ("version", $"{customer.Version}"), ("name", typed));
            Assert.Equal((told, HttpStatusCode.UnprocessableEntity), (told, refused.Status));
            Assert.Contains(told, refused.Text);
        }

        await service.Administrator.DeleteAsync(Paths.Connection(customer.Id, connection.Id));
        await Eventually.GetAsync(async () => (await service.Administrator.GetAsync(Paths.Connections(customer.Id), CloudJson.Default.PageConnection)).Items.Count, count => count == 0, "no connection");
        using (var changed = await service.Administrator.SendAsync(HttpMethod.Patch, Paths.Customer(customer.Id), """{"name":"Acme"}""")) Assert.Equal(200, (int)changed.StatusCode);
        Assert.Contains("It was changed in the meantime.", (await provider.PostAsync(remove, token, ("version", $"{customer.Version}"), ("name", "Acme"))).Text);
        Assert.Equal(ConsolePaths.Customers, (await provider.PostAsync(remove, token, ("version", $"{customer.Version + 1}"), ("name", "Acme"))).Location);
        Assert.Equal(HttpStatusCode.NotFound, (await provider.GetAsync(remove)).Status);
        Assert.Equal(ConsolePaths.Nodes, (await provider.PostAsync(forget, token, ("name", "node in zone-a"))).Location);
        Assert.Equal([nodes[1].Id], (await service.Administrator.GetAsync(Paths.Nodes, CloudJson.Default.PageNode)).Items.Select(node => node.Id));
        Assert.Equal(HttpStatusCode.NotFound, (await provider.GetAsync(forget)).Status);
    }

    [Fact]
    public async Task Every_page_and_form_of_another_customer_does_not_exist_and_the_providers_are_the_providers()
    {
        await using var service = await TestService.StartAsync(cluster);
        var nodes = await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b");
        var (mine, theirs) = (await service.AddCustomerAsync("mine"), await service.AddCustomerAsync("theirs"));
        var other = await service.Administrator.SettledAsync(await service.Administrator.CreateAsync(theirs.Id, Requests.Static()));
        await AddAsync(service, mine, "admin@mine.example", Role.Administrator);
        var user = await AddAsync(service, theirs, "admin@theirs.example", Role.Administrator);
        using var admin = new Visitor(service.Address);
        await admin.SignInAsync("admin@mine.example");
        var token = await admin.TokenAsync(ConsolePaths.Settings(mine.Id));
        var ids = new Dictionary<string, string>(StringComparer.Ordinal) { ["customer"] = theirs.Id, ["connection"] = other.Id, ["user"] = user.Id, ["token"] = "token-0", ["tunnel"] = "1", ["node"] = nodes[0].Id, ["pool"] = "pool-0" };
        var tried = 0;
        foreach (var endpoint in service.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var template = "/" + endpoint.RoutePattern.RawText!.Trim('/');
            if (!template.StartsWith(ConsolePaths.Root + "/", StringComparison.Ordinal) || endpoint.Metadata.GetMetadata<AccessRule>() is not { Audience: Audience.Customer or Audience.Provider }) continue;
            var path = Placeholder().Replace(template, match => ids[match.Groups["name"].Value]);
            var (status, _, _) = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0] == "GET" ? await admin.GetAsync(path) : await admin.PostAsync(path, token);
            Assert.Equal((path, template.Contains("{customer}", StringComparison.Ordinal) ? HttpStatusCode.NotFound : HttpStatusCode.Forbidden), (path, status));
            tried++;
        }

        Assert.InRange(tried, 40, 100);
        Assert.Equal(other.Version, (await service.Administrator.ConnectionAsync(other)).Version);
    }

    private static async Task<Visitor> ProviderAsync(TestService service)
    {
        await service.Administrator.PostAsync(Paths.ProviderUsers, new NewUser("root@provider.example", Password, Role.Administrator), CloudJson.Default.NewUser, CloudJson.Default.User);
        var visitor = new Visitor(service.Address);
        await visitor.SignInAsync("root@provider.example");
        return visitor;
    }

    [GeneratedRegex(@"\{(?<name>\w+)(:\w+)?\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Placeholder();
}
