using Tunnelwright.Lab;

namespace Tunnelwright.EndToEnd.Names;

/// <summary>The cloud's names through the gateway's forwarder, and what the forwarder says of itself.</summary>
public sealed class ForwarderTests(NamesLab names) : IClassFixture<NamesLab>
{
    private const string Host = "customer-host";

    private TestLab Lab => names.Lab;

    [Fact]
    public async Task The_databases_name_arrives_flattened_and_private()
    {
        await names.ReadyAsync();
        var records = (await Lab.OutputAsync(Host, "dig", "+noall", "+answer", $"@{NamesLab.Forwarder}", LabNames.Database)).Split('\n');
        var words = Assert.Single(records).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal([$"{LabNames.Database}.", "IN", "A"], [words[0], words[2], words[3]]);
        Assert.StartsWith("10.8.2.3", words[4], StringComparison.Ordinal);
        Assert.InRange(int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture), 0, LabNames.TtlSeconds);
    }

    [Fact]
    public async Task Names_over_UDP_and_TCP_and_the_internets_from_the_internet()
    {
        await names.ReadyAsync();
        foreach (var transport in new[] { "+notcp", "+tcp" })
        {
            Assert.Equal("10.8.2.10", await DigAsync(transport, "app.cloud.example"));
            Assert.Equal("198.51.100.99", await DigAsync(transport, LabNames.Elsewhere));
        }

        Assert.Contains("status: NXDOMAIN", await Lab.OutputAsync(Host, "dig", $"@{NamesLab.Forwarder}", "nothing.cloud.example"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_listens_where_it_is_told_and_answers_those_that_may_ask()
    {
        await names.ReadyAsync();
        Assert.Equal(["10.1.0.1:53", "10.1.0.1:53"], Listening(await Lab.OutputAsync(TestLab.Gateway, "ss", "-Hlntu", "sport", "=", ":53")));

        // A cloud host reaches the gateway's address through the tunnel, and is a stranger there.
        Assert.False((await Lab.RunAsync("cloud-dns-1", "dig", "+time=1", "+tries=1", $"@{NamesLab.Forwarder}", "app.cloud.example")).Succeeded);
        await Eventually.HoldsAsync("the stranger is counted", TimeSpan.FromSeconds(5), async () => (await names.StatusAsync())["counters"]!["denied"]!.GetValue<long>() > 0);
    }

    [Fact]
    public async Task Status_and_metrics_tell_rules_and_servers()
    {
        await names.ReadyAsync();
        await DigAsync("+notcp", LabNames.LoadBalancer);
        var status = await names.StatusAsync();
        Assert.Equal("up", status["state"]!.GetValue<string>());
        Assert.Equal([LabNames.CloudDomain, LabNames.DatabaseDomain, "."], status["rules"]!.AsArray().Select(rule => rule!["domain"]!.GetValue<string>()));
        Assert.True(status["rules"]![0]!["queries"]!.GetValue<long>() > 0);
        Assert.Equal(["10.8.2.2:53", "10.8.2.3:53"], status["rules"]![0]!["servers"]!.AsArray().Select(server => server!["server"]!.GetValue<string>()));
        Assert.StartsWith("vpn-", status["rules"]![0]!["connection"]!.GetValue<string>(), StringComparison.Ordinal);

        var text = await Lab.OutputAsync(TestLab.Gateway, "tunnelwright", "status");
        Assert.Matches(@"(?m)^names  up  10\.1\.0\.1:53$", text);
        Assert.Matches(@"(?m)^  cloud\.example  \d+ asked", text);
        Assert.Matches(@"(?m)^            10\.8\.2\.3:53 +up", text);

        var page = await Lab.OutputAsync(TestLab.Gateway, "curl", "--silent", "--unix-socket", "/run/tunnelwright/default/agent.sock", "http://agent/metrics");
        Assert.Contains("\ntunnelwright_dns_up 1\n", page, StringComparison.Ordinal);
        Assert.Matches(@"\ntunnelwright_dns_queries_total [1-9]\d*\n", page);
        Assert.Matches(@"\ntunnelwright_dns_rule_queries_total\{domain=""cloud\.example""\} [1-9]", page);
        Assert.Contains("\ntunnelwright_dns_server_up{server=\"10.8.2.3:53\"} 1\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Questions_are_told_on_request()
    {
        await names.ReadyAsync();
        await using var queries = Lab.StartTyping("dns", "queries");
        await Eventually.HoldsAsync("a question is told", TimeSpan.FromSeconds(20), async () =>
        {
            await DigAsync("+notcp", "app.cloud.example");
            return queries.Output.Contains("10.1.0.10 app.cloud.example A NOERROR ", StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_change_of_the_load_balancer_is_followed_within_the_TTL()
    {
        await names.ReadyAsync();
        var before = Assert.Single((await names.Client.AskAsync(LabNames.LoadBalancer)).Addresses);
        using var ending = new CancellationTokenSource();
        var asking = names.Client.AskOnAsync(_ => LabNames.LoadBalancer, TimeSpan.FromMilliseconds(50), ending.Token);
        var moved = await TestLab.TunnelwrightAsync(["lab", "move", "load-balancer", "--name", Lab.Name]);
        Assert.True(moved.Succeeded, moved.Error);
        var at = Asker.Now;
        await Task.Delay(TimeSpan.FromSeconds(LabNames.TtlSeconds + 2), TestContext.Current.CancellationToken);
        await ending.CancelAsync();
        var asked = await asking;

        Assert.All(asked, one => Assert.True(one.IsAnswered, $"{one}"));
        var first = asked.First(one => one.Addresses[0] != before);
        Assert.True(first.Sent - at <= TimeSpan.FromSeconds(LabNames.TtlSeconds + 0.2), $"followed after {(first.Sent - at).TotalSeconds:0.00} s");
        Assert.All(asked.Where(one => one.Sent > first.Sent + TimeSpan.FromSeconds(0.2)), one => Assert.NotEqual(before, one.Addresses[0]));
        Assert.Equal("front end of the cloud", await Lab.OutputAsync(Host, "curl", "--silent", "--fail", "--max-time", "10", "--resolve", $"{LabNames.LoadBalancer}:443:{first.Addresses[0]}", $"http://{LabNames.LoadBalancer}:443/"));
    }

    [Fact]
    public async Task A_database_that_moves_to_another_host_name_is_followed_too()
    {
        await names.ReadyAsync();
        var before = Assert.Single((await names.Client.AskAsync(LabNames.Database)).Addresses);
        Assert.True((await TestLab.TunnelwrightAsync(["lab", "move", "database", "--name", Lab.Name])).Succeeded);
        string after = before;
        await Eventually.HoldsAsync("the database's new address is told", TimeSpan.FromSeconds(LabNames.TtlSeconds + 1), async () => (after = Assert.Single((await names.Client.AskAsync(LabNames.Database)).Addresses)) != before);
        Assert.Equal("1", await Lab.OutputAsync(Host, "psql", "--no-psqlrc", "-h", after, "-U", "postgres", "-Atc", "select 1"));
    }

    [Fact]
    public async Task The_cloud_asks_for_the_customers_names_through_either_tunnel()
    {
        await names.ReadyAsync();
        foreach (var server in new[] { "10.8.2.2", "10.8.2.3", "10.8.255.1", "10.8.255.5" })
            Assert.Equal("10.1.0.10", await Lab.OutputAsync("cloud-lb", "dig", "+short", "+time=3", $"@{server}", "customer-host.company.local"));
        await Lab.CutAsync(1);
        try
        {
            await Eventually.HoldsAsync("the customer's name is told while tunnel 1 is cut", TimeSpan.FromSeconds(20), async () =>
                (await Lab.RunAsync("cloud-lb", "dig", "+short", "+time=5", "+tries=1", "@10.8.2.2", "customer-host.company.local")).Output.Trim() == "10.1.0.10");
        }
        finally
        {
            await Lab.MendAsync(1);
        }
    }

    private static IEnumerable<string> Listening(string sockets) => sockets.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4]).Distinct().SelectMany(address => Enumerable.Repeat(address, 2));

    private Task<string> DigAsync(string transport, string name) => Lab.OutputAsync(Host, "dig", "+short", "+time=3", transport, $"@{NamesLab.Forwarder}", name);
}
