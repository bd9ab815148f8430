using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Tests;

/// <summary>Many clients, two replicas, and kill -9 of whatever there is, at any moment.</summary>
public sealed class RandomKillsTests(ITestOutputHelper output)
{
    private const int Customers = 7;

    /// <summary>Operations, clients and seed; bench/service-faults sets others.</summary>
    private static readonly int Operations = Setting("OPERATIONS", 500);
    private static readonly int Clients = Setting("CLIENTS", 10);
    private static readonly int Seed = Setting("SEED", Random.Shared.Next(1, 100_000));

    [Fact]
    public async Task Random_operations_by_many_clients_survive_kills_of_replicas_and_PostgreSQL()
    {
        output.WriteLine($"{Operations} operations, {Clients} clients, seed {Seed} (TUNNELWRIGHT_FAULT_SEED repeats its choices)");
        using var state = new TemporaryFolder();
        await using var webhook = new EventReceiver();
        await webhook.StartAsync();
        var settings = new Dictionary<string, string>
        {
            ["HEARTBEAT_SECONDS"] = "1", ["SILENT_AFTER_SECONDS"] = "4", ["DRAIN_SECONDS"] = "0.1", ["RETRY_SECONDS"] = "0.2", ["PRIVATE_WEBHOOKS"] = "true",
            ["REQUESTS_PER_SECOND"] = "100000", ["REQUEST_BURST"] = "100000",
        };
        await using var replicas = new Replicas(state.Path, 2, settings);
        await replicas.StartAsync();
        using var administrator = replicas.ClientOf((await File.ReadAllTextAsync(Path.Combine(state.Path, FirstAdministrator.File))).Trim());
        var gateways = new CustomerGateways();
        var (nodes, clients) = (await NodesAsync(replicas, administrator, gateways), await ClientsAsync(replicas, administrator, gateways, webhook.Url));
        try
        {
            var clock = Stopwatch.StartNew();
            using var done = new CancellationTokenSource();
            var faults = Task.Run(() => DoHarmAsync(replicas, administrator, nodes, () => clients.Sum(client => client.Asked), done.Token));
            var left = Operations;
            await using var database = new Database(new PrivateCluster(state.Path).ConnectionString);
            var store = database.Source;
            try
            {
                await Task.WhenAll(clients.Select(async client =>
                {
                    while (Interlocked.Decrement(ref left) >= 0) await client.StepAsync();
                }));
            }
            catch (Exception)
            {
                output.WriteLine($"{clock.Elapsed.TotalSeconds:0.0} s, {Math.Max(left, 0)} operations left");
                foreach (var line in await Outcome.DescribeAsync(store)) output.WriteLine(line);
                throw;
            }
            finally
            {
                await done.CancelAsync();
            }

            output.WriteLine($"{clock.Elapsed.TotalSeconds:0.0} s, {await faults}; requests sent again: {clients.Sum(client => client.Repeated)}; {string.Join(", ", clients.SelectMany(client => client.Changes).GroupBy(change => change.Key.Action).Select(action => $"{action.Sum(change => change.Value)} {action.Key}"))}");
            await new Outcome(state.Path, clients, nodes).CheckAsync(store, webhook.Ids);
            output.WriteLine($"at rest after {clock.Elapsed.TotalSeconds:0.0} s");
        }
        finally
        {
            foreach (var node in nodes) await node.DisposeAsync();
        }

        // The last one that ends stops PostgreSQL. Neither ever told a key or fell over its own feet.
        Assert.All(await replicas.EndAsync(), code => Assert.Equal(0, code));
        Assert.False(replicas.ServerRuns());
        var log = replicas.Log;
        Assert.All(nodes.SelectMany(node => node.History).Select(tunnel => tunnel.PreSharedKey).Distinct(), key => Assert.DoesNotContain(key, log));
        var failed = log.Split('\n').Where(line => line.Contains("ProblemWriter", StringComparison.Ordinal) && line.Contains(" failed", StringComparison.Ordinal)).ToList();
        Assert.True(failed.Count == 0, string.Join('\n', failed));
        Assert.DoesNotContain("Unhandled exception", log);
    }

    /// <summary>Kills, and cuts nodes off for longer than the service's patience, at random moments until the clients are done; then everything is healed.</summary>
    /// <returns>What was done.</returns>
    private static async Task<string> DoHarmAsync(Replicas replicas, TestClient administrator, List<TestNode> nodes, Func<int> asked, CancellationToken until)
    {
        var random = new Random(Seed);
        var done = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var cuts = new List<Task>();
        while (!until.IsCancellationRequested)
        {
            // Some operations further, so that a slow machine gets on as well; one fault in four comes while the service is still away because of the one before.
            var (operations, pause, kind, number, patient) = (random.Next(2, 18), random.Next(0, 700), random.Next(6), random.Next(1000), random.Next(4) > 0);
            if (patient)
            {
                await AnswersAsync(administrator);
                for (var goal = asked() + operations; asked() < goal && !until.IsCancellationRequested;) await Task.Delay(10, CancellationToken.None);
            }

            await Task.Delay(pause, CancellationToken.None);
            switch (kind)
            {
                case 0 or 1:
                    replicas.Kill(number);
                    Count("control plane processes killed");
                    break;
                case 2:
                    if (replicas.KillServer()) Count("PostgreSQL killed");
                    break;
                case 3:
                    if (replicas.KillBackend(number)) Count("PostgreSQL back ends killed");
                    break;
                case 4:
                    nodes[number % nodes.Count].Restarted = true;
                    Count("nodes restarted");
                    break;
                default:
                    // One at a time: with fewer failure domains than three an endpoint has nowhere to go.
                    if (cuts.Any(cut => !cut.IsCompleted)) break;
                    cuts.Add(CutAsync(nodes[number % nodes.Count]));
                    Count("nodes cut off");
                    break;
            }
        }

        // The last one that was killed may seem to answer for a moment.
        await Task.WhenAll(cuts.Append(Task.Delay(TimeSpan.FromSeconds(2), CancellationToken.None)));
        await AnswersAsync(administrator);
        return string.Join(", ", done.Select(pair => $"{pair.Value} {pair.Key}"));

        static async Task AnswersAsync(TestClient client) => await Eventually.GetAsync(
            async () =>
            {
                try
                {
                    using var answer = await client.SendAsync(HttpMethod.Get, Paths.Ready);
                    return answer.IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            ready => ready,
            "a service that answers");

        void Count(string what) => done[what] = done.GetValueOrDefault(what) + 1;

        static async Task CutAsync(TestNode node)
        {
            node.CutOff = true;
            await Task.Delay(TimeSpan.FromSeconds(6), CancellationToken.None);
            node.CutOff = false;
        }
    }

    private static async Task<List<TestNode>> NodesAsync(Replicas replicas, TestClient administrator, CustomerGateways gateways)
    {
        await administrator.PostAsync(Paths.AddressPools, new NewAddressPool("52.30.0.0/25"), CloudJson.Default.NewAddressPool, CloudJson.Default.AddressPool);
        var nodes = new List<TestNode>();
        foreach (var domain in new[] { "zone-a", "zone-b", "zone-c", "zone-d" })
        {
            var invitation = await administrator.PostAsync(Paths.RegistrationTokens, new NewRegistrationToken(domain), CloudJson.Default.NewRegistrationToken, CloudJson.Default.RegistrationToken);
            nodes.Add(await TestNode.StartAsync(replicas.ClientOf, invitation.Secret, domain, gateways));
        }

        return nodes;
    }

    private static async Task<List<RandomClient>> ClientsAsync(Replicas replicas, TestClient administrator, CustomerGateways gateways, string webhook)
    {
        var customers = new List<string>();
        for (var number = 0; number < Customers; number++)
        {
            var wanted = new NewCustomer($"customer {number}", "10.8.2.0/24", Notifications: new NotificationSettings(webhook, Mail: false));
            customers.Add((await administrator.PostAsync(Paths.Customers, wanted, CloudJson.Default.NewCustomer, CloudJson.Default.Customer)).Id);
        }

        var clients = new List<RandomClient>();
        for (var number = 0; number < Clients; number++)
        {
            var customer = customers[number % Customers];
            var token = await administrator.PostAsync(Paths.Tokens(customer), new NewApiToken($"client {number}", Role.Operator), CloudJson.Default.NewApiToken, CloudJson.Default.IssuedToken);
            clients.Add(new RandomClient(replicas.ClientOf(token.Secret), customer, number, Seed, gateways));
        }

        return clients;
    }

    private static int Setting(string name, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable($"TUNNELWRIGHT_FAULT_{name}"), out var given) ? given : otherwise;

    /// <summary>The customers' webhook.</summary>
    private sealed class EventReceiver : IAsyncDisposable
    {
        private readonly WebApplication _app;
        private readonly ConcurrentQueue<string> _ids = [];

        public EventReceiver()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            _app = builder.Build();
            _app.Urls.Add("http://127.0.0.1:0");
            _app.MapPost("/hook", async (HttpContext context) =>
            {
                using var body = await JsonDocument.ParseAsync(context.Request.Body);
                _ids.Enqueue(body.RootElement.GetProperty("id").GetString()!);
                return Results.NoContent();
            });
        }

        public string Url => $"{_app.Urls.First()}/hook";

        public IReadOnlyCollection<string> Ids => _ids;

        public Task StartAsync() => _app.StartAsync();

        public ValueTask DisposeAsync() => _app.DisposeAsync();
    }
}
