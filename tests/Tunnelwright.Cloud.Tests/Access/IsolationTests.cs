using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Tests;

/// <summary>No customer reaches another: every operation that the API describes is tried with another customer's ids.</summary>
public sealed partial class IsolationTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Every_operation_with_another_customers_ids_finds_nothing_and_changes_nothing()
    {
        await using var service = await TestService.StartAsync(cluster);
        await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b");
        var (mine, theirs) = (await service.AddCustomerAsync("mine"), await service.AddCustomerAsync("theirs"));
        var connection = await service.Administrator.SettledAsync(await service.Administrator.CreateAsync(theirs.Id, Requests.Static()));
        var own = await service.Administrator.SettledAsync(await service.Administrator.CreateAsync(mine.Id, Requests.Static()));
        var user = await service.Administrator.PostAsync(Paths.Users(theirs.Id), new NewUser("them@theirs.example", "a long password", Role.Administrator), CloudJson.Default.NewUser, CloudJson.Default.User);
        var token = await service.Administrator.PostAsync(Paths.Tokens(theirs.Id), new NewApiToken("theirs"), CloudJson.Default.NewApiToken, CloudJson.Default.IssuedToken);
        using var me = await service.ClientOfAsync(mine, Role.Administrator);
        var node = (await service.Administrator.GetAsync(Paths.Nodes, CloudJson.Default.PageNode)).Items[0];
        var pool = Assert.Single((await service.Administrator.GetAsync(Paths.AddressPools, CloudJson.Default.PageAddressPool)).Items);
        var ids = new Dictionary<string, string>(StringComparer.Ordinal) { ["connection"] = connection.Id, ["user"] = user.Id, ["token"] = token.Token.Id, ["tunnel"] = "1", ["node"] = node.Id, ["pool"] = pool.Id };

        foreach (var (method, template, body) in await OperationsAsync(service))
        {
            var names = Parameter().Matches(template).Select(match => match.Groups["name"].Value).ToArray();
            if (names.Length == 0) continue;
            Assert.All(names, name => Assert.True(name == "customer" || ids.ContainsKey(name), $"{method} {template}: this test knows no id for {{{name}}}"));
            string Path(string customer) => Parameter().Replace(template, match => match.Groups["name"].Value == "customer" ? customer : ids[match.Groups["name"].Value]);
            if (names.Contains("customer"))
            {
                // Their customer, with their ids; and my customer, with their ids where there are any beside the customer's.
                await AnswersAsync(me, 404, method, Path(theirs.Id), body);
                if (names.Length > 1) await AnswersAsync(me, 404, method, Path(mine.Id), body);
            }
            else
            {
                // The provider's own: refused whatever the id, so that nothing is learnt by trying; and what is a customer's is not among it.
                await AnswersAsync(me, 403, method, Path(""), body);
                if (names is ["user"] or ["token"]) await AnswersAsync(service.Administrator, 404, method, Path(""), body);
            }
        }

        var after = await service.Administrator.ConnectionAsync(connection);
        Assert.Equal((connection.Version, connection.State), (after.Version, after.State));
        Assert.Equal(own.Version, (await me.ConnectionAsync(own)).Version);
        Assert.Single((await service.Administrator.GetAsync(Paths.Users(theirs.Id), CloudJson.Default.PageUser)).Items);
        Assert.Single((await service.Administrator.GetAsync(Paths.Tokens(theirs.Id), CloudJson.Default.PageApiToken)).Items);
        Assert.Equal((NodeState.Ready, pool.Total), ((await service.Administrator.GetAsync($"{Paths.Nodes}/{node.Id}", CloudJson.Default.Node)).State, (await service.Administrator.GetAsync(Paths.AddressPools, CloudJson.Default.PageAddressPool)).Items.Single().Total));
        Assert.Equal([mine.Id], (await me.GetAsync(Paths.Customers, CloudJson.Default.PageCustomer)).Items.Select(customer => customer.Id));

        static async Task AnswersAsync(TestClient client, int status, HttpMethod method, string path, string? body)
        {
            using var answer = await client.SendAsync(method, path, body);
            Assert.True((int)answer.StatusCode == status, $"{method} {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }
    }

    [Fact]
    public async Task The_description_leaves_out_no_operation()
    {
        await using var service = await TestService.StartAsync(cluster);
        var described = (await OperationsAsync(service)).Select(operation => $"{operation.Method} {operation.Path.TrimEnd('/')}").Order(StringComparer.Ordinal);
        var served = service.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [], (endpoint, method) => (method, Path: Parameter().Replace("/" + endpoint.RoutePattern.RawText!.Trim('/'), "{${name}}")))
            .Where(endpoint => endpoint.Path.Split('/')[1] is "v1" or "node" or "health").Select(endpoint => $"{endpoint.method} {endpoint.Path}").Order(StringComparer.Ordinal);
        Assert.Equal(served, described);
    }

    [Fact]
    public async Task Every_operation_wants_its_caller_and_its_role()
    {
        await using var service = await TestService.StartAsync(cluster);
        var customer = await service.AddCustomerAsync();
        using var nobody = service.ClientOf(null);
        using var liar = service.ClientOf("twt_0123456789012345678901234567890123456789012");
        using var viewer = await service.ClientOfAsync(customer, Role.Viewer);
        var open = new[] { "/health/live", "/health/ready" };
        var tried = 0;
        foreach (var (method, template, body) in await OperationsAsync(service))
        {
            if (open.Contains(template)) continue;
            var path = Parameter().Replace(template, match => match.Groups["name"].Value == "customer" ? customer.Id : match.Groups["name"].Value == "tunnel" ? "1" : "nothing");
            foreach (var client in new[] { nobody, liar })
            {
                using var answer = await client.SendAsync(method, path, body);
                Assert.True((int)answer.StatusCode == 401, $"{method} {path}: {(int)answer.StatusCode}");
            }

            // A viewer changes nothing, whatever the ids; signing out is its own.
            if (method == HttpMethod.Get || template is "/v1/session" or "/node/v1/register") continue;
            using var refused = await viewer.SendAsync(method, path, body);
            Assert.True((int)refused.StatusCode == 403, $"{method} {path}: {(int)refused.StatusCode}");
            tried++;
        }

        Assert.InRange(tried, 20, 100);
        using var file = await viewer.SendAsync(HttpMethod.Get, Paths.File(customer.Id, "vpn-0", null));
        Assert.Equal(403, (int)file.StatusCode);
        using var nodes = await viewer.SendAsync(HttpMethod.Get, Paths.Nodes);
        Assert.Equal(403, (int)nodes.StatusCode);
    }

    [Fact]
    public async Task A_node_sees_its_own_protocol_only_and_a_registration_token_belongs_to_one_node()
    {
        await using var service = await TestService.StartAsync(cluster);
        var customer = await service.AddCustomerAsync();
        var node = (await service.AddNodesAsync(new CustomerGateways(), "zone-a")).Single();
        using var asNode = service.ClientOf(node.Registered.Credential);
        using var peek = await asNode.SendAsync(HttpMethod.Get, Paths.Customer(customer.Id));
        Assert.Equal(403, (int)peek.StatusCode);

        var invitation = await service.Administrator.PostAsync(Paths.RegistrationTokens, new NewRegistrationToken("zone-b"), CloudJson.Default.NewRegistrationToken, CloudJson.Default.RegistrationToken);
        using var guest = service.ClientOf(invitation.Secret);
        var first = await guest.PostAsync(Paths.NodeRegister, new NodeRegistration("n", "1"), CloudJson.Default.NodeRegistration, CloudJson.Default.NodeRegistered);
        var again = await guest.PostAsync(Paths.NodeRegister, new NodeRegistration("n", "1"), CloudJson.Default.NodeRegistration, CloudJson.Default.NodeRegistered);
        Assert.Equal(first.NodeId, again.NodeId);
        using var old = service.ClientOf(first.Credential);
        using var refused = await old.SendAsync(HttpMethod.Get, Paths.NodeDesired);
        Assert.Equal(401, (int)refused.StatusCode);
    }

    private static async Task<IReadOnlyList<(HttpMethod Method, string Path, string? Body)>> OperationsAsync(TestService service)
    {
        using var document = JsonDocument.Parse(await service.Administrator.Http.GetStringAsync(Paths.OpenApi));
        var operations = new List<(HttpMethod, string, string?)>();
        foreach (var path in document.RootElement.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                // Bodies that are well-formed, so that nothing is refused for its form alone.
                var body = operation.Value.TryGetProperty("requestBody", out _) ? path.Name switch
                {
                    "/node/v1/register" => """{"name":"n","programVersion":"1"}""",
                    "/node/v1/observed" => """{"appliedVersion":0,"complete":false,"tunnels":[]}""",
                    "/node/v1/heartbeat" => """{"appliedVersion":0}""",
                    "/v1/nodes/{node}" => """{"draining":true}""",
                    _ => "{}",
                } : null;
                operations.Add((new HttpMethod(operation.Name.ToUpperInvariant()), path.Name, body));
            }
        }

        return operations;
    }

    [GeneratedRegex(@"\{(?<name>\w+)(:\w+)?\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Parameter();
}
