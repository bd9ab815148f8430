using Tunnelwright.Dns;
using Tunnelwright.Dns.Configuration;
using Tunnelwright.Dns.Control;
using Tunnelwright.Dns.Wire;
using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Gateway.Tests.Names;

/// <summary>The forwarder as a part of the desired state, of the plan and of the status.</summary>
public sealed class NamesTests
{
    private static readonly CustomerNameOptions Options = new()
    {
        Listen = [Ipv4EndPoint.Parse("10.1.0.1:53")],
        Servers = [Ipv4EndPoint.Parse("10.8.2.2:53"), Ipv4EndPoint.Parse("10.8.2.3:5300")],
        Domains = ["cloud.example", "rds.amazonaws.com"],
        Upstreams = [Ipv4EndPoint.Parse("10.1.0.53:53")],
    };

    private static readonly DesiredGateway Wanted = Samples.Gateway(Samples.Customer()) with { Dns = CustomerNames.Desire([(Samples.Customer(), Options)]) };

    [Fact]
    public void Who_may_ask_are_this_sides_ranges_and_this_host()
    {
        var dns = Wanted.Dns!;
        Assert.Equal(["10.1.0.0/16", "127.0.0.0/8"], dns.Allow.Select(range => range.ToString()));
        Assert.Equal(["cloud.example", "rds.amazonaws.com"], dns.Rules.Select(rule => rule.Domain));
        Assert.All(dns.Rules, rule => Assert.True(rule is { Flatten: true, Private: true, Tcp: false, Connection: Samples.Id }));
        Assert.Null(CustomerNames.Desire([(Samples.Customer(), Options with { Listen = [] })]));
    }

    [Fact]
    public void Two_connections_share_a_forwarder_unless_they_want_the_same_names_from_others()
    {
        var second = Samples.Customer(id: "vpn-2");
        var other = Options with { Domains = ["other.example"], Listen = [Ipv4EndPoint.Parse("10.1.0.1:53"), Ipv4EndPoint.Parse("10.1.0.2:53")] };
        var both = CustomerNames.Desire([(Samples.Customer(), Options), (second, other)])!;
        Assert.Equal(3, both.Rules.Count);
        Assert.Equal(2, both.Listen.Count);
        var clash = Assert.Throws<ArgumentException>(() => CustomerNames.Desire([(Samples.Customer(), Options), (second, Options with { Servers = [Ipv4EndPoint.Parse("10.9.0.2:53")] })]));
        Assert.Contains("cloud.example", clash.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => CustomerNames.Desire([(second, Options with { Servers = [] })]));
        Assert.Throws<ArgumentException>(() => CustomerNames.Desire([(second, Options with { Domains = [] })]));
    }

    [Fact]
    public void The_desired_state_survives_its_text() => Assert.Equal(Wanted, DesiredGatewayJson.Read(DesiredGatewayJson.Write(Wanted)));

    [Theory]
    [InlineData("\"10.1.0.1:53\"", "\"10.1.0.1:0\"")]
    [InlineData("\"10.1.0.1:53\"", "\"10.1.0.1\"")]
    [InlineData("\"10.1.0.1:53\"", "7")]
    [InlineData("\"cloud.example\"", "\"a..b\"")]
    [InlineData("\"cloud.example\"", "\"RDS.amazonaws.com\"")]
    [InlineData("\"cloud.example\"", "\"a\\u0022b\"")]
    [InlineData("\"127.0.0.0/8\"", "\"127.0.0.1/8\"")]
    [InlineData("\"10.1.0.53:53\"", "\"10.1.0.1:53\"")] // it would ask itself
    [InlineData("\"10.8.2.2:53\"", "\"10.1.0.1:53\"")]
    public void What_no_forwarder_can_work_with_is_refused(string known, string wrong)
    {
        var text = DesiredGatewayJson.Write(Wanted);
        Assert.Contains(known, text, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => DesiredGatewayJson.Read(text.Replace(known, wrong, StringComparison.Ordinal)));
    }

    [Fact]
    public void The_configuration_is_one_that_the_forwarder_reads_and_asks_from_this_sides_address()
    {
        var options = ForwarderOptionsReader.Read(DnsConfiguration.Render(Wanted, Wanted.Dns!, Host()));
        Assert.Equal(["10.1.0.1:53"], options.Listen.Select(endPoint => endPoint.ToString()));
        Assert.Equal(["10.1.0.53:53"], options.Defaults.Select(endPoint => endPoint.ToString()));
        Assert.Equal(["cloud.example", "rds.amazonaws.com"], options.Rules.Select(rule => DomainName.ToText(rule.Domain)));
        Assert.All(options.Rules, rule =>
        {
            Assert.Equal("10.1.0.7", rule.Source?.ToString());
            Assert.Equal(["10.8.2.2:53", "10.8.2.3:5300"], rule.Servers.Select(server => server.ToString()));
            Assert.True(rule.Flatten && rule.Private);
        });
        Assert.Null(ForwarderOptionsReader.Read(DnsConfiguration.Render(Wanted, Wanted.Dns!, Host() with { Addresses = [] })).Rules[0].Source);
    }

    [Fact]
    public void A_rule_with_a_source_of_its_own_is_asked_from_there()
    {
        var own = Wanted with { Dns = Wanted.Dns! with { Rules = Wanted.Dns.Rules.Select(rule => rule with { Source = Ipv4Address.Parse("10.8.2.4") }).ToValueList() } };
        Assert.Equal(own, DesiredGatewayJson.Read(DesiredGatewayJson.Write(own)));
        Assert.All(ForwarderOptionsReader.Read(DnsConfiguration.Render(own, own.Dns!, Host())).Rules, rule => Assert.Equal("10.8.2.4", rule.Source?.ToString()));
    }

    [Fact]
    public void No_route_prefers_an_address_that_comes_and_goes()
    {
        var connection = Samples.Customer();
        var own = Ipv4Address.Parse(Host().Addresses[0].Address);
        Assert.Equal(own, Host().HostSource(connection));
        Assert.Null(Host().HostSource(connection, [own]));
    }

    [Fact]
    public void The_plan_starts_it_changes_it_leaves_it_alone_and_takes_it_away()
    {
        var start = Assert.Single(Changes(Wanted, Host()).OfType<StartDns>());
        Assert.Contains("cloud.example", start.Detail, StringComparison.Ordinal);

        var current = Host(ForwarderService.Fingerprint(DnsConfiguration.Render(Wanted, Wanted.Dns!, Host())));
        Assert.Empty(NameChanges(Wanted, current));
        Assert.Empty(NameChanges(Wanted, current with { Dns = current.Dns! with { Status = null } }));
        Assert.IsType<ReconfigureDns>(Assert.Single(NameChanges(Wanted with { Dns = Wanted.Dns! with { Upstreams = [] } }, current)));
        Assert.IsType<StopDns>(Assert.Single(NameChanges(Wanted with { Dns = null }, current)));
        Assert.Empty(NameChanges(Wanted with { Dns = null }, Host()));
    }

    [Fact]
    public void The_status_is_as_good_as_the_servers()
    {
        Assert.Equal("down", DnsStatus.Of(Wanted, Host())!.State);
        Assert.Equal("up", State(true, true, true));
        Assert.Equal("degraded", State(true, false, true));
        Assert.Equal("down", State(false, false, true));
        Assert.Equal("down", State(true, true, false));
        Assert.Null(DnsStatus.Of(Wanted with { Dns = null }, Host()));

        static string State(bool first, bool second, bool upstream)
        {
            var seen = Host("x");
            ServerState Server(string name, bool up) => new(name, up, 1, 1, 1, 0, 0);
            seen = seen with { Dns = seen.Dns! with { Status = seen.Dns.Status! with { Servers = [Server("10.8.2.2:53", first), Server("10.8.2.3:5300", second), Server("10.1.0.53:53", upstream)] } } };
            return DnsStatus.Of(Wanted, seen)!.State;
        }
    }

    [Fact]
    public void What_a_forwarder_tells_survives_its_text_and_other_words_are_none()
    {
        var status = Host("abc").Dns!.Status!;
        Assert.Equal(status.Write(), ForwarderStatus.Read(status.Write()).Write());
        foreach (var words in new[] { "", "null", "[]", "error", "{\"rules\":3}" }) Assert.Throws<FormatException>(() => ForwarderStatus.Read(words));
    }

    [Fact]
    public void Who_only_answers_works_with_its_tunnels_before_the_forwarder_does()
    {
        var answering = Samples.Gateway(Samples.Cloud()) with { Dns = Wanted.Dns };
        var start = new StartDns([], "answers");
        Assert.True(GatewayEngine.IsApplied(answering, new GatewayPlan([], [])));
        Assert.True(GatewayEngine.IsApplied(answering, new GatewayPlan([start], [])));
        Assert.False(GatewayEngine.IsApplied(answering, new GatewayPlan([start, new StartBird("")], [])));
        Assert.False(GatewayEngine.IsApplied(Wanted, new GatewayPlan([start], [])));
    }

    private static ObservedGateway Host(string? configuration = null) => new HostModel(DataPlane.Kernel).Observe() with
    {
        Addresses = [new Tunnelwright.Linux.InterfaceAddress { Device = "lan", Address = "10.1.0.7", PrefixLength = 16 }],
        Dns = configuration is null
            ? null
            : new ObservedDns(
                new ServiceProcess(4711, 1),
                new ForwarderStatus(configuration, DateTimeOffset.UnixEpoch, ["10.1.0.1:53"], new ForwarderCounters(1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), [new RuleState("cloud.example", ["10.8.2.2:53"], 1, 0, 0, 0)], [])),
    };

    private static IReadOnlyList<Change> Changes(DesiredGateway desired, ObservedGateway observed) => Planner.Plan(desired, observed, new Dictionary<string, TunnelHealth>()).Changes;

    private static IEnumerable<Change> NameChanges(DesiredGateway desired, ObservedGateway observed) => Changes(desired, observed).Where(change => change is StartDns or ReconfigureDns or StopDns);
}
