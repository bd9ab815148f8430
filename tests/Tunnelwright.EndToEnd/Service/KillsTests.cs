using System.Diagnostics;
using System.Globalization;
using Tunnelwright.Cloud.Client;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Lab;

namespace Tunnelwright.EndToEnd.Service;

/// <summary>kill -9 of whatever there is while one customer's connection is changed, and a stream over another customer's.</summary>
[Trait("plane", "userspace")]
public sealed class KillsTests(ITestOutputHelper output)
{
    /// <summary>How long after the death of a tunnel's IKE daemon packets may be lost: the gateway notices and takes the other tunnel.</summary>
    private static readonly TimeSpan Diversion = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>Rounds and seed; bench/service-faults sets others.</summary>
    private static readonly int Rounds = Setting("ROUNDS", 7);
    private static readonly int Seed = Setting("SEED", Random.Shared.Next(1, 100_000));

    [Fact]
    public async Task Kills_during_changes_of_one_connection_cost_another_none_of_its_packets()
    {
        output.WriteLine($"{Rounds} rounds, seed {Seed} (TUNNELWRIGHT_FAULT_SEED repeats its choices)");
        var random = new Random(Seed);
        await using var service = await ServiceLab.UpAsync(2);
        var harm = new LabHarm(service);
        var (quiet, busy) = (service.Customers[0], service.Customers[1]);
        var watched = await service.CreateAsync(quiet, "static");
        var changed = await service.CreateAsync(busy, "bgp");
        await service.ConnectAsync(quiet, watched.Id);
        await service.ConnectAsync(busy, changed.Id);
        await service.SeesBothUpAsync(quiet, watched.Id, TimeSpan.FromSeconds(60));
        await service.SeesBothUpAsync(busy, changed.Id, TimeSpan.FromSeconds(60));
        using var provider = service.Administrator();
        await using var stream = await EchoStream.StartAsync(service.Lab.Host(quiet.Host), "10.8.2.2");
        var deaths = new List<TimeSpan>();

        // Every kind of death comes, in an order that the seed decides, and beside which change, and after how long.
        var order = Enumerable.Range(0, Rounds).Select(round => round % 7).ToArray();
        random.Shuffle(order);
        for (var round = 0; round < Rounds; round++)
        {
            var clock = Stopwatch.StartNew();
            var (change, pause, tunnel) = (random.Next(3), random.Next(0, 1500), random.Next(1, 3));

            // Where the quiet customer's own IKE daemon dies it is that of the tunnel that carries the traffic.
            var node = ServiceLab.NodeOf(watched, order[round] == 4 ? 1 : tunnel);
            var changing = ChangeAsync(service, provider, busy, changed, change, tunnel, $"round-{round}", round);
            await Task.Delay(pause, TestContext.Current.CancellationToken);
            var what = order[round] switch
            {
                0 => await DoAsync("the control plane", harm.ControlPlaneAsync),
                1 => await DoAsync("PostgreSQL", harm.PostgresAsync),
                2 => await DoAsync($"the agent of {node.Host}", () => harm.NodeAgentAsync(node)),
                3 => Do($"the quiet customer's agent on {node.Host}", () => harm.CustomerAgent(node, watched.CustomerId)),
                4 => Do($"the quiet customer's IKE daemon on {node.Host}", () =>
                {
                    deaths.Add(stream.Now);
                    harm.Charon(node, watched.CustomerId);
                }),
                5 => await DoAsync("the busy customer's agent", () => OnBusyAsync(node => harm.CustomerAgent(node, changed.CustomerId))),
                _ => await DoAsync("the busy customer's IKE daemon", () => OnBusyAsync(node => harm.Charon(node, changed.CustomerId))),
            };
            var did = await changing;
            output.WriteLine($"round {round}: {did}, {pause} ms later kill -9 of {what}");

            // What died is noticed first.
            await Task.Delay(TimeSpan.FromSeconds(1.5), TestContext.Current.CancellationToken);
            await RestAsync(provider, watched);
            changed = await RestAsync(provider, changed);
            output.WriteLine($"  at rest after {clock.Elapsed.TotalSeconds:0.0} s");
        }

        var lost = await stream.LostAsync();
        var excused = lost.Where(at => deaths.Exists(death => at > death - TimeSpan.FromMilliseconds(50) && at < death + Diversion)).ToList();
        output.WriteLine($"{stream.Sent} packets, 10 ms apart: {lost.Count} lost, {excused.Count} of them after the death of their own tunnel's IKE daemon, longest gap {stream.Gap(excused).TotalMilliseconds:0} ms");
        Assert.Equal(lost.Count, excused.Count);
        Assert.Equal(
            watched.Tunnels.Select(one => (one.NodeId, one.CloudAddress, one.KeyGeneration)),
            (await service.ShowAsync(quiet, watched.Id)).Tunnels.Select(one => (one.NodeId, one.CloudAddress, one.KeyGeneration)));
        await NothingLeftAsync(service, provider, watched, changed);

        // A node of the busy customer, as it stands: an endpoint may be between two nodes.
        async Task OnBusyAsync(Action<ServiceNode> kill)
        {
            var now = await UntilKnownAsync(() => provider.GetAsync(Paths.Connection(changed.CustomerId, changed.Id), CloudJson.Default.Connection));
            var tunnels = now!.Tunnels.Where(one => one.FailureDomain is not null).ToList();
            var domain = tunnels[random.Next(tunnels.Count)].FailureDomain;
            try
            {
                kill(ServiceAddresses.Nodes.Single(one => one.FailureDomain == domain));
            }
            catch (Xunit.Sdk.NotEmptyException)
            {
                output.WriteLine("it was just being made or taken down: nothing was killed");
            }
        }
    }

    /// <summary>One change, until it is accepted; what it needs of the customer's own gateway is done.</summary>
    private static async Task<string> ChangeAsync(ServiceLab service, ServiceClient provider, ServiceCustomer customer, Connection connection, int kind, int tunnel, string key, int round)
    {
        switch (kind)
        {
            case 0:
                var ranges = new ConnectionChange(Ranges: ["10.1.0.0/24", $"10.{50 + round}.0.0/24"]);
                await UntilKnownAsync(() => provider.SendAsync(HttpMethod.Patch, Paths.Connection(connection.CustomerId, connection.Id), ranges, CloudJson.Default.ConnectionChange, CloudJson.Default.Connection));
                return "other ranges";
            case 1:
                await UntilKnownAsync(() => provider.SendAsync(HttpMethod.Post, Paths.RotateKeys(connection.CustomerId, connection.Id), CloudJson.Default.Connection, key));
                await Eventually.HoldsAsync("the new file is on the customer's gateway", Patience, async () => (await service.Lab.TypeOnAsync(customer.Gateway, "vpn", "download", connection.Id, "--out", "/run/vpn.txt")).ExitCode == 0);
                await service.Lab.TypeOnAsync(customer.Gateway, "up", "/run/vpn.txt", "--local-range", "10.1.0.0/24", "--cloud-range", "10.8.2.0/24", "--data-plane", "userspace", "--wait", "0");
                return "a rotation of keys";
            default:
                await UntilKnownAsync(() => provider.SendAsync(HttpMethod.Post, Paths.ReplaceEndpoint(connection.CustomerId, connection.Id, tunnel), CloudJson.Default.Connection, key));
                return $"a replacement of endpoint {tunnel}";
        }
    }

    /// <summary>No change on its way, both tunnels programmed and up.</summary>
    private async Task<Connection> RestAsync(ServiceClient provider, Connection connection)
    {
        Connection? now = null;
        var rests = false;
        try
        {
            await Eventually.HoldsAsync($"{connection.Id} is at rest", Patience, async () =>
            {
                now = await UntilKnownAsync(() => provider.GetAsync(Paths.Connection(connection.CustomerId, connection.Id), CloudJson.Default.Connection));
                return rests = now is { Operation: null, State: ConnectionState.Available } && now.Tunnels.All(tunnel => tunnel is { Programmed: true, Observed.State: TunnelState.Up });
            });
        }
        finally
        {
            if (!rests) output.WriteLine($"{now?.State}, {now?.Operation}, {string.Join(", ", now?.Tunnels.Select(tunnel => $"{tunnel}") ?? [])}");
        }

        return now!;
    }

    /// <summary>Desired is observed, on the nodes' own disks and wires, and no address is lost.</summary>
    private static async Task NothingLeftAsync(ServiceLab service, ServiceClient provider, params Connection[] connections)
    {
        await Eventually.HoldsAsync("every node has the newest version", TimeSpan.FromSeconds(30), async () =>
            (await provider.GetAsync(Paths.Nodes, CloudJson.Default.PageNode))!.Items.All(one => one.State == NodeState.Ready && one.AppliedVersion == one.DesiredVersion));
        foreach (var node in ServiceAddresses.Nodes)
        {
            var tunnels = connections.SelectMany(connection => connection.Tunnels.Where(tunnel => tunnel.FailureDomain == node.FailureDomain).Select(tunnel => (connection.CustomerId, tunnel.CloudAddress))).ToList();
            Assert.Equal(tunnels.Select(tunnel => $"twc.{tunnel.CustomerId}").Distinct().Order(StringComparer.Ordinal), (await service.CustomersOnAsync(node)).Order(StringComparer.Ordinal));
            var routes = (await service.Lab.OutputAsync(node.Host, "ip", "route", "show", "protocol", "85")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0]);
            Assert.Equal(tunnels.Select(tunnel => tunnel.CloudAddress).Order(StringComparer.Ordinal), routes.Order(StringComparer.Ordinal));
        }

        var pool = Assert.Single((await provider.GetAsync(Paths.AddressPools, CloudJson.Default.PageAddressPool))!.Items);
        Assert.Equal(connections.Sum(connection => connection.Tunnels.Count), pool.Total - pool.Free);
    }

    private static async Task<T> UntilKnownAsync<T>(Func<Task<T>> request)
    {
        for (var clock = Stopwatch.StartNew(); ;)
        {
            try
            {
                return await request();
            }
            catch (ServiceException problem) when (clock.Elapsed < Patience && problem.Status is null or 409 or 503)
            {
                await Task.Delay(100);
            }
        }
    }

    private static async Task<string> DoAsync(string what, Func<Task> kill)
    {
        await kill();
        return what;
    }

    private static string Do(string what, Action kill)
    {
        kill();
        return what;
    }

    private static int Setting(string name, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable($"TUNNELWRIGHT_FAULT_{name}"), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : otherwise;
}
