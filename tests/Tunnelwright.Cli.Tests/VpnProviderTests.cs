using System.Text.Json;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cli.Tests;

/// <summary>The client's commands for customers, access, nodes, addresses and the journal.</summary>
public sealed class VpnProviderTests : IDisposable
{
    private const string Secret = "twx_NobodyMayReadThisSecret";

    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tw-vpn-");

    public VpnProviderTests() => File.SetUnixFileMode(_folder.FullName, (UnixFileMode)0b111_111_111);

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Each command that gets a secret, which is given out once: it is in the file, for its owner alone, and nowhere else.</summary>
    [Theory]
    [InlineData("tokens add automation --role operator")]
    [InlineData("nodes register zone-a --expires-in 600")]
    [InlineData("customers webhook-secret")]
    public void A_secret_that_is_given_out_once_goes_into_a_file_for_its_owner(string command)
    {
        var target = Path.Combine(_folder.FullName, "secret");
        using var service = new ContractService()
            .On("POST", Paths.Tokens(ContractService.Customer), ContractService.Json(new IssuedToken(new ApiToken("token-1", "automation", Role.Operator, ContractService.Customer, At, null, null), Secret), CloudJson.Default.IssuedToken, 201))
            .On("POST", Paths.RegistrationTokens, ContractService.Json(new RegistrationToken("reg-1", "zone-a", At, Secret), CloudJson.Default.RegistrationToken, 201))
            .On("POST", Paths.WebhookSecret(ContractService.Customer), ContractService.Json(new WebhookSecret(Secret), CloudJson.Default.WebhookSecret, 201));
        Tool.AssertRefused(service.Vpn(command.Split(' ')), 2);
        var run = service.Vpn([.. command.Split(' '), "--out", target]);
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.DoesNotContain(Secret, run.Output + run.Errors, StringComparison.Ordinal);
        Assert.Equal(Secret + "\n", File.ReadAllText(target));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(target));
        Assert.Equal(Secret + "\n", service.Vpn([.. command.Split(' '), "--out", "-"]).Output);
    }

    [Fact]
    public async Task Passwords_come_from_a_file_or_standard_input()
    {
        const string password = "correct horse battery";
        var user = new User("user-1", "bob@acme.example", Role.Operator, ContractService.Customer, At, 1);
        using var service = new ContractService()
            .On("POST", Paths.Users(ContractService.Customer), ContractService.Json(user, CloudJson.Default.User, 201))
            .On("PATCH", Paths.Users(ContractService.Customer) + "/user-1", ContractService.Json(user, CloudJson.Default.User));
        var added = await service.VpnAsync(["users", "add", "bob@acme.example", "--role", "operator", "--password-file", "-"], password + "\n");
        var file = Path.Combine(_folder.FullName, "password");
        await File.WriteAllTextAsync(file, password + "\r\n", TestContext.Current.CancellationToken);
        var changed = await service.VpnAsync(["users", "update", "user-1", "--password-file", file, "--json"]);
        foreach (var run in new[] { added, changed })
        {
            Assert.True(run.ExitCode == 0, run.ToString());
            Assert.DoesNotContain(password, run.Output + run.Errors, StringComparison.Ordinal);
        }

        Assert.Equal(password, JsonSerializer.Deserialize(service.Requests[0].Body, CloudJson.Default.NewUser)!.Password);
        Assert.Equal(new UserChange(password), JsonSerializer.Deserialize(service.Requests[1].Body, CloudJson.Default.UserChange));
        Assert.Equal("user-1", JsonSerializer.Deserialize(changed.Output, CloudJson.Default.User)!.Id);
        Tool.AssertRefused(await service.VpnAsync(["users", "update", "user-1"]), 2);
        Tool.AssertRefused(await service.VpnAsync(["users", "update", "user-1", "--password-file", "/nonexistent"]), 2);
    }

    [Theory]
    [InlineData(ContractService.Customer, "/v1/customers/c0123456789/")]
    [InlineData(null, "/v1/")]
    public void Whose_users_tokens_and_audit_are_meant_is_the_tokens_customer_or_the_provider(string? customer, string prefix)
    {
        using var service = new ContractService(customer)
            .On("GET", prefix + "users", ContractService.Json(new Page<User>([new User("user-1", "a@b.example", Role.Viewer, customer, At, 1)], null), CloudJson.Default.PageUser))
            .On("GET", prefix + "tokens", ContractService.Json(new Page<ApiToken>([new ApiToken("token-1", "automation", Role.Viewer, customer, At, At, null)], null), CloudJson.Default.PageApiToken))
            .On("GET", prefix + "audit", ContractService.Json(new Page<AuditEntry>([new AuditEntry(7, At, "a@b.example", "file.download", customer, "vpn-1", "swanctl", "203.0.113.9")], "more"), CloudJson.Default.PageAuditEntry));
        Assert.Contains("a@b.example", service.Vpn("users", "list").Output, StringComparison.Ordinal);
        Assert.Contains("never used", service.Vpn("tokens", "list").Output, StringComparison.Ordinal);
        var audit = service.Vpn("audit", "--last", "1");
        Assert.Equal("2026-01-02T03:04:05Z  file.download          a@b.example from 203.0.113.9: vpn-1, swanctl\n", audit.Output);
        using var json = JsonDocument.Parse(service.Vpn("audit", "--last", "1", "--json").Output);
        Assert.Equal(7, json.RootElement.GetProperty("entries")[0].GetProperty("id").GetInt64());
    }

    [Fact]
    public void Nodes_are_drained_and_addresses_added_and_removed()
    {
        var node = new Cloud.Contract.Node("node-1", "a node", "zone-a", NodeState.Draining, At, 3, 9, 9);
        var pool = new AddressPool("pool-1", "52.30.0.0/24", 254, 250);
        using var service = new ContractService(customer: null)
            .On("GET", Paths.Nodes, ContractService.Json(new Page<Cloud.Contract.Node>([node], null), CloudJson.Default.PageNode))
            .On("PATCH", Paths.Nodes + "/node-1", ContractService.Json(node, CloudJson.Default.Node))
            .On("DELETE", Paths.Nodes + "/node-1", ContractService.Refusal(409, new RequestProblem("has-tunnels", null, "Tunnels end on this node; replace their endpoints first.")))
            .On("GET", Paths.AddressPools, ContractService.Json(new Page<AddressPool>([pool], null), CloudJson.Default.PageAddressPool))
            .On("POST", Paths.AddressPools, ContractService.Json(pool, CloudJson.Default.AddressPool, 201))
            .On("DELETE", Paths.AddressPools + "/pool-1", new Given(204));
        Assert.Contains("node-1             draining  zone-a", service.Vpn("nodes", "list").Output, StringComparison.Ordinal);
        Assert.Equal(0, service.Vpn("nodes", "drain", "node-1").ExitCode);
        Assert.Equal("""{"draining":true}""", service.Requests[^1].Body);
        Assert.Equal(0, service.Vpn("nodes", "undrain", "node-1", "--json").ExitCode);
        Assert.Equal("""{"draining":false}""", service.Requests[^1].Body);
        var refused = service.Vpn("nodes", "remove", "node-1");
        Tool.AssertRefused(refused, 1);
        Assert.Equal("error: Tunnels end on this node; replace their endpoints first.", refused.ErrorLines[0]);
        service.On("DELETE", Paths.Nodes + "/node-1", ContractService.Json(node, CloudJson.Default.Node, 202)).On("GET", Paths.Nodes + "/node-1", ContractService.Json(node with { State = NodeState.Forgotten }, CloudJson.Default.Node));
        Assert.StartsWith("node-1 is forgotten; ", service.Vpn("nodes", "remove", "node-1").Errors, StringComparison.Ordinal);
        Assert.Equal(("DELETE", Paths.Nodes + "/node-1"), (service.Requests[^2].Method, service.Requests[^2].Path));
        service.On("DELETE", Paths.Nodes + "/node-1", new Given(204)).On("GET", Paths.Nodes + "/node-1", ContractService.Refusal(404, new RequestProblem("not-found", null, "There is no such thing.")));
        var forced = service.Vpn("nodes", "remove", "node-1", "--force");
        Assert.Equal((0, "", ""), (forced.ExitCode, forced.Output, forced.Errors));
        Assert.Equal(("DELETE", Paths.Nodes + "/node-1?force=true"), (service.Requests[^2].Method, service.Requests[^2].Path));
        Assert.Contains("250 of 254 free", service.Vpn("address-pools", "add", "52.30.0.0/24").Output, StringComparison.Ordinal);
        using (var json = JsonDocument.Parse(service.Vpn("address-pools", "list", "--json").Output)) Assert.Equal(250, json.RootElement.GetProperty("addressPools")[0].GetProperty("free").GetInt32());
        var removed = service.Vpn("address-pools", "remove", "pool-1");
        Assert.Equal((0, "", ""), (removed.ExitCode, removed.Output, removed.Errors));
    }

    [Fact]
    public void A_customers_domains_and_webhook_are_changed_and_the_rest_stays()
    {
        var now = new Cloud.Contract.Customer(
            ContractService.Customer, "Acme", "10.8.2.0/24", 64512, new CloudServices(["10.8.2.2", "10.8.2.3"], null, [], ["10.8.2.4", "10.8.2.5"]), new EditionFlags(), new CustomerAllowance(5, 20),
            new DnsForwarding([new DnsRecord("app.example.com", "A", "10.8.2.10", 60)], []), new NotificationSettings(null, Mail: false), At, 1);
        var path = Paths.Customer(ContractService.Customer);
        using var service = new ContractService().On("GET", path, ContractService.Json(now, CloudJson.Default.Customer)).On("PATCH", path, ContractService.Json(now, CloudJson.Default.Customer));
        var run = service.Vpn("customers", "update", "--forward", "company.local=10.1.0.53,10.1.0.54:5353/tcp", "other.local=10.1.0.53", "--webhook", "https://hooks.acme.example/", "--max-routes", "40");
        Assert.True(run.ExitCode == 0, run.ToString());
        var change = JsonSerializer.Deserialize(service.Requests[^1].Body, CloudJson.Default.CustomerChange)!;
        Assert.Equal(["company.local", "other.local"], change.Dns!.Forwards.Select(forward => forward.Domain));
        Assert.Equal([new DnsServer("10.1.0.53"), new DnsServer("10.1.0.54", 5353, "tcp")], change.Dns.Forwards[0].Servers);
        Assert.Equal(now.Dns.Records, change.Dns.Records);
        Assert.Equal((new NotificationSettings("https://hooks.acme.example/", Mail: false), new CustomerAllowance(5, 40), null, null), (change.Notifications, change.Limits, change.Name, change.Services));
        Assert.Equal(0, service.Vpn("customers", "update", "--forward", "none", "--webhook", "none").ExitCode);
        change = JsonSerializer.Deserialize(service.Requests[^1].Body, CloudJson.Default.CustomerChange)!;
        Assert.Equal((0, null), (change.Dns!.Forwards.Count, change.Notifications!.WebhookUrl));
        Assert.Equal(0, service.Vpn("customers", "update", "--mail", "true").ExitCode);
        Assert.Equal(new CustomerChange(Notifications: new NotificationSettings()), JsonSerializer.Deserialize(service.Requests[^1].Body, CloudJson.Default.CustomerChange));
        Assert.Contains("DNS forwarders    10.8.2.4, 10.8.2.5", service.Vpn("customers", "show").Output, StringComparison.Ordinal);
        foreach (var wrong in new[] { "company.local", "company.local=10.1.0.53:x" }) Tool.AssertRefused(service.Vpn("customers", "update", "--forward", wrong), 2);
        Tool.AssertRefused(service.Vpn("customers", "update"), 2);
    }

    [Fact]
    public void Events_are_printed_as_they_come()
    {
        var first = new ChangeEvent("1-1", At, "tunnel.down", ContractService.Customer, "vpn-1", 1, "psk-mismatch", "Tunnel 1 is down.");
        var text = $": change feed\n\nid: 1-1\nevent: tunnel.down\ndata: {JsonSerializer.Serialize(first, CloudJson.Default.ChangeEvent)}\n\n: quiet\n\nid: 1-2\nevent: tunnel.up\ndata: {JsonSerializer.Serialize(first with { Id = "1-2", Kind = "tunnel.up" }, CloudJson.Default.ChangeEvent)}\n\n";
        using var service = new ContractService()
            .On("GET", Paths.Events(ContractService.Customer), new Given(200, text, "text/event-stream"))
            .On("GET", Paths.Timeline(ContractService.Customer, "vpn-1"), ContractService.Json(new Page<ChangeEvent>([first], null), CloudJson.Default.PageChangeEvent));
        var run = service.Vpn("events", "--count", "2", "--json");
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Equal(["1-1", "1-2"], run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize(line, CloudJson.Default.ChangeEvent)!.Id));
        Assert.Contains("Tunnel 1 is down. (psk-mismatch)", service.Vpn("timeline", "vpn-1").Output, StringComparison.Ordinal);

        // A feed that ends is no success: the reader may have missed something.
        var ended = service.Vpn("events");
        Assert.Equal(3, ended.ExitCode);
        Tool.AssertOneError(ended);
    }
}
