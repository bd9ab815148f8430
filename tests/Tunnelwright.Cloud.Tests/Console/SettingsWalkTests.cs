using Dapper;
using Microsoft.Playwright;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Tests;

/// <summary>What a provider and a customer's administrator set, in a real browser against the real service.</summary>
public sealed class SettingsWalkTests(ClusterFixture cluster)
{
    private const string Provider = "root@provider.example";
    private const string Password = "correct horse battery";

    [Theory]
    [InlineData(ColorScheme.Light, 1200)]
    [InlineData(ColorScheme.Dark, 1200)]
    [InlineData(ColorScheme.Light, 390)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task The_provider_registers_a_node_adds_addresses_and_sets_a_customers_names(ColorScheme scheme, int width)
    {
        await using var browser = await Browser.StartAsync();
        await using var service = await TestService.StartAsync(cluster);
        var customer = await service.AddCustomerAsync();
        await service.Administrator.PostAsync(Paths.ProviderUsers, new NewUser(Provider, Password, Role.Administrator), CloudJson.Default.NewUser, CloudJson.Default.User);
        await service.Administrator.PostAsync(Paths.Users(customer.Id), new NewUser("anna@acme.example", Password, Role.Viewer), CloudJson.Default.NewUser, CloudJson.Default.User);
        var page = await browser.OpenAsync(service.Address, width, scheme);
        var broken = new List<string>();
        page.PageError += (_, error) => broken.Add(error);
        await page.GotoAsync(ConsolePaths.SignIn);
        await page.GetByLabel("E-mail address").FillAsync(Provider);
        await page.GetByLabel("Password").FillAsync(Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Nodes" }).ClickAsync();
        await Shows(page.Locator("main"), "There is no range yet");
        await page.GetByText("Add a range").ClickAsync();
        await page.GetByLabel("Range").FillAsync("10.0.0.0/24");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
        await Shows(page.Locator("#range-notes"), "10.0.0.0/24 is not public");
        await LooksAsync(page, scheme, width, "nodes-refused");
        await page.GetByLabel("Range").FillAsync("52.30.0.0/24");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
        await Shows(page.Locator("table"), "52.30.0.0/24");
        await page.GetByText("Register a node").ClickAsync();
        await page.GetByLabel("Failure domain").FillAsync("zone-a");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a token and show it" }).ClickAsync();
        await Shows(page.Locator(".notice"), "for a node in zone-a");
        await LooksAsync(page, scheme, width, "nodes");

        await ForgetsAsync(page, service, scheme, width);
        await page.GotoAsync(ConsolePaths.Settings(customer.Id));
        await page.GetByLabel("443 only").CheckAsync();
        await page.GetByLabel("Connections at most").FillAsync("seven");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save the customer" }).ClickAsync();
        await Shows(page.Locator("#limits-connections-notes"), "A customer may have 0 to 1000 connections.");
        Assert.True(await page.GetByLabel("443 only").IsCheckedAsync());
        await LooksAsync(page, scheme, width, "edition-refused");
        await page.GetByLabel("Connections at most").FillAsync("7");
        await page.GetByLabel("Ranges at most").PressAsync("Enter");
        await page.WaitForURLAsync("**" + ConsolePaths.Settings(customer.Id));
        Assert.Equal("7", await page.GetByLabel("Connections at most").InputValueAsync());
        await page.GetByLabel("The customer's domains").FillAsync("company.local 10.1.0.53 10.1.0.54:5353/tcp\nbroken..local ten");
        await page.GetByLabel("Names of the cloud").FillAsync("app.example.com A 10.8.2.10 60");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save the names" }).ClickAsync();
        await Shows(page.Locator("#dns-forwards-notes"), "broken..local is not a domain name.");
        Assert.Equal("company.local 10.1.0.53 10.1.0.54:5353/tcp\nbroken..local ten", await page.GetByLabel("The customer's domains").InputValueAsync());
        await LooksAsync(page, scheme, width, "settings-refused");
        await page.GetByLabel("The customer's domains").FillAsync("company.local 10.1.0.53 10.1.0.54:5353/tcp");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save the names" }).ClickAsync();
        await page.WaitForURLAsync("**" + ConsolePaths.Settings(customer.Id));
        await page.GetByText("New webhook secret").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a secret and show it" }).ClickAsync();
        await Shows(page.Locator(".notice .secret"), "twh_");
        await LooksAsync(page, scheme, width, "settings");
        Assert.Equal("company.local", Assert.Single((await service.Administrator.GetAsync(Paths.Customer(customer.Id), CloudJson.Default.Customer)).Dns.Forwards).Domain);

        await page.GotoAsync(ConsolePaths.Access(customer.Id));
        await page.GetByText("New password …").ClickAsync();
        await page.GetByLabel("New password of anna@acme.example").FillAsync("short");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set the password" }).ClickAsync();
        await Shows(page.Locator("table .problems"), "A password has 12 to 200 characters.");
        await LooksAsync(page, scheme, width, "password-refused");

        await page.GotoAsync(ConsolePaths.Settings(customer.Id));
        await page.GetByText("Remove this customer").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await Shows(page.Locator("#name-notes"), "Type Acme to remove this customer.");
        await LooksAsync(page, scheme, width, "remove-customer");
        await page.GetByLabel("Type the customer's name").FillAsync("Acme");
        await page.GetByLabel("Type the customer's name").PressAsync("Enter");
        await Shows(page.Locator("main"), "There is no customer yet.");
        Assert.Empty(broken);
    }

    /// <summary>A node that was there once, of which nothing has been heard for a day.</summary>
    private static async Task ForgetsAsync(IPage page, TestService service, ColorScheme scheme, int width)
    {
        var invitation = await service.Administrator.PostAsync(Paths.RegistrationTokens, new NewRegistrationToken("zone-a"), CloudJson.Default.NewRegistrationToken, CloudJson.Default.RegistrationToken);
        using (var guest = service.ClientOf(invitation.Secret))
            await guest.PostAsync(Paths.NodeRegister, new NodeRegistration("gateway-07.zone-a.vpn.provider.example", "test"), CloudJson.Default.NodeRegistration, CloudJson.Default.NodeRegistered);
        await service.Database.ReadAsync(store => store.ExecuteAsync("update nodes set last_seen_at = now() - interval '1 day'"), CancellationToken.None);
        await page.GotoAsync(ConsolePaths.Nodes);
        await LooksAsync(page, scheme, width, "nodes-silent");
        await page.GetByText("Forget").ClickAsync();
        await Shows(page.Locator("main"), "It is silent.");
        await LooksAsync(page, scheme, width, "forget-node");
        await page.GetByLabel("Type the node's name").FillAsync("gateway-07.zone-a.vpn.provider.example");
        await page.GetByRole(AriaRole.Button, new() { Name = "Forget" }).ClickAsync();
        await Shows(page.Locator("#live-nodes"), "No node has registered yet.");
    }

    private static async Task LooksAsync(IPage page, ColorScheme scheme, int width, string name)
    {
        await Browser.KeepAsync(page, $"{name}-{scheme}-{width}");
        await PageChecks.AllAsync(page);
    }

    private static Task Shows(ILocator place, string text) => Assertions.Expect(place).ToContainTextAsync(text, new() { Timeout = 30_000 });
}
