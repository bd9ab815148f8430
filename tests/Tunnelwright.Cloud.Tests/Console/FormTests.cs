using System.Net;
using System.Text.RegularExpressions;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Tests;

/// <summary>What stands behind the pages: roles, customers, and forms that come from elsewhere. No browser is needed for it.</summary>
public sealed partial class FormTests(ClusterFixture cluster)
{
    private const string Password = "correct horse battery";

    [Fact]
    public async Task Who_is_not_signed_in_gets_the_form_to_sign_in_and_is_sent_nowhere_else()
    {
        await using var service = await TestService.StartAsync(cluster);
        var customer = await service.AddCustomerAsync();
        using var visitor = new Visitor(service.Address);
        var refused = await visitor.GetAsync(ConsolePaths.Connections(customer.Id));
        Assert.Equal(HttpStatusCode.Redirect, refused.Status);
        Assert.Equal($"{ConsolePaths.SignIn}?to={Uri.EscapeDataString(ConsolePaths.Connections(customer.Id))}", refused.Location);
        foreach (Match asset in Asset().Matches((await visitor.GetAsync(ConsolePaths.SignIn)).Text)) Assert.Equal((asset.Value, HttpStatusCode.OK), (asset.Value, (await visitor.GetAsync(asset.Value)).Status));
        Assert.DoesNotContain("elsewhere.example", (await visitor.GetAsync(ConsolePaths.SignIn + "?to=https://elsewhere.example/console/")).Text);
        await AddAsync(service, customer, "anna@acme.example", Role.Viewer);
        Assert.Equal(ConsolePaths.Connections(customer.Id), (await visitor.SignInAsync("anna@acme.example", "//elsewhere.example/")).Location);
    }

    [Fact]
    public async Task A_form_without_its_token_changes_nothing()
    {
        await using var service = await TestService.StartAsync(cluster);
        var customer = await service.AddCustomerAsync();
        await AddAsync(service, customer, "anna@acme.example", Role.Administrator);
        using var visitor = new Visitor(service.Address);
        Assert.Equal(HttpStatusCode.BadRequest, (await visitor.PostAsync(ConsolePaths.SignIn, ("email", "anna@acme.example"), ("password", Password))).Status);
        await visitor.SignInAsync("anna@acme.example");
        var forged = await visitor.PostAsync(ConsolePaths.Access(customer.Id) + "/tokens", ("name", "forged"), ("role", "administrator"));
        Assert.Equal(HttpStatusCode.BadRequest, forged.Status);
        Assert.Contains("This form is too old.", forged.Text);
        Assert.DoesNotContain((await service.Administrator.GetAsync(Paths.Tokens(customer.Id), CloudJson.Default.PageApiToken)).Items, token => token.Name == "forged");

        // Another user's token does not do either.
        await AddAsync(service, customer, "bob@acme.example", Role.Administrator);
        using var other = new Visitor(service.Address);
        await other.SignInAsync("bob@acme.example");
        var borrowed = await other.TokenAsync(ConsolePaths.Access(customer.Id));
        Assert.Equal(HttpStatusCode.BadRequest, (await visitor.PostAsync(ConsolePaths.Access(customer.Id) + "/tokens", ("name", "forged"), borrowed)).Status);
    }

    [Fact]
    public async Task A_viewer_sees_and_changes_nothing_and_another_customer_does_not_exist()
    {
        await using var service = await TestService.StartAsync(cluster);
        await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b");
        var (mine, theirs) = (await service.AddCustomerAsync("mine"), await service.AddCustomerAsync("theirs"));
        var own = await service.Administrator.SettledAsync(await service.Administrator.CreateAsync(mine.Id, Requests.Static()));
        var other = await service.Administrator.SettledAsync(await service.Administrator.CreateAsync(theirs.Id, Requests.Static()));
        await AddAsync(service, mine, "viewer@mine.example", Role.Viewer);
        await AddAsync(service, mine, "admin@mine.example", Role.Administrator);
        using var viewer = new Visitor(service.Address);
        await viewer.SignInAsync("viewer@mine.example");
        using var admin = new Visitor(service.Address);
        await admin.SignInAsync("admin@mine.example");

        var page = ConsolePaths.Connection(mine.Id, own.Id);
        var seen = await viewer.GetAsync(page);
        Assert.Equal(HttpStatusCode.OK, seen.Status);
        Assert.DoesNotContain("Rotate the keys", seen.Text);
        Assert.DoesNotContain(page + "/file", seen.Text);
        Assert.Equal(HttpStatusCode.Forbidden, (await viewer.GetAsync(page + "/file")).Status);
        var token = await viewer.TokenAsync(page);
        foreach (var action in new[] { "/change", "/rotate-keys", "/confirm-keys", "/delete", "/tunnels/1/replace-endpoint" })
        {
            Assert.Equal((action, HttpStatusCode.Forbidden), (action, (await viewer.PostAsync(page + action, token)).Status));
            Assert.Equal((action, HttpStatusCode.NotFound), (action, (await admin.PostAsync(ConsolePaths.Connection(theirs.Id, other.Id) + action, await admin.TokenAsync(page))).Status));
        }

        foreach (var path in new[] { ConsolePaths.Connections(theirs.Id), ConsolePaths.NewConnection(theirs.Id), ConsolePaths.Connection(theirs.Id, other.Id), ConsolePaths.Connection(mine.Id, other.Id), ConsolePaths.Audit(theirs.Id), ConsolePaths.Access(theirs.Id), ConsolePaths.Connection(theirs.Id, other.Id) + "/file" })
            Assert.Equal((path, HttpStatusCode.NotFound), (path, (await admin.GetAsync(path)).Status));
        foreach (var path in new[] { ConsolePaths.Nodes, ConsolePaths.Audit(null), ConsolePaths.Access(null) })
            Assert.Equal((path, HttpStatusCode.Forbidden), (path, (await admin.GetAsync(path)).Status));
        var after = await service.Administrator.ConnectionAsync(own);
        Assert.Equal((own.Version, ConnectionState.Available), (after.Version, after.State));
    }

    [Fact]
    public async Task A_form_sent_twice_asks_once_and_one_of_an_older_page_is_refused()
    {
        await using var service = await TestService.StartAsync(cluster);
        await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b");
        var customer = await service.AddCustomerAsync();
        await AddAsync(service, customer, "anna@acme.example", Role.Operator);
        using var visitor = new Visitor(service.Address);
        await visitor.SignInAsync("anna@acme.example");
        var token = await visitor.TokenAsync(ConsolePaths.NewConnection(customer.Id));
        (string, string)[] form =
        [
            token, ("key", "form-0123"), ("gatewayAddress", "98.80.93.58"), ("ranges", "10.1.0.0/16\r\n10.2.0.0/16"), ("routing", "static"), ("customerAsn", "is not looked at"), ("device", "generic"),
            ("purpose", "office"), ("contactEmail", "anna@acme.example"), ("ike.version", "2"), ("ike.encryption", "aes256gcm16"), ("ike.integrity", ""), ("ike.dhGroup", "20"), ("ike.lifetimeSeconds", "28800"),
            ("ipsec.encryption", "aes256"), ("ipsec.integrity", "sha256"), ("ipsec.pfsGroup", "14"), ("ipsec.lifetimeSeconds", "3600"),
        ];
        var first = await visitor.PostAsync(ConsolePaths.NewConnection(customer.Id), form);
        var again = await visitor.PostAsync(ConsolePaths.NewConnection(customer.Id), form);
        Assert.Equal((HttpStatusCode.Redirect, first.Location), (again.Status, again.Location));
        var made = Assert.Single((await service.Administrator.GetAsync(Paths.Connections(customer.Id), CloudJson.Default.PageConnection)).Items);
        Assert.Equal(("aes256gcm16", null, 20), (made.Ike.Encryption, made.Ike.Integrity, made.Ike.DhGroup));
        Assert.Equal(["10.1.0.0/16", "10.2.0.0/16"], made.Ranges);

        made = await service.Administrator.SettledAsync(made);
        await service.Administrator.ChangeAsync(made, new ConnectionChange(Purpose: "somebody was quicker"));
        var stale = await visitor.PostAsync(ConsolePaths.Connection(customer.Id, made.Id) + "/delete", token, ("version", $"{made.Version}"), ("name", "98.80.93.58"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, stale.Status);
        Assert.Equal(ConnectionState.Available, (await service.Administrator.ConnectionAsync(made)).State);
    }

    [Fact]
    public async Task Keys_are_rotated_step_by_step_and_endpoints_move()
    {
        await using var service = await TestService.StartAsync(cluster);
        await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b", "zone-c");
        var customer = await service.AddCustomerAsync();
        var connection = await service.Administrator.SettledAsync(await service.Administrator.CreateAsync(customer.Id, Requests.Static()));
        await AddAsync(service, customer, "anna@acme.example", Role.Operator);
        using var visitor = new Visitor(service.Address);
        await visitor.SignInAsync("anna@acme.example");
        var page = ConsolePaths.Connection(customer.Id, connection.Id);
        var token = await visitor.TokenAsync(page);
        Assert.Equal(page, (await visitor.PostAsync(page + "/rotate-keys", token, ("version", $"{connection.Version}"))).Location);
        var again = await visitor.PostAsync(page + "/rotate-keys", token);
        Assert.Equal(HttpStatusCode.Conflict, again.Status);
        Assert.Contains("Please try again later.", again.Text);
        foreach (var tunnel in new[] { 1, 2 })
        {
            var waiting = await Eventually.GetAsync(() => visitor.GetAsync(page), answer => answer.Text.Contains($"waiting for tunnel {tunnel} "), $"tunnel {tunnel} waits for its key");
            Assert.Contains($"name=\"tunnel\" value=\"{tunnel}\"", waiting.Text);
            Assert.Equal(HttpStatusCode.Conflict, (await visitor.PostAsync(page + "/confirm-keys", token, ("tunnel", $"{3 - tunnel}"))).Status);
            Assert.Equal(page, (await visitor.PostAsync(page + "/confirm-keys", token, ("tunnel", $"{tunnel}"))).Location);
        }

        var rotated = await service.Administrator.SettledAsync(connection);
        Assert.Equal([2, 2], rotated.Tunnels.Select(tunnel => tunnel.KeyGeneration));
        Assert.Equal(page, (await visitor.PostAsync(page + "/tunnels/1/replace-endpoint", token, ("version", $"{rotated.Version}"))).Location);
        Assert.NotEqual(rotated.Tunnels[0].NodeId, (await service.Administrator.SettledAsync(connection)).Tunnels[0].NodeId);
    }

    [Fact]
    public async Task An_administrator_gives_and_takes_access_and_a_token_is_shown_once()
    {
        await using var service = await TestService.StartAsync(cluster);
        var customer = await service.AddCustomerAsync();
        await AddAsync(service, customer, "anna@acme.example", Role.Administrator);
        using var visitor = new Visitor(service.Address);
        await visitor.SignInAsync("anna@acme.example");
        var page = ConsolePaths.Access(customer.Id);
        var token = await visitor.TokenAsync(page);
        var refused = await visitor.PostAsync(page + "/users", token, ("email", "no address"), ("password", "short"), ("role", "operator"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("no address is not a valid e-mail address.", refused.Text);
        Assert.Contains("A password has 12 to 200 characters.", refused.Text);
        Assert.DoesNotContain("short\"", refused.Text);
        Assert.Equal(page, (await visitor.PostAsync(page + "/users", token, ("email", "bob@acme.example"), ("password", Password), ("role", "operator"))).Location);
        var bob = (await service.Administrator.GetAsync(Paths.Users(customer.Id), CloudJson.Default.PageUser)).Items.Single(user => user.Email == "bob@acme.example");
        Assert.Equal(Role.Operator, bob.Role);
        Assert.Equal(page, (await visitor.PostAsync($"{page}/users/{bob.Id}/remove", token)).Location);
        Assert.DoesNotContain("bob@acme.example", (await visitor.GetAsync(page)).Text);

        var issued = await visitor.PostAsync(page + "/tokens", token, ("name", "automation"), ("role", "viewer"));
        var secret = Secret().Match(issued.Text).Value;
        using var program = service.ClientOf(secret);
        Assert.Equal(customer.Id, (await program.GetAsync(Paths.Session, CloudJson.Default.Session)).CustomerId);
        var listed = (await visitor.GetAsync(page)).Text;
        Assert.Contains("automation", listed);
        Assert.DoesNotContain(secret, listed);
        Assert.Equal(page, (await visitor.PostAsync($"{page}/tokens/{TokenId().Match(listed).Value}/revoke", token)).Location);
        Assert.Empty((await service.Administrator.GetAsync(Paths.Tokens(customer.Id), CloudJson.Default.PageApiToken)).Items);
    }

    [GeneratedRegex("twt_[A-Za-z0-9_-]+", RegexOptions.None, 1000)]
    private static partial Regex Secret();

    [GeneratedRegex("token-[0-9a-f]{12}", RegexOptions.None, 1000)]
    private static partial Regex TokenId();

    [GeneratedRegex("/console/assets/[^\"]+", RegexOptions.None, 1000)]
    private static partial Regex Asset();

    private static Task<User> AddAsync(TestService service, Customer customer, string email, Role role) =>
        service.Administrator.PostAsync(Paths.Users(customer.Id), new NewUser(email, Password, role), CloudJson.Default.NewUser, CloudJson.Default.User);

    /// <summary>A browser without a window and without a script: cookies and forms.</summary>
    private sealed partial class Visitor(Uri address) : IDisposable
    {
        private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = address };

        public Task<(HttpStatusCode Status, string? Location, string Text)> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

        public Task<(HttpStatusCode Status, string? Location, string Text)> PostAsync(string path, params (string Name, string Value)[] fields) =>
            SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))) });

        /// <summary>The token of a page's forms.</summary>
        public async Task<(string Name, string Value)> TokenAsync(string path)
        {
            var match = Token().Match((await GetAsync(path)).Text);
            Assert.True(match.Success, $"{path} has no form");
            return (match.Groups["name"].Value, match.Groups["value"].Value);
        }

        public async Task<(HttpStatusCode Status, string? Location, string Text)> SignInAsync(string email, string to = "") =>
            await PostAsync(ConsolePaths.SignIn, await TokenAsync(ConsolePaths.SignIn), ("email", email), ("password", Password), ("to", to));

        public void Dispose() => _http.Dispose();

        private async Task<(HttpStatusCode Status, string? Location, string Text)> SendAsync(HttpRequestMessage request)
        {
            using var answer = await _http.SendAsync(request);
            return (answer.StatusCode, answer.Headers.Location?.ToString(), await answer.Content.ReadAsStringAsync());
        }

        [GeneratedRegex("name=\"(?<name>__Request[^\"]+)\" value=\"(?<value>[^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
        private static partial Regex Token();
    }
}
