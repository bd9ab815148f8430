using System.Diagnostics;
using System.Net;
using Dapper;
using Npgsql;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Tests;

/// <summary>Processes that are killed in the middle of their work.</summary>
public sealed class KilledTests(ClusterFixture cluster)
{
    [Fact]
    public async Task A_service_that_is_killed_at_random_moments_loses_doubles_and_tells_nothing()
    {
        var database = await cluster.NewDatabaseAsync();
        using var state = new TemporaryFolder();
        var port = CloudProcess.FreePort();
        await using var service = new CloudProcess(state.Path, port, new Dictionary<string, string> { ["DATABASE"] = database });
        await service.StartAsync();
        var secret = (await File.ReadAllTextAsync(Path.Combine(state.Path, FirstAdministrator.File))).Trim();
        using var client = new TestClient(new Uri($"http://127.0.0.1:{port}"), secret);
        await client.PostAsync(Paths.AddressPools, new NewAddressPool("52.30.0.0/24"), CloudJson.Default.NewAddressPool, CloudJson.Default.AddressPool);
        var nodes = new List<TestNode>();
        foreach (var domain in new[] { "zone-a", "zone-b" })
        {
            var invitation = await client.PostAsync(Paths.RegistrationTokens, new NewRegistrationToken(domain), CloudJson.Default.NewRegistrationToken, CloudJson.Default.RegistrationToken);
            nodes.Add(await TestNode.StartAsync(client.Http.BaseAddress!, invitation.Secret, domain, new CustomerGateways()));
        }

        var customers = new List<Customer>();
        for (var i = 0; i < 4; i++) customers.Add(await client.PostAsync(Paths.Customers, new NewCustomer($"customer {i}", "10.8.2.0/24"), CloudJson.Default.NewCustomer, CloudJson.Default.Customer));

        // Clients repeat a request with its key until they know the answer, as a client has to.
        var working = Parallel.ForEachAsync(customers, async (customer, _) =>
        {
            var made = new List<Connection>();
            for (var i = 1; i <= 3; i++) made.Add(await UntilKnownAsync(() => client.CreateAsync(customer.Id, Requests.Static(i), $"{customer.Id}-{i}")));
            await UntilKnownAsync(() => client.ChangeAsync(made[0], new ConnectionChange(Ranges: ["10.150.0.0/16"])));
            await UntilKnownAsync(async () =>
            {
                try
                {
                    await client.DeleteAsync(Paths.Connection(customer.Id, made[2].Id));
                }
                catch (AnswerException gone) when (gone.Status == HttpStatusCode.NotFound)
                {
                    // The deletion that nobody answered had ended.
                }

                return true;
            });
        });
        for (var kills = 0; kills < 3; kills++)
        {
            await Task.Delay(Random.Shared.Next(100, 700));
            await service.KillAsync();
            await service.StartAsync();
        }

        await working.WaitAsync(TimeSpan.FromSeconds(60));
        foreach (var customer in customers)
        {
            var left = await Eventually.GetAsync(
                async () => (await client.GetAsync(Paths.Connections(customer.Id), CloudJson.Default.PageConnection)).Items,
                items => items.Count == 2 && items.All(item => item is { State: ConnectionState.Available, Operation: null }),
                "two available connections");
            Assert.Equal(["10.150.0.0/16"], left[0].Ranges);
        }

        await Eventually.GetAsync(() => Task.FromResult(nodes.Sum(node => node.Tunnels.Count)), count => count == 16, "16 tunnels on the nodes");
        var tunnels = nodes.SelectMany(node => node.Tunnels).ToArray();
        Assert.Equal(16, tunnels.Select(tunnel => tunnel.CloudAddress).Distinct().Count());
        await using (var source = NpgsqlDataSource.Create(database))
        {
            await using var connection = await source.OpenConnectionAsync();
            Assert.Equal((16, 16), await connection.QuerySingleAsync<(long, long)>("select (select count(*) from tunnels), (select count(*) from outside_addresses where connection_id is not null)"));
        }

        var log = service.Log;
        Assert.Contains("listening on", log);
        Assert.All(nodes.SelectMany(node => node.History).Select(tunnel => tunnel.PreSharedKey).Append(secret).Concat(nodes.Select(node => node.Registered.Credential)), one => Assert.DoesNotContain(one, log));
        foreach (var node in nodes) await node.DisposeAsync();
    }

    [Fact]
    public async Task A_service_with_a_PostgreSQL_of_its_own_starts_it_again_when_it_was_killed_and_stops_it_at_its_end()
    {
        using var state = new TemporaryFolder();
        var options = new CloudOptions { Listen = "http://127.0.0.1:0", StateFolder = state.Path };
        var own = new PrivateCluster(state.Path, durable: false);
        await using (var app = await CloudHost.BuildAsync(options, CancellationToken.None, own))
        {
            await app.StartAsync();
            using var client = new TestClient(new Uri(app.Urls.First()), (await File.ReadAllTextAsync(Path.Combine(state.Path, FirstAdministrator.File))).Trim());
            var customer = await client.PostAsync(Paths.Customers, new NewCustomer("kept", "10.8.2.0/24"), CloudJson.Default.NewCustomer, CloudJson.Default.Customer);
            var postmaster = int.Parse((await File.ReadAllLinesAsync(Path.Combine(state.Path, "postgresql", "data", "postmaster.pid")))[0]);
            Process.GetProcessById(postmaster).Kill();
            await Eventually.GetAsync(
                async () =>
                {
                    using var answer = await client.SendAsync(HttpMethod.Get, Paths.Ready);
                    Assert.True((int)answer.StatusCode is 204 or 503, $"{(int)answer.StatusCode}");
                    return (int)answer.StatusCode == 204 && int.Parse((await File.ReadAllLinesAsync(Path.Combine(state.Path, "postgresql", "data", "postmaster.pid")))[0]) != postmaster;
                },
                ready => ready,
                "a PostgreSQL that answers again");
            Assert.Equal("kept", (await client.GetAsync(Paths.Customer(customer.Id), CloudJson.Default.Customer)).Name);
            Assert.False(await own.EnsureRunningAsync(CancellationToken.None));
            await app.StopAsync();
        }

        NpgsqlConnection.ClearAllPools();
        await own.StopUnlessUsedAsync();
        Assert.False(File.Exists(Path.Combine(state.Path, "postgresql", "data", "postmaster.pid")));
    }

    private static async Task<T> UntilKnownAsync<T>(Func<Task<T>> work)
    {
        while (true)
        {
            try
            {
                return await work();
            }
            catch (AnswerException refused) when ((int)refused.Status is 409 or 503)
            {
                await Task.Delay(30);
            }
            catch (HttpRequestException)
            {
                await Task.Delay(50);
            }
        }
    }
}
