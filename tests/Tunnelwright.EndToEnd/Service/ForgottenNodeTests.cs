using System.Collections.Concurrent;
using System.Text.Json;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Lab;

namespace Tunnelwright.EndToEnd.Service;

/// <summary>A node that fell silent, was forgotten, and comes back: until then it has its addresses, and then somebody else does. At no moment both.</summary>
[Trait("plane", "userspace")]
public sealed class ForgottenNodeTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task The_addresses_of_a_forgotten_node_that_lives_are_another_customers_only_after_it_gave_them_up()
    {
        await using var service = await ServiceLab.UpAsync(2);
        using var provider = service.Administrator();
        var (one, two) = (service.Customers[0], service.Customers[1]);

        // Two addresses, and no more: whoever is next gets these.
        var pool = (await provider.GetAsync(Paths.AddressPools, CloudJson.Default.PageAddressPool))!.Items.Single();
        await provider.SendAsync(HttpMethod.Delete, $"{Paths.AddressPools}/{pool.Id}");
        await provider.SendAsync(HttpMethod.Post, Paths.AddressPools, new NewAddressPool("198.51.100.8/30"), CloudJson.Default.NewAddressPool, CloudJson.Default.AddressPool);
        var first = await service.CreateAsync(one, "static");
        await service.ConnectAsync(one, first.Id);
        await service.SeesBothUpAsync(one, first.Id, TimeSpan.FromSeconds(30));
        var (silent, address) = (ServiceLab.NodeOf(first, 1), first.Tunnels[0].CloudAddress);
        await service.CutOffAsync(silent);
        await Eventually.HoldsAsync("the endpoint has moved", TimeSpan.FromSeconds(40), async () => (await service.ShowAsync(one, first.Id)).Tunnels[0] is { Programmed: true, NodeId: { } id } && id != first.Tunnels[0].NodeId);
        await provider.SendAsync(HttpMethod.Delete, $"{Paths.Nodes}/{first.Tunnels[0].NodeId}");
        Assert.Equal(NodeState.Forgotten, (await provider.GetAsync($"{Paths.Nodes}/{first.Tunnels[0].NodeId}", CloudJson.Default.Node))!.State);
        await service.VpnAsync(one, "delete", first.Id, "--wait", "30");

        // The node that was cut off goes on, and the first customer's gateway finds it there: nobody told either of them.
        var holders = new ConcurrentQueue<(TimeSpan At, string Address, IReadOnlyList<string> Customers)>();
        using var stop = new CancellationTokenSource();
        var watching = WatchAsync(service, [.. first.Tunnels.Select(tunnel => tunnel.CloudAddress)], holders, stop.Token);
        var second = JsonSerializer.Deserialize(
            await service.VpnAsync(two, "create", "--purpose", "second", "--contact", "ops@example.com", "--gateway-address", $"{two.Public}", "--range", "10.1.0.0/24", "--json"), CloudJson.Default.Connection)!;
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        Assert.Equal("waiting for free outside addresses", (await service.ShowAsync(two, second.Id)).Operation?.Step);
        Assert.Equal([first.CustomerId], holders.Last(look => look.Address == address).Customers);
        Assert.Contains($"via {silent.Uplink.Address} ", await service.Lab.OutputAsync("internet", "ip", "route", "show", address), StringComparison.Ordinal);
        await OnceAsync(address);

        await service.JoinAsync();
        await Eventually.HoldsAsync("the second customer has its connection", TimeSpan.FromSeconds(60), async () => (await service.ShowAsync(two, second.Id)).State == ConnectionState.Available);
        second = await service.ShowAsync(two, second.Id);
        Assert.Equal(first.Tunnels.Select(tunnel => tunnel.CloudAddress).Order(), second.Tunnels.Select(tunnel => tunnel.CloudAddress).Order());
        await service.ConnectAsync(two, second.Id);
        await service.SeesBothUpAsync(two, second.Id, TimeSpan.FromSeconds(60));
        foreach (var tunnel in second.Tunnels) await OnceAsync(tunnel.CloudAddress);
        await Eventually.HoldsAsync("the second customer's cloud answers its host", TimeSpan.FromSeconds(30), async () =>
            (await service.Lab.RunAsync(two.Host, "tunnelwright", "dns", "lookup", ServiceCustomer.WhoseName, "--via", "10.8.2.2")).Output.Contains($" {two.Whose} ", StringComparison.Ordinal));
        await Eventually.HoldsAsync("the first customer's gateway has no tunnel any more", TimeSpan.FromSeconds(60), async () => Status.Read(await service.Lab.RunAsync(one.Gateway, "tunnelwright", "status", "--json")).Connection.Tunnels.All(tunnel => tunnel.State != "up"));

        await stop.CancelAsync();
        await watching;
        output.WriteLine($"{holders.Count} looks; {address} was with: {string.Join(", ", Changes(holders.Where(look => look.Address == address)))}");
        Assert.Empty(holders.Where(look => look.Customers.Count > 1).Select(look => $"{look.At.TotalSeconds:0.0} s: {look.Address} is with {string.Join(" and ", look.Customers)}"));
        Assert.Contains(holders, look => look.Address == address && look.Customers is [var customer] && customer == second.CustomerId);

        // What it gave up it has given up wholly, and nobody knows it any more.
        Assert.DoesNotContain($"twc.{first.CustomerId}", await service.CustomersOnAsync(silent));
        await Eventually.HoldsAsync("the forgotten node is gone", TimeSpan.FromSeconds(90), async () => (await provider.GetAsync(Paths.Nodes, CloudJson.Default.PageNode))!.Items.All(node => node.FailureDomain != silent.FailureDomain));

        // Each echo request is answered, by one.
        async Task OnceAsync(string outside)
        {
            var answers = await service.Lab.OutputAsync(two.Gateway, "ping", "-c", "5", "-i", "0.2", "-W", "2", outside);
            Assert.Contains("5 packets transmitted, 5 received, 0%", answers, StringComparison.Ordinal);
            Assert.DoesNotContain("DUP", answers, StringComparison.Ordinal);
        }
    }

    /// <summary>Looks again and again in which customers' namespaces the addresses are, on any node.</summary>
    private static async Task WatchAsync(ServiceLab service, string[] addresses, ConcurrentQueue<(TimeSpan, string, IReadOnlyList<string>)> looks, CancellationToken stop)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            var found = await Task.WhenAll(ServiceAddresses.Nodes.Select(node => service.Lab.RunAsync(node.Host, "sh", "-c", "for n in $(ls /run/netns 2>/dev/null); do ip netns exec $n ip -o -4 address show dev uplink 2>/dev/null | sed \"s/^/$n /\"; done; true")));
            var lines = found.SelectMany(result => result.Output.Split('\n')).ToList();
            foreach (var address in addresses)
                looks.Enqueue((TimeProvider.System.GetElapsedTime(began), address, [.. lines.Where(line => line.Contains($" {address}/32 ", StringComparison.Ordinal)).Select(line => line.Split(' ')[0]["twc.".Length..]).Distinct()]));
            await Task.Delay(Look, CancellationToken.None);
        }
    }

    private static IEnumerable<string> Changes(IEnumerable<(TimeSpan At, string Address, IReadOnlyList<string> Customers)> looks)
    {
        string? before = null;
        foreach (var (at, _, customers) in looks)
        {
            var now = customers.Count == 0 ? "nobody" : string.Join(" and ", customers);
            if (now != before) yield return $"{now} from {at.TotalSeconds:0.0} s";
            before = now;
        }
    }
}
