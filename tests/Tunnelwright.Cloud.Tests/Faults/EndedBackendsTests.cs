using System.Collections.Concurrent;
using System.Text.Json;
using Dapper;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Tests;

/// <summary>Back ends of the database that are ended one after the other, in the middle of whatever they do, while customers ask for everything there is to be asked.</summary>
public sealed class EndedBackendsTests(ClusterFixture cluster, ITestOutputHelper output)
{
    private const int Enough = 100;

    private static readonly TimeSpan Storm = TimeSpan.FromSeconds(8);

    /// <summary>As long as a busy machine may take for it.</summary>
    private static readonly TimeSpan LongestStorm = TimeSpan.FromSeconds(60);

    /// <summary>What a request may be answered: done, refused for the customer's own reasons, or "try again".</summary>
    private static readonly HashSet<int> Allowed = [200, 201, 202, 404, 409, 422, 503];

    [Fact]
    public async Task No_request_fails_and_each_change_is_made_once()
    {
        await using var service = await TestService.StartAsync(cluster, options => options.RequestsPerSecond = options.RequestBurst = 100_000);
        var gateways = new CustomerGateways();
        var nodes = await service.AddNodesAsync(gateways, "zone-a", "zone-b", "zone-c");
        var customers = new List<Customer>();
        for (var number = 0; number < 6; number++) customers.Add(await service.AddCustomerAsync($"customer {number}"));
        var answers = new ConcurrentQueue<(string Request, int Status, string Text, bool TellsWhen)>();
        var known = new ConcurrentDictionary<string, string>();
        using var stop = new CancellationTokenSource();
        var ended = EndAsync(service.Database, stop.Token);
        var asking = customers.Select((customer, number) => Task.Run(() => AskAsync(service.Administrator, customer.Id, new Random(number), answers, known, stop.Token))).ToList();
        var began = DateTimeOffset.UtcNow;
        while (DateTimeOffset.UtcNow - began < Storm || (Done(answers) < Enough && DateTimeOffset.UtcNow - began < LongestStorm)) await Task.Delay(100, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await Task.WhenAll(asking);
        output.WriteLine($"{await ended} back ends ended; {string.Join(", ", answers.GroupBy(answer => answer.Status).OrderBy(group => group.Key).Select(group => $"{group.Count()} times {group.Key}"))}");

        Assert.Empty(answers.Where(answer => !Allowed.Contains(answer.Status)).Select(answer => $"{answer.Request}: {answer.Status} {answer.Text}"));
        Assert.DoesNotContain(answers, answer => answer.Status == 503 && !answer.TellsWhen);
        Assert.True(Done(answers) >= Enough, $"hardly anything was done: {Done(answers)}");

        // Whoever was told 503 asks again with the same key: one connection for each key, and everything comes to rest.
        foreach (var customer in customers)
        {
            var there = await Eventually.GetAsync(
                async () => (await service.Administrator.GetAsync(Paths.Connections(customer.Id), CloudJson.Default.PageConnection)).Items,
                items => items.All(item => item is { State: ConnectionState.Available, Operation: null }),
                "connections at rest");
            Assert.Equal(there.Count, there.Select(item => item.GatewayAddress).Distinct().Count());
            foreach (var (key, id) in known.Where(pair => pair.Key.StartsWith(customer.Id, StringComparison.Ordinal)))
            {
                using var again = await service.Administrator.SendAsync(HttpMethod.Post, Paths.Connections(customer.Id), Body(int.Parse(key.Split('_')[1])), (Headers.IdempotencyKey, key));
                Assert.Equal((201, id), ((int)again.StatusCode, JsonSerializer.Deserialize(await again.Content.ReadAsStringAsync(), CloudJson.Default.Connection)!.Id));
            }
        }

        var (audited, keys) = await service.Database.ReadAsync(
            store => store.QuerySingleAsync<(long, long)>("select (select count(*) from audit where action = 'connection.create'), (select count(*) from idempotency where response is not null)"), CancellationToken.None);
        Assert.Equal(keys, audited);
        await Eventually.GetAsync(
            async () => (Wanted: await service.Database.ReadAsync(store => store.ExecuteScalarAsync<long>("select count(*) from tunnels"), CancellationToken.None), There: (long)nodes.Sum(node => node.Tunnels.Count)),
            now => now.Wanted == now.There,
            "every tunnel on its node, and no other");
    }

    private static string Body(int number) => JsonSerializer.Serialize(Requests.Bgp(number), CloudJson.Default.ConnectionRequest);

    private static int Done(IEnumerable<(string Request, int Status, string Text, bool TellsWhen)> answers) => answers.Count(answer => answer.Status is 200 or 201 or 202);

    /// <summary>Ends one of the service's back ends after the other, whichever it meets.</summary>
    private static async Task<int> EndAsync(Database database, CancellationToken stop)
    {
        var count = 0;
        await using var own = Npgsql.NpgsqlDataSource.Create(new Npgsql.NpgsqlConnectionStringBuilder(database.Source.ConnectionString) { ApplicationName = "harm" });
        await using var connection = await own.OpenConnectionAsync(CancellationToken.None);
        while (!stop.IsCancellationRequested)
        {
            // Those that are at work first, so that it is the middle of something.
            count += await connection.ExecuteScalarAsync<int>(
                """
                select count(pg_terminate_backend(pid))::int from (
                  select pid from pg_stat_activity where datname = current_database() and application_name = @ApplicationName order by state <> 'idle' desc, random() limit 1) one
                """,
                new { Database.ApplicationName });
            await Task.Delay(Random.Shared.Next(2, 15), CancellationToken.None);
        }

        return count;
    }

    /// <summary>A customer that asks for whatever there is until it is over.</summary>
    private static async Task AskAsync(TestClient client, string customer, Random random, ConcurrentQueue<(string, int, string, bool)> answers, ConcurrentDictionary<string, string> known, CancellationToken stop)
    {
        var (number, connections) = (0, new List<string>());
        while (!stop.IsCancellationRequested)
        {
            var id = connections.Count == 0 ? "vpn-0" : connections[random.Next(connections.Count)];
            switch (random.Next(12))
            {
                case 0 or 1 or 2 when connections.Count < 3 && number < 200:
                    var key = $"{customer}_{++number}_";

                    // Whether it was done is not known after 503: it is asked for again until it is.
                    var (status, made) = (503, "");
                    while (status is 503 or 409 && !stop.IsCancellationRequested) (status, made) = await SendAsync(HttpMethod.Post, Paths.Connections(customer), Body(number), (Headers.IdempotencyKey, key));
                    if (status != 201) break;
                    known[key] = JsonSerializer.Deserialize(made, CloudJson.Default.Connection)!.Id;
                    connections.Add(known[key]);
                    break;
                case 3:
                    await SendAsync(HttpMethod.Patch, Paths.Connection(customer, id), JsonSerializer.Serialize(new ConnectionChange(Ranges: [$"10.{random.Next(1, 250)}.0.0/16"]), CloudJson.Default.ConnectionChange));
                    break;
                case 4:
                    if ((await SendAsync(HttpMethod.Delete, Paths.Connection(customer, id))).Status == 202) connections.Remove(id);
                    break;
                case 5:
                    await SendAsync(HttpMethod.Post, Paths.ReplaceEndpoint(customer, id, random.Next(1, 3)));
                    break;
                case 6:
                    await SendAsync(HttpMethod.Get, Paths.Audit(customer));
                    break;
                case 7:
                    await SendAsync(HttpMethod.Get, Paths.Nodes);
                    break;
                case 8:
                    await SendAsync(HttpMethod.Get, Paths.File(customer, id, null));
                    break;
                case 9:
                    await SendAsync(HttpMethod.Get, Paths.Timeline(customer, id));
                    break;
                case 10:
                    await SendAsync(HttpMethod.Get, Paths.Connection(customer, id));
                    break;
                default:
                    await SendAsync(HttpMethod.Get, Paths.Connections(customer));
                    break;
            }
        }

        async Task<(int Status, string Text)> SendAsync(HttpMethod method, string path, string? body = null, params (string, string)[] headers)
        {
            using var answer = await client.SendAsync(method, path, body, headers);
            var text = await answer.Content.ReadAsStringAsync(CancellationToken.None);
            answers.Enqueue(($"{method} {path}", (int)answer.StatusCode, answer.IsSuccessStatusCode ? "" : text, answer.Headers.RetryAfter is not null));
            return ((int)answer.StatusCode, text);
        }
    }
}
