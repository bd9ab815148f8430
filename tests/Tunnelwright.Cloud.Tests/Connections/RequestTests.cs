using System.Text.Json;
using Dapper;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Tests;

/// <summary>How requests are answered: problems together, repetitions, versions, pages, one change at a time.</summary>
public sealed class RequestTests(ClusterFixture cluster)
{
    [Fact]
    public async Task All_problems_of_a_request_come_together_in_the_exact_words()
    {
        await using var service = await TestService.StartAsync(cluster);
        var customer = await service.AddCustomerAsync(change: asked => asked with { Edition = new EditionFlags(TransitGateway: true) });
        var request = new ConnectionRequest("x", "nobody", "10.0.0.1", RoutingKind.Bgp, 7224, ["10.1.0.5/16", "0.0.0.0/0", "10.8.0.0/16"], "abacus");
        var problem = await TestClient.ProblemAsync(422, service.Administrator.CreateAsync(customer.Id, request));
        Assert.Equal("urn:tunnelwright:problem:not-valid", problem.Type);
        Assert.Equal(
            [
                (null, "This infrastructure is already connected to a Transit Gateway. It's not possible to create a VPN."),
                ("contactEmail", "nobody is not a valid e-mail address."),
                ("gatewayAddress", "10.0.0.1 is not a valid public IP address."),
                ("ranges[0]", "The route 10.1.0.5/16 must have a valid IP range, for example 10.10.1.0/24"),
                ("ranges[1]", "0.0.0.0/0 is not a valid IP range for VPN routes."),
                ("ranges[2]", "The IP range for the VPN Route 10.8.0.0/16 overlaps the reserved private IP range 10.8.2.0/24."),
                ("customerAsn", "The chosen ASN value 7224 is reserved by Amazon."),
                ("device", "abacus is not a device of the list; generic serves every device."),
            ],
            problem.Problems.Select(one => (one.Field, one.Message)));
        using var check = await service.Administrator.SendAsync(HttpMethod.Post, Paths.Connections(customer.Id) + "/check", JsonSerializer.Serialize(request, CloudJson.Default.ConnectionRequest));
        Assert.Equal(422, (int)check.StatusCode);
    }

    [Theory]
    [InlineData("{", 400)]
    [InlineData("""{"routing":"carrier-pigeon"}""", 400)]
    [InlineData("""{"ranges":[null]}""", 400)]
    [InlineData("""{"ike":{"version":"two"}}""", 400)]
    [InlineData("""{"ike":{"encryption":null}}""", 400)]
    [InlineData("{}", 422)]
    [InlineData("[]", 400)]
    [InlineData("null", 400)]
    public async Task A_body_that_cannot_be_read_is_a_problem_and_no_failure(string body, int status)
    {
        await using var service = await TestService.StartAsync(cluster);
        var customer = await service.AddCustomerAsync();
        using var answer = await service.Administrator.SendAsync(HttpMethod.Post, Paths.Connections(customer.Id), body);
        Assert.Equal((status, ProblemDocument.MediaType), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
    }

    /// <summary>Texts that PostgreSQL cannot hold, and cursors that this service never gave.</summary>
    [Fact]
    public async Task Texts_that_cannot_be_kept_and_cursors_of_nobody_are_problems_and_no_failure()
    {
        await using var service = await TestService.StartAsync(cluster);
        var customer = await service.AddCustomerAsync();
        var client = service.Administrator;
        foreach (var text in new[] { $"{long.MaxValue} vpn-0", "-1 vpn-0", "1 2 3", "x y", "a\0b" })
        {
            var cursor = Uri.EscapeDataString(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text)));
            foreach (var path in new[] { Paths.Connections(customer.Id), Paths.Tokens(customer.Id), Paths.Users(customer.Id), Paths.Customers, Paths.Audit(customer.Id) })
            {
                using var answer = await client.SendAsync(HttpMethod.Get, $"{path}?cursor={cursor}");
                Assert.True((int)answer.StatusCode is 422 or 200, $"{path} after '{text}': {(int)answer.StatusCode}");
            }

            using var list = await client.SendAsync(HttpMethod.Get, $"{Paths.Connections(customer.Id)}?cursor={cursor}");
            Assert.Equal(422, (int)list.StatusCode);
        }

        using var nobody = service.ClientOf(null);
        using var signIn = await nobody.SendAsync(HttpMethod.Post, Paths.Session, """{"email":"a\u0000@b.example","password":"x"}""");
        Assert.Equal(400, (int)signIn.StatusCode);
        using var large = new HttpRequestMessage(HttpMethod.Post, Paths.Session) { Content = new StringContent($$"""{"email":"{{new string('a', 2_000_000)}}"}""", System.Text.Encoding.UTF8, "application/json"), Headers = { ExpectContinue = true } };
        using var tooLarge = await nobody.Http.SendAsync(large, TestContext.Current.CancellationToken);
        Assert.Equal(413, (int)tooLarge.StatusCode);
    }

    [Fact]
    public async Task A_repeated_request_gets_the_first_answer_and_makes_nothing_twice()
    {
        await using var service = await TestService.StartAsync(cluster);
        await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b");
        var customer = await service.AddCustomerAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => service.Administrator.CreateAsync(customer.Id, Requests.Static(), "again-and-again")));
        Assert.Single(answers.Select(answer => answer.Id).Distinct());
        Assert.Single((await service.Administrator.GetAsync(Paths.Connections(customer.Id), CloudJson.Default.PageConnection)).Items);
        var problem = await TestClient.ProblemAsync(422, service.Administrator.CreateAsync(customer.Id, Requests.Static(2), "again-and-again"));
        Assert.Equal("idempotency-key", problem.Problems.Single().Code);
    }

    [Fact]
    public async Task A_customer_has_one_change_at_a_time()
    {
        await using var service = await TestService.StartAsync(cluster);
        var nodes = await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b");
        foreach (var node in nodes) node.Idle = true;
        var (customer, other) = (await service.AddCustomerAsync(), await service.AddCustomerAsync("other"));
        var outcomes = await Task.WhenAll(Enumerable.Range(1, 5).Select(async number =>
        {
            try
            {
                return (await service.Administrator.CreateAsync(customer.Id, Requests.Static(number)), (ProblemDocument?)null);
            }
            catch (AnswerException refused)
            {
                return ((Connection?)null, refused.Problem);
            }
        }));
        var made = Assert.Single(outcomes, outcome => outcome.Item1 is not null).Item1!;
        Assert.All(outcomes.Where(outcome => outcome.Item2 is not null), outcome =>
        {
            Assert.Equal(409, outcome.Item2!.Status);
            Assert.Equal("It's not possible to create the VPN connection now. Please try again later.", outcome.Item2.Problems.Single().Message);
        });
        await service.Administrator.CreateAsync(other.Id, Requests.Static());
        foreach (var node in nodes) node.Idle = false;
        await service.Administrator.SettledAsync(made);
        await service.Administrator.CreateAsync(customer.Id, Requests.Static(9));
    }

    [Fact]
    public async Task A_change_for_an_older_version_is_refused()
    {
        await using var service = await TestService.StartAsync(cluster);
        await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b");
        var customer = await service.AddCustomerAsync();
        var connection = await service.Administrator.SettledAsync(await service.Administrator.CreateAsync(customer.Id, Requests.Static()));
        using var seen = await service.Administrator.SendAsync(HttpMethod.Get, Paths.Connection(customer.Id, connection.Id));
        var etag = seen.Headers.ETag!.ToString();
        var changed = await service.Administrator.ChangeAsync(connection, new ConnectionChange(Purpose: "another"), etag);
        Assert.Equal((connection.Version + 1, "another", ConnectionState.Available), (changed.Version, changed.Purpose, changed.State));
        await TestClient.ProblemAsync(412, service.Administrator.ChangeAsync(connection, new ConnectionChange(Purpose: "a third"), etag));
        using var delete = await service.Administrator.SendAsync(HttpMethod.Delete, Paths.Connection(customer.Id, connection.Id), null, ("If-Match", etag));
        Assert.Equal(412, (int)delete.StatusCode);
    }

    [Fact]
    public async Task Lists_come_in_pages_that_hold_everything_once()
    {
        await using var service = await TestService.StartAsync(cluster);
        var names = new List<string>();
        for (var i = 0; i < 7; i++) names.Add((await service.AddCustomerAsync($"customer {i}")).Name);
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await service.Administrator.GetAsync($"{Paths.Customers}?limit=3{(cursor is null ? "" : $"&cursor={cursor}")}", CloudJson.Default.PageCustomer);
            seen.AddRange(page.Items.Select(customer => customer.Name));
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.Equal(names, seen);
        await TestClient.ProblemAsync(422, service.Administrator.GetAsync($"{Paths.Customers}?limit=0", CloudJson.Default.PageCustomer));
        await TestClient.ProblemAsync(422, service.Administrator.GetAsync($"{Paths.Customers}?cursor=rubbish", CloudJson.Default.PageCustomer));
    }

    [Fact]
    public async Task Limits_count_connections_and_routes_and_changed_ranges_follow_the_same_rules()
    {
        await using var service = await TestService.StartAsync(cluster);
        await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b");
        var customer = await service.AddCustomerAsync(change: asked => asked with { Limits = new CustomerAllowance(2, 3) });
        var client = service.Administrator;
        var first = await client.SettledAsync(await client.CreateAsync(customer.Id, Requests.Bgp()));
        Assert.Equal(
            ["A VPN already exists in this infrastructure with the public IP address 98.80.93.1.", "The route inserted cannot be added to the VPN static routes since it will overlap with the IP range 10.1.0.0/16, added before.", "The chosen ASN value 65001 is already in use."],
            (await TestClient.ProblemAsync(422, client.CreateAsync(customer.Id, Requests.Bgp()))).Problems.Select(problem => problem.Message));
        var second = await client.SettledAsync(await client.CreateAsync(customer.Id, Requests.Bgp(2)));
        Assert.Equal(
            ["It is not possible to add 3 routes. The maximum number of routes is 3 and there are only 2 available."],
            (await TestClient.ProblemAsync(422, client.ChangeAsync(second, new ConnectionChange(Ranges: ["10.2.0.0/24", "10.3.0.0/24", "10.4.0.0/24"])))).Problems.Select(problem => problem.Message));
        Assert.Equal("Maximum number of VPNs has been reached.", (await TestClient.ProblemAsync(422, client.CreateAsync(customer.Id, Requests.Static(3) with { Ranges = ["10.9.0.0/24"] }))).Problems.Single().Message);
        Assert.Equal(first.Ranges, (await client.ConnectionAsync(first)).Ranges);
    }

    [Fact]
    public async Task A_file_that_is_not_ready_is_not_handed_out_and_every_download_is_in_the_audit_log()
    {
        await using var service = await TestService.StartAsync(cluster);
        var customer = await service.AddCustomerAsync();
        var client = service.Administrator;
        var connection = await client.CreateAsync(customer.Id, Requests.Static());
        await TestClient.ProblemAsync(409, client.FileAsync(connection));
        await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b");
        await client.SettledAsync(connection);
        foreach (var device in (await client.GetAsync(Paths.Devices, CloudJson.Default.DeviceList)).Items)
        {
            using var answer = await client.SendAsync(HttpMethod.Get, Paths.File(customer.Id, connection.Id, device.Id));
            Assert.True((int)answer.StatusCode is 200 or 422, $"{device.Id}: {(int)answer.StatusCode}");
            if ((int)answer.StatusCode == 200) Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
        }

        await client.FileAsync(connection, "xml");
        var entries = (await client.GetAsync(Paths.Audit(customer.Id), CloudJson.Default.PageAuditEntry)).Items;
        Assert.Contains(entries, entry => entry is { Action: "file.download", Detail: "xml", Actor: "first administrator", Address: "127.0.0.1" } && entry.Target == connection.Id);
    }

    [Fact]
    public async Task Keys_stand_nowhere_in_the_database_in_the_clear()
    {
        await using var service = await TestService.StartAsync(cluster);
        var nodes = await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b");
        var customer = await service.AddCustomerAsync();
        var connection = await service.Administrator.SettledAsync(await service.Administrator.CreateAsync(customer.Id, Requests.Static(), "key"));
        await service.Administrator.FileAsync(connection);
        var tables = await service.Database.ReadAsync(store => store.QueryAsync<string>("select tablename from pg_tables where schemaname = 'public'"), CancellationToken.None);
        var dump = "";
        foreach (var table in tables) dump += await service.Database.ReadAsync(async store => string.Join('\n', await store.QueryAsync<string>($"select t::text from {table} t")), CancellationToken.None);
        foreach (var tunnel in nodes.SelectMany(node => node.Tunnels))
        {
            Assert.DoesNotContain(tunnel.PreSharedKey, dump);
            Assert.DoesNotContain(Convert.ToHexStringLower(System.Text.Encoding.ASCII.GetBytes(tunnel.PreSharedKey)), dump);
        }

        Assert.Contains(connection.Id, dump);
    }
}
