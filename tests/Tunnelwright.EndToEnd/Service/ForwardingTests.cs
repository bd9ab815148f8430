using Tunnelwright.Cloud.Contract;
using Tunnelwright.Lab;

namespace Tunnelwright.EndToEnd.Service;

/// <summary>The customer's internal domain, asked from the cloud: its DNS servers find it at the nodes, and the nodes at the customer's own server through the tunnels.</summary>
[Trait("plane", "userspace")]
public sealed class ForwardingTests(ITestOutputHelper output)
{
    private const string Cloud = "cloud-db";
    private const string Name = "customer-host.company.local";

    [Theory]
    [InlineData("static")]
    [InlineData("bgp")]
    public async Task The_cloud_finds_the_customers_names_through_the_tunnels(string routing)
    {
        await using var service = await ServiceLab.UpAsync();
        var connection = await service.CreateAsync(routing);
        Assert.DoesNotContain("10.1.0.10", await AskAsync(service, Cloud, "10.8.2.2"), StringComparison.Ordinal);
        await service.ConnectAsync(connection.Id);
        await service.SeesBothUpAsync(connection.Id, TimeSpan.FromSeconds(20));
        foreach (var server in new[] { "10.8.2.2", "10.8.2.3" })
        {
            await Eventually.HoldsAsync($"{server} knows the customer's names", TimeSpan.FromSeconds(20), async () => await AskAsync(service, Cloud, server) == "10.1.0.10");
            Assert.Equal("10.1.0.10", await AskAsync(service, Cloud, server, "+tcp"));
        }

        await ListensWhereItWasToldAsync(service, connection);
        await Eventually.HoldsAsync("the service sees the forwarders", TimeSpan.FromSeconds(20), async () => (await service.ShowAsync(connection.Id)).Tunnels.All(tunnel =>
            tunnel.Observed!.Names is { State: "up", Domains: [{ Domain: LabNames.CustomerDomain, ServersUp: ["10.1.0.53:53"], ServersDown: [], Queries: > 0 }] } names
            && names.Listening.SequenceEqual([$"{LabAddresses.EndpointInCloud(tunnel.Number)}:53"])));

        // One node's death takes no name away: the cloud's servers ask both.
        await service.KillNodeAsync(ServiceLab.NodeOf(connection, 1));
        var gap = await Eventually.HoldsAsync("names are answered without the dead node", TimeSpan.FromSeconds(30), async () => await AskAsync(service, Cloud, "10.8.2.2") == "10.1.0.10");
        output.WriteLine($"answered {gap.TotalSeconds:0.0} s after a node's death");
    }

    /// <summary>Two gateways of one customer, a domain behind each: both are found at both of the forwarder's addresses, whichever nodes the tunnels end on.</summary>
    [Fact]
    public async Task Domains_behind_two_connections_of_a_customer_are_found_at_the_same_addresses()
    {
        const string plantDns = "10.1.0.200";
        await using var service = await ServiceLab.UpAsync(customers: 2);
        var plant = service.Customers[1];
        var office = await service.CreateAsync("static", range: "10.1.0.0/25");
        var other = await service.CreateAsync("static", $"{plant.Public}", "10.1.0.128/25");
        using (var provider = service.Administrator())
        {
            var forwards = new DnsForward[] { new(LabNames.CustomerDomain, [new DnsServer("10.1.0.53")]), new("plant.local", [new DnsServer(plantDns)]) };
            await provider.SendAsync(HttpMethod.Patch, Paths.Customer(office.CustomerId), new CustomerChange(Dns: new DnsForwarding([], forwards)), CloudJson.Default.CustomerChange, CloudJson.Default.Customer, cancellationToken: TestContext.Current.CancellationToken);
        }

        await service.Lab.OutputAsync(plant.Gateway, "ip", "address", "add", $"{plantDns}/32", "dev", "lo");
        await service.Lab.OutputAsync(plant.Gateway, "dnsmasq", "--conf-file=/dev/null", "--user=root", "--no-resolv", "--no-hosts", "--bind-interfaces", $"--listen-address={plantDns}", "--pid-file=/run/plant.pid", "--local=/plant.local/", "--address=/press.plant.local/10.1.0.201");
        try
        {
            await service.ConnectAsync(office.Id, "10.1.0.0/25");
            await File.WriteAllTextAsync($"{service.Lab.Host(plant.Gateway).Root}/run/vpn.txt", await service.VpnAsync("download", other.Id, "--out", "-"), TestContext.Current.CancellationToken);
            var up = await service.Lab.TypeOnAsync(plant.Gateway, "up", "/run/vpn.txt", "--local-range", "10.1.0.128/25", "--cloud-range", "10.8.2.0/24", "--data-plane", "userspace", "--wait", "90");
            Assert.True(up.ExitCode == 0, $"up: {up.Error}{up.Output}");
            foreach (var connection in new[] { office, other })
            {
                await service.SeesBothUpAsync(connection.Id, TimeSpan.FromSeconds(30));
                output.WriteLine($"{connection.Id}: {string.Join(", ", connection.Tunnels.Select(tunnel => tunnel.FailureDomain))}");
            }

            foreach (var forwarder in new[] { 1, 2 })
            {
                foreach (var (name, answer) in new[] { (Name, "10.1.0.10"), ("press.plant.local", "10.1.0.201") })
                {
                    await Eventually.HoldsAsync($"forwarder {forwarder} knows {name}", TimeSpan.FromSeconds(20), async () =>
                        (await service.Lab.RunAsync("cloud-dns-1", "dig", "+short", "+time=1", "+tries=1", $"@{LabAddresses.EndpointInCloud(forwarder)}", name)).Output.Trim() == answer);
                }
            }
        }
        finally
        {
            await service.Lab.RunAsync(plant.Gateway, "sh", "-c", "kill $(cat /run/plant.pid)");
        }
    }

    /// <summary>Its own address on the segment of the customer's cloud network, for the cloud's DNS servers alone.</summary>
    private static async Task ListensWhereItWasToldAsync(ServiceLab service, Connection connection)
    {
        foreach (var number in new[] { 1, 2 })
        {
            var address = $"{LabAddresses.EndpointInCloud(number)}";
            var space = (await service.Lab.OutputAsync(ServiceLab.NodeOf(connection, number).Host, "ip", "netns", "list")).Split([' ', '\n'])[0];
            var listening = await service.Lab.OutputAsync(ServiceLab.NodeOf(connection, number).Host, "ip", "netns", "exec", space, "ss", "-Hlntu", "sport = :53");
            var sockets = listening.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4]).Distinct();
            Assert.Equal([$"{address}:53"], sockets);
            foreach (var stranger in new[] { Cloud, "customer-host" })
                Assert.DoesNotContain("10.1.0.10", await AskAsync(service, stranger, address), StringComparison.Ordinal);
        }
    }

    private static async Task<string> AskAsync(ServiceLab service, string from, string server, params string[] options) =>
        (await service.Lab.RunAsync(from, ["dig", "+short", "+time=1", "+tries=1", $"@{server}", Name, .. options])).Output.Trim();
}
