using System.Net;
using System.Text.RegularExpressions;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Tests;

/// <summary>Names, notifications, services, nodes' registration and addresses through the forms.</summary>
public sealed partial class FormTests
{
    [Fact]
    public async Task A_customers_administrator_forwards_domains_and_sets_notifications_and_nothing_of_the_providers()
    {
        await using var service = await TestService.StartAsync(cluster);
        var customer = await service.AddCustomerAsync("Acme", asked => asked with { Dns = new DnsForwarding([new DnsRecord("app.example.com", "A", "10.8.2.10", 60)], []) });
        await AddAsync(service, customer, "anna@acme.example", Role.Administrator);
        await AddAsync(service, customer, "oscar@acme.example", Role.Operator);
        var page = ConsolePaths.Settings(customer.Id);
        using var visitor = new Visitor(service.Address);
        await visitor.SignInAsync("anna@acme.example");
        var token = await visitor.TokenAsync(page);

        const string wrong = "company.local 10.1.0.300\nbad_name! 10.1.0.53\nother.local 10.1.0.53:99999/sctp";
        var refused = await visitor.PostAsync(page + "/names", token, ("version", "1"), ("dns.forwards", wrong));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Equal(4, Regex.Count(refused.Text, "A forwarded domain has 1 to 4 servers", RegexOptions.None, TimeSpan.FromSeconds(1)));
        Assert.Contains("bad_name! is not a domain name.", refused.Text);
        Assert.Contains("bad_name! 10.1.0.53", refused.Text);

        Assert.Equal(page, (await visitor.PostAsync(page + "/names", token, ("version", "1"), ("dns.forwards", "company.local 10.1.0.53, 10.1.0.54:5353/tcp\r\n\r\nother.local 10.1.0.53"))).Location);
        var now = await service.Administrator.GetAsync(Paths.Customer(customer.Id), CloudJson.Default.Customer);
        Assert.Equal(["company.local", "other.local"], now.Dns.Forwards.Select(forward => forward.Domain));
        Assert.Equal([new DnsServer("10.1.0.53"), new DnsServer("10.1.0.54", 5353, "tcp")], now.Dns.Forwards[0].Servers);
        Assert.Equal(customer.Dns.Records, now.Dns.Records);
        var shown = (await visitor.GetAsync(page)).Text;
        Assert.Contains("company.local 10.1.0.53 10.1.0.54:5353/tcp", shown);
        Assert.Contains("app.example.com", shown);
        Assert.DoesNotContain("dns.records", shown);
        Assert.DoesNotContain("Save the services", shown);

        // What is the provider's a customer's form cannot change, and a form of an older page changes nothing.
        Assert.Equal(HttpStatusCode.Forbidden, (await visitor.PostAsync(page + "/names", token, ("dns.forwards", ""), ("dns.records", "app.example.com A 10.8.2.99 60"))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await visitor.PostAsync(page + "/services", token, ("services.loadBalancer", "10.8.2.99"))).Status);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await visitor.PostAsync(page + "/names", token, ("version", "1"), ("dns.forwards", ""))).Status);

        Assert.Equal(page, (await visitor.PostAsync(page + "/notifications", token, ("notifications.webhookUrl", "https://hooks.acme.example/vpn"))).Location);
        now = await service.Administrator.GetAsync(Paths.Customer(customer.Id), CloudJson.Default.Customer);
        Assert.Equal((new NotificationSettings("https://hooks.acme.example/vpn", Mail: false), 2), (now.Notifications, now.Dns.Forwards.Count));
        var bad = await visitor.PostAsync(page + "/notifications", token, ("notifications.webhookUrl", "ftp://hooks.acme.example/"), ("notifications.mail", "true"));
        Assert.Contains("A webhook is an https URL without user and password.", bad.Text);
        var secret = WebhookSecretText().Match((await visitor.PostAsync(page + "/webhook-secret", token)).Text).Value;
        Assert.True(secret.Length > 20, secret);
        Assert.DoesNotContain(secret, (await visitor.GetAsync(page)).Text);

        using var other = new Visitor(service.Address);
        await other.SignInAsync("oscar@acme.example");
        Assert.Equal(HttpStatusCode.Forbidden, (await other.GetAsync(page)).Status);
        Assert.DoesNotContain(page, (await other.GetAsync(ConsolePaths.Connections(customer.Id))).Text);
    }

    [Fact]
    public async Task The_provider_sets_services_and_names_of_the_cloud_adds_addresses_and_registers_nodes()
    {
        await using var service = await TestService.StartAsync(cluster);
        var customer = await service.AddCustomerAsync();
        await service.Administrator.PostAsync(Paths.ProviderUsers, new NewUser("root@provider.example", Password, Role.Administrator), CloudJson.Default.NewUser, CloudJson.Default.User);
        using var visitor = new Visitor(service.Address);
        await visitor.SignInAsync("root@provider.example");
        var page = ConsolePaths.Settings(customer.Id);
        var token = await visitor.TokenAsync(page);
        var refused = await visitor.PostAsync(page + "/services", token, ("services.dnsServers", "10.8.2.2"), ("services.dnsForwarders", "10.8.2.2, 10.9.0.1"), ("services.loadBalancer", "web"), ("services.databases", "10.8.2.30 x y"));
        foreach (var text in new[] { "There are two DNS servers.", "There are two DNS forwarders or none", "10.9.0.1 is not an address in 10.8.2.0/24.", "web is not an address in 10.8.2.0/24.", "A port is 1 to 65535.", "A database is one of" }) Assert.Contains(text, refused.Text);
        Assert.Equal(page, (await visitor.PostAsync(page + "/services", token, ("services.dnsServers", "10.8.2.2, 10.8.2.3"), ("services.dnsForwarders", ""), ("services.loadBalancer", ""), ("services.databases", "10.8.2.30 5432 postgresql read-only\n10.8.2.31 1521 oracle"))).Location);
        Assert.Equal(page, (await visitor.PostAsync(page + "/names", token, ("dns.forwards", ""), ("dns.records", "app.example.com a 10.8.2.10 30\nwww.example.com CNAME app.example.com 60"))).Location);
        var now = await service.Administrator.GetAsync(Paths.Customer(customer.Id), CloudJson.Default.Customer);
        Assert.Equal([new DatabaseService("10.8.2.30", 5432, "postgresql", true), new DatabaseService("10.8.2.31", 1521, "oracle", false)], now.Services.Databases);
        Assert.Equal((null, 0), (now.Services.LoadBalancer, now.Services.DnsForwarders!.Count));
        Assert.Equal([new DnsRecord("app.example.com", "A", "10.8.2.10", 30), new DnsRecord("www.example.com", "CNAME", "app.example.com", 60)], now.Dns.Records);

        var nodes = ConsolePaths.Nodes;
        var wrongRange = await visitor.PostAsync(nodes + "/addresses", token, ("range", "10.0.0.0/24"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrongRange.Status);
        Assert.Contains("10.0.0.0/24 is not public", wrongRange.Text);
        Assert.Contains("value=\"10.0.0.0/24\"", wrongRange.Text);
        Assert.Equal(nodes, (await visitor.PostAsync(nodes + "/addresses", token, ("range", "52.30.0.0/28"))).Location);
        var pool = Assert.Single((await service.Administrator.GetAsync(Paths.AddressPools, CloudJson.Default.PageAddressPool)).Items);
        Assert.Contains("52.30.0.0/28", (await visitor.GetAsync(nodes)).Text);
        Assert.Equal(nodes, (await visitor.PostAsync($"{nodes}/addresses/{pool.Id}/remove", token)).Location);
        Assert.Empty((await service.Administrator.GetAsync(Paths.AddressPools, CloudJson.Default.PageAddressPool)).Items);

        var wrongDomain = await visitor.PostAsync(nodes + "/registrations", token, ("failureDomain", "zone a"), ("expiresInSeconds", "3600"));
        Assert.Contains("A failure domain has 1 to 32 letters, digits and", wrongDomain.Text);
        var invited = await visitor.PostAsync(nodes + "/registrations", token, ("failureDomain", "zone-a"), ("expiresInSeconds", "86400"));
        var secret = RegistrationSecret().Match(invited.Text).Groups["secret"].Value;
        using var guest = new TestClient(service.Address, secret);
        Assert.Equal("zone-a", (await guest.PostAsync(Paths.NodeRegister, new NodeRegistration("a node", "test"), CloudJson.Default.NodeRegistration, CloudJson.Default.NodeRegistered)).FailureDomain);
        var listed = (await visitor.GetAsync(nodes)).Text;
        Assert.Contains("a node", listed);
        Assert.DoesNotContain(secret, listed);
    }

    [Fact]
    public async Task A_new_password_is_set_and_what_is_wrong_with_it_is_told_at_its_user()
    {
        await using var service = await TestService.StartAsync(cluster);
        var customer = await service.AddCustomerAsync();
        await AddAsync(service, customer, "anna@acme.example", Role.Administrator);
        await AddAsync(service, customer, "bob@acme.example", Role.Viewer);
        var bob = (await service.Administrator.GetAsync(Paths.Users(customer.Id), CloudJson.Default.PageUser)).Items.Single(user => user.Email == "bob@acme.example");
        using var his = new Visitor(service.Address);
        await his.SignInAsync("bob@acme.example");
        using var visitor = new Visitor(service.Address);
        await visitor.SignInAsync("anna@acme.example");
        var page = ConsolePaths.Access(customer.Id);
        var token = await visitor.TokenAsync(page);
        var refused = await visitor.PostAsync($"{page}/users/{bob.Id}/password", token, ("password", "tooshort"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains($"href=\"#{bob.Id}-password\"", refused.Text);
        Assert.Contains($"id=\"{bob.Id}-password-notes\"", refused.Text);
        Assert.Equal(1, Regex.Count(refused.Text, "<ul class=\"problems\"", RegexOptions.None, TimeSpan.FromSeconds(1)));
        Assert.DoesNotContain("tooshort", refused.Text);

        Assert.Equal(page, (await visitor.PostAsync($"{page}/users/{bob.Id}/password", token, ("password", "another horse battery"))).Location);
        Assert.Equal(HttpStatusCode.Redirect, (await his.GetAsync(ConsolePaths.Connections(customer.Id))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await visitor.PostAsync($"{page}/users/user-000000000000/password", token, ("password", "another horse battery"))).Status);
    }

    [GeneratedRegex("twh_[A-Za-z0-9_-]+", RegexOptions.None, 1000)]
    private static partial Regex WebhookSecretText();

    [GeneratedRegex("<code class=\"secret\" tabindex=\"0\">(?<secret>[^<]+)</code>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RegistrationSecret();
}
