using Microsoft.Playwright;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Tests;

/// <summary>What people do with the console, in a real browser against the real service.</summary>
public sealed class WalkTests(ClusterFixture cluster)
{
    private const string Email = "anna@acme.example";
    private const string Password = "correct horse battery";

    [Fact]
    public async Task From_sign_in_to_the_downloaded_file_and_both_tunnels_up_and_gone_again()
    {
        await using var browser = await Browser.StartAsync();
        var gateways = new CustomerGateways();
        await using var service = await TestService.StartAsync(cluster);
        await service.AddNodesAsync(gateways, "zone-a", "zone-b", "zone-c");
        var customer = await WithUserAsync(service, Role.Administrator);
        var page = await browser.OpenAsync(service.Address, 1200, ColorScheme.Light);
        var refused = Violations(page);
        await page.GotoAsync("/");
        await Browser.KeepAsync(page, "sign-in");

        await SignInAsync(page, "not the password");
        await Shows(page.GetByRole(AriaRole.Alert), "E-mail address or password is wrong.");
        await SignInAsync(page, Password);
        await Shows(page.Locator("main"), "There is no connection yet.");
        await PageChecks.AllAsync(page);

        await page.GetByRole(AriaRole.Button, new() { Name = "New connection" }).ClickAsync();
        await FillWronglyAsync(page);
        await PageChecks.AllAsync(page);
        await Browser.KeepAsync(page, "form-with-problems");
        await MendAsync(page);

        // The cloud's side becomes ready and the page says so by itself.
        await page.GetByRole(AriaRole.Button, new() { Name = "Download" }).WaitForAsync();
        await page.GetByText("Your gateway has to begin").WaitForAsync();
        await PageChecks.AllAsync(page);
        gateways.Configure(await DownloadAsync(page, "generic"));
        await page.Locator(".dot.up").Nth(1).WaitForAsync();
        await Shows(page.Locator("#news"), "is up");
        await PageChecks.AllAsync(page);
        await DownloadAsync(page, "swanctl");

        await page.GetByLabel("Internal network ranges").FillAsync("10.1.0.0/16\n10.2.0.5/16");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Shows(page.Locator("#ranges-notes"), "The route 10.2.0.5/16 must have a valid IP range, for example 10.10.1.0/24");
        Assert.Equal("10.1.0.0/16\n10.2.0.5/16", await page.GetByLabel("Internal network ranges").InputValueAsync());
        await page.GetByLabel("Internal network ranges").FillAsync("10.1.0.0/16\n10.2.0.0/16");
        await page.GetByLabel("Purpose").FillAsync("Head office, Lisbon");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await page.Locator("#live-state .available").WaitForAsync();
        await page.ReloadAsync();
        Assert.Equal("10.1.0.0/16\n10.2.0.0/16", await page.GetByLabel("Internal network ranges").InputValueAsync());

        await Shows(page.GetByRole(AriaRole.Heading, new() { Level = 1 }), "Head office, Lisbon");
        await Browser.KeepAsync(page, "connection");

        // Another one, whose gateway has not begun.
        var waiting = await service.Administrator.SettledAsync(await service.Administrator.CreateAsync(customer.Id, Requests.Static(3) with { Purpose = "Warehouse, Faro" }));
        var own = page.Url;
        await page.GotoAsync(ConsolePaths.Connections(customer.Id));
        await Shows(page.Locator("tr", new() { HasText = waiting.Id }), "1 down");
        await Shows(page.Locator("tr", new() { HasText = "98.80.93.58" }), "2 up");
        await PageChecks.AllAsync(page);
        await Browser.KeepAsync(page, "connections");
        await service.Administrator.DeleteAsync(Paths.Connection(customer.Id, waiting.Id));
        await page.Locator("tr", new() { HasText = waiting.Id }).WaitForAsync(new() { State = WaitForSelectorState.Detached });

        await page.GotoAsync(own);
        await page.GetByText("Delete this connection").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Shows(page.Locator("#name-notes"), "Type 98.80.93.58 to delete this connection.");
        await PageChecks.AllAsync(page);
        await page.Locator("#name").FillAsync("98.80.93.58");
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Shows(page.Locator("#live-list"), "There is no connection yet.");

        await page.GetByRole(AriaRole.Link, new() { Name = "Audit" }).ClickAsync();
        await Shows(page.Locator("table"), "file.download: swanctl");
        await PageChecks.AllAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await page.GotoAsync(ConsolePaths.Connections(customer.Id));
        Assert.Contains(ConsolePaths.SignIn, page.Url);
        Assert.Empty(refused);
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task On_a_phone_every_page_fits_and_can_be_read(ColorScheme scheme)
    {
        await using var browser = await Browser.StartAsync();
        var gateways = new CustomerGateways();
        await using var service = await TestService.StartAsync(cluster);
        await service.AddNodesAsync(gateways, "zone-a", "zone-b");
        var customer = await WithUserAsync(service, Role.Administrator);
        await service.Administrator.PostAsync(Paths.ProviderUsers, new NewUser("root@provider.example", Password, Role.Administrator), CloudJson.Default.NewUser, CloudJson.Default.User);
        using (var named = await service.Administrator.SendAsync(HttpMethod.Patch, Paths.Customer(customer.Id), """{"dns":{"records":[],"forwards":[{"domain":"company.local","servers":[{"address":"10.1.0.53"},{"address":"10.1.0.54"}]}]}}""")) Assert.Equal(200, (int)named.StatusCode);
        var connection = await service.Administrator.SettledAsync(await service.Administrator.CreateAsync(customer.Id, Requests.Bgp() with { Purpose = "Head office, Lisbon" }));
        gateways.Configure(await service.Administrator.FileAsync(connection));
        await Eventually.GetAsync(() => service.Administrator.ConnectionAsync(connection), now => now.Tunnels.All(tunnel => tunnel.Observed?.State == TunnelState.Up), "both tunnels up");
        var page = await browser.OpenAsync(service.Address, 390, scheme);
        await page.GotoAsync(ConsolePaths.SignIn);
        await PageChecks.AllAsync(page);
        await SignInAsync(page, Password, "root@provider.example");
        string[] paths =
        [
            ConsolePaths.Customers, ConsolePaths.Nodes, ConsolePaths.Audit(null), ConsolePaths.Access(customer.Id), ConsolePaths.Settings(customer.Id),
            ConsolePaths.Connections(customer.Id), ConsolePaths.NewConnection(customer.Id), ConsolePaths.Connection(customer.Id, connection.Id), ConsolePaths.Root + "/nowhere",
        ];
        foreach (var path in paths)
        {
            await page.GotoAsync(path);
            await Browser.KeepAsync(page, $"{scheme}-{path.Split('/')[^1]}");
            await PageChecks.AllAsync(page);
        }

        await page.GotoAsync(ConsolePaths.Connections(customer.Id));
        Assert.Equal(2, await page.Locator(".dot.up:visible").CountAsync());
    }

    [Fact]
    public async Task Without_a_script_everything_is_there_but_the_live_updates()
    {
        await using var browser = await Browser.StartAsync();
        await using var service = await TestService.StartAsync(cluster);
        await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b");
        await WithUserAsync(service, Role.Operator);
        var page = await browser.OpenAsync(service.Address, 390, ColorScheme.Light, script: false);
        await page.GotoAsync("/");
        await SignInAsync(page, Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "New connection" }).ClickAsync();
        await FillWronglyAsync(page);
        await MendAsync(page);
        while (await page.GetByRole(AriaRole.Button, new() { Name = "Download" }).CountAsync() == 0) await page.ReloadAsync();
        Assert.Contains("Pre-Shared Key", await DownloadAsync(page, "generic"));
    }

    private static async Task<Customer> WithUserAsync(TestService service, Role role)
    {
        var customer = await service.AddCustomerAsync();
        await service.Administrator.PostAsync(Paths.Users(customer.Id), new NewUser(Email, Password, role), CloudJson.Default.NewUser, CloudJson.Default.User);
        return customer;
    }

    private static async Task SignInAsync(IPage page, string password, string email = Email)
    {
        await page.GetByLabel("E-mail address").FillAsync(email);
        await page.GetByLabel("Password").FillAsync(password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }

    /// <summary>Everything wrong at once: each problem stands beside its field, and what was typed is still there.</summary>
    private static async Task FillWronglyAsync(IPage page)
    {
        await page.GetByLabel("Public IP address").FillAsync("10.0.0.1");
        await page.GetByLabel("Internal network ranges").FillAsync("10.1.0.5/16\n0.0.0.0/0\n10.8.0.0/16");
        await page.GetByLabel("Dynamic").CheckAsync();
        await page.GetByLabel("ASN of the gateway").FillAsync("sixty thousand");
        await page.GetByLabel("Purpose").FillAsync("Head office <Lisbon> & \"Porto\"");
        await page.GetByLabel("Contact e-mail").FillAsync("nobody");
        await page.GetByText("Encryption and lifetimes").ClickAsync();
        await page.Locator("#ike-lifetimeSeconds").FillAsync("5");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask for the connection" }).ClickAsync();

        await Shows(page.Locator("#gatewayAddress-notes"), "10.0.0.1 is not a valid public IP address.");
        await Shows(page.Locator("#ranges-notes"), "The route 10.1.0.5/16 must have a valid IP range, for example 10.10.1.0/24");
        await Shows(page.Locator("#ranges-notes"), "0.0.0.0/0 is not a valid IP range for VPN routes.");
        await Shows(page.Locator("#ranges-notes"), "The IP range for the VPN Route 10.8.0.0/16 overlaps the reserved private IP range 10.8.2.0/24.");
        await Shows(page.Locator("#customerAsn-notes"), "The chosen ASN value sixty thousand is invalid. The ASN value must be between 0 and 65535.");
        await Shows(page.Locator("#contactEmail-notes"), "nobody is not a valid e-mail address.");
        Assert.NotEqual(0, await page.Locator("#ike-lifetimeSeconds-notes.problems li").CountAsync());
        Assert.Equal(await page.Locator("#problems li").CountAsync(), await page.Locator(".problems li").CountAsync());
        var typed = new List<string>();
        foreach (var field in new[] { "gatewayAddress", "ranges", "customerAsn", "purpose", "contactEmail", "ike-lifetimeSeconds" }) typed.Add(await page.Locator("#" + field).InputValueAsync());
        Assert.Equal(["10.0.0.1", "10.1.0.5/16\n0.0.0.0/0\n10.8.0.0/16", "sixty thousand", "Head office <Lisbon> & \"Porto\"", "nobody", "5"], typed);
    }

    private static async Task MendAsync(IPage page)
    {
        await page.Locator("#gatewayAddress").FillAsync("98.80.93.58");
        await page.Locator("#ranges").FillAsync("10.1.0.0/16");
        await page.Locator("#customerAsn").FillAsync("65010");
        await page.Locator("#contactEmail").FillAsync(Email);
        await page.Locator("#ike-lifetimeSeconds").FillAsync("28800");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask for the connection" }).ClickAsync();
        await Shows(page.GetByRole(AriaRole.Heading, new() { Level = 1 }), "Head office <Lisbon> & \"Porto\"");
    }

    private static async Task<string> DownloadAsync(IPage page, string device)
    {
        await page.Locator("#file-device").SelectOptionAsync(device);
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Button, new() { Name = "Download" }).ClickAsync());
        Assert.Contains(device, download.SuggestedFilename);
        return await File.ReadAllTextAsync(await download.PathAsync());
    }

    private static Task Shows(ILocator place, string text) => Assertions.Expect(place).ToContainTextAsync(text, new() { Timeout = 30_000 });

    /// <summary>What the browser refused because of the content security policy, or failed at.</summary>
    private static List<string> Violations(IPage page)
    {
        var refused = new List<string>();
        page.Console += (_, message) =>
        {
            if (message.Text.Contains("Content Security Policy", StringComparison.Ordinal)) refused.Add(message.Text);
        };
        page.PageError += (_, error) => refused.Add(error);
        return refused;
    }
}
