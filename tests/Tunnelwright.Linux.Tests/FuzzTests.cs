namespace Tunnelwright.Linux.Tests;

/// <summary>The readers of tools' output end in a value or in their one typed error, whatever they are given.</summary>
public sealed class FuzzTests
{
    private const string Links = """
        [{"ifindex":3,"link":"v1","ifname":"v0","flags":["BROADCAST","UP","LOWER_UP"],"mtu":1500,"operstate":"UP","ifalias":"a \" b","address":"2a:16:c0:0e:2a:d3",
        "linkinfo":{"info_kind":"xfrm","info_data":{"if_id":"0x2a"}},"master":"br0","stats64":{"rx":{"bytes":90,"packets":1,"errors":0,"dropped":2},"tx":{"bytes":91,"packets":3}}}]
        """;

    private const string Addresses = """
        [{"ifname":"lo","addr_info":[{"family":"inet","local":"127.0.0.1","prefixlen":8,"scope":"host"},{"family":"inet6","local":"fe80::1","prefixlen":64,"scope":"link","tentative":true}]},
        {"ifname":"v0","addr_info":[{"family":"inet","local":"169.254.10.2","address":"169.254.10.1","prefixlen":32,"scope":"global"}]}]
        """;

    private const string Routes = """
        [{"type":"9","dst":"10.8.0.0/16","table":"220","protocol":"3","scope":"0","flags":[]},{"type":"1","dst":"default","table":"254","protocol":"3","flags":[],
        "nexthops":[{"gateway":"10.0.0.2","dev":"v0","weight":1,"flags":[]},{"via":{"family":"inet6","host":"fe80::2"},"dev":"v0","weight":2}]},
        {"type":"1","dst":"1.2.3.4","gateway":"10.0.0.7","dev":"v0","table":"254","protocol":"186","prefsrc":"10.0.0.1","metric":50,"flags":["onlink"],"metrics":[{"mtu":1400}]},
        {"type":"1","dst":"default","gateway":"fe80::1","dev":"v0","metric":1024,"pref":"medium"}]
        """;

    private const string Rules = """
        [{"priority":0,"src":"all","table":"255","protocol":"2"},{"priority":100,"src":"10.3.0.0","srclen":16,"fwmark":"0x10","fwmask":"0xff","iif":"v0","table":"220","protocol":"186"},
        {"priority":101,"not":null,"src":"all","dst":"10.4.0.1","action":"6","protocol":"0"},{},{"priority":102,"src":"all","table":"254","suppress_prefixlen":0}]
        """;

    private const string Table = """
        {"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "inet", "name": "t1", "handle": 2}}, {"counter": {"name": "named", "comment": "c", "packets": 4, "bytes": 5}},
        {"set": {"name": "s4", "type": "ipv4_addr", "handle": 4, "elem": ["1.2.3.4", {"prefix": {"addr": "10.0.0.0", "len": 8}}, {"range": ["192.168.1.1", "192.168.1.9"]}]}},
        {"set": {"name": "sc", "type": ["ipv4_addr", "inet_service"], "handle": 6, "elem": [{"concat": ["1.1.1.1", 80]}, {"elem": {"val": "9.9.9.9", "expires": 3599, "comment": "x", "counter": {"packets": 1, "bytes": 2}}}]}},
        {"map": {"name": "m", "type": "ipv4_addr", "handle": 8, "map": "verdict", "elem": [["1.1.1.1", {"drop": null}]]}},
        {"chain": {"name": "in", "handle": 1, "type": "filter", "hook": "input", "prio": -5, "policy": "accept"}},
        {"rule": {"chain": "in", "handle": 9, "comment": "one", "expr": [{"match": {"op": "=="}}, {"counter": {"packets": 7, "bytes": 8}}, {"accept": null}]}}]}
        """;

    public static TheoryData<string> Readers => ["links", "addresses", "routes", "rules", "table", "tables", "errors", "udp", "icmp", "stat"];

    [Fact]
    public void Samples_are_read_in_full()
    {
        var link = Assert.Single(IpJson.ReadLinks(Links));
        Assert.Equal(("v0", "xfrm", 42u, "a \" b", "br0", true, 1500), (link.Name, link.Kind, link.IfId, link.Alias, link.MasterName, link.Up, link.Mtu));
        Assert.Equal(new LinkStatistics(90, 1, 0, 2, 91, 3, 0, 0), link.Statistics);

        var addresses = IpJson.ReadAddresses(Addresses);
        Assert.Equal(["127.0.0.1/8 ", "fe80::1/64 ", "169.254.10.2/32 169.254.10.1"], addresses.Select(one => $"{one.Address}/{one.PrefixLength} {one.Peer}"));
        Assert.True(addresses[1].Tentative);

        var routes = IpJson.ReadRoutes(Routes);
        Assert.Equal(new Route("10.8.0.0/16") { Type = RouteType.Throw, Table = 220 }, routes[0]);
        Assert.Equal(new Route("default") { NextHops = [new NextHop("10.0.0.2", "v0"), new NextHop("fe80::2", "v0", 2)] }, routes[1]);
        Assert.Equal(
            new Route("1.2.3.4") { Gateway = "10.0.0.7", Device = "v0", Protocol = 186, Source = "10.0.0.1", Metric = 50, OnLink = true, Mtu = 1400 },
            routes[2]);
        Assert.Equal("::/0", routes[3].Destination);

        var rules = IpJson.ReadRules(Rules, isIPv6: false);
        Assert.Equal(4, rules.Count);
        Assert.Equal(
            new RoutingRule { Priority = 100, From = "10.3.0.0/16", FirewallMark = 16, FirewallMask = 255, IncomingInterface = "v0", Table = 220, Protocol = 186 },
            rules[1]);
        Assert.Equal(new RoutingRule { Priority = 101, Not = true, To = "10.4.0.1/32", Action = RouteType.Blackhole }, rules[2]);
        Assert.Equal(new RoutingRule { Priority = 102, Table = 254, SuppressPrefixLength = 0 }, rules[3]);

        var table = NftJson.ReadTable(Table, "inet", "t1");
        Assert.Equal(["1.2.3.4", "10.0.0.0/8", "192.168.1.1-192.168.1.9"], table.Set("s4")?.Elements.Select(element => element.Value));
        Assert.Equal(["1.1.1.1 . 80", "9.9.9.9"], table.Set("sc")?.Elements.Select(element => element.Value));
        Assert.Equal(TimeSpan.FromSeconds(3599), table.Set("sc")?.Elements[1].Expires);
        Assert.Equal("""{"drop": null}""", table.Set("m")?.Elements[0].MappedTo);
        Assert.Equal(new NftCounter(7, 8), table.Rule("one")?.Counter);
        Assert.Equal(("input", -5, "accept"), (table.Chain("in")?.Hook, table.Chain("in")!.Priority, table.Chain("in")?.Policy));
        Assert.Equal(new NftCounter(4, 5), Assert.Single(table.Counters).Counter);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[{},{}]")]
    [InlineData("[ ]")]
    public void Nothing_is_read_as_nothing(string text)
    {
        Assert.Empty(IpJson.ReadLinks(text));
        Assert.Empty(IpJson.ReadAddresses(text));
        Assert.Empty(IpJson.ReadRoutes(text));
        Assert.Empty(IpJson.ReadRules(text, isIPv6: false));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("7")]
    [InlineData("""[{"dst":"300.1.2.3/8"}]""")]
    [InlineData("""[{"dst":"\ud800"}]""")]
    public void What_ip_never_prints_is_one_typed_error(string text)
        => Assert.Contains("ip route", Assert.Throws<UnreadableOutputException>(() => IpJson.ReadRoutes(text)).Message, StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Readers))]
    public void Any_text_ends_in_a_value_or_the_typed_error(string reader)
    {
        var (sample, read) = Pick(reader);
        var random = new Random(4711);
        var read1 = 0;
        for (var round = 0; round < 4000; round++)
        {
            var text = Mutate(sample, random);
            try
            {
                read(text);
                read1++;
            }
            catch (UnreadableOutputException)
            {
                // The one error that is allowed.
            }
        }

        Assert.NotEqual(0, read1);
    }

    private static (string Sample, Action<string> Read) Pick(string reader) => reader switch
    {
        "links" => (Links, text => IpJson.ReadLinks(text)),
        "addresses" => (Addresses, text => IpJson.ReadAddresses(text)),
        "routes" => (Routes, text => IpJson.ReadRoutes(text)),
        "rules" => (Rules, text => IpJson.ReadRules(text, isIPv6: false)),
        "table" => (Table, text => NftJson.ReadTable(text, "inet", "t1")),
        "tables" => (Table, text => NftJson.ReadTableNames(text)),
        "errors" => ("/dev/stdin:2:17-23: Error: Could not process rule: File exists\nCommand failed -:3\n", text =>
        {
            _ = NftablesException.Read("x", text, 1);
            _ = IpTool.ReadBatchFailure([["a"], ["b"]], 1, text);
        }),
        "udp" => ("  sl local\n 430: 0100007F:01F4 00000000:0000 07 0:0 00:0 0 0 0 4711 2 0 0\n", text => _ = LocalPorts.Parse(text).Count()),
        "icmp" => (
            "E\0\0\u0054\0\0\0\0\u0040\u0001\0\0\u000a\0\0\u0001\u000a\0\0\u0002\u0003\u0004\0\0\0\0\u0005\u0078E\0\0\u0054\0\0\0\0\u0040\u0001\0\0\u000a\0\0\u0001\u000a\0\0\u0002\u0008\0\0\0\u0001\u0002\u0003\u0004",
            text => _ = IcmpMessage.Read(System.Text.Encoding.Latin1.GetBytes(text))),
        "stat" => ("7 (a) S 1 7 7 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 12345 1000 100 18446744073709551615\n", text => ProcessStatistics.Parse(7, text)),
        _ => throw new ArgumentOutOfRangeException(nameof(reader)),
    };

    private static string Mutate(string sample, Random random)
    {
        const string Alphabet = "{}[]\",:0123456789-+.eE\\/ nulltruefalse\u0000\ud800ABCF\n%";
        var text = new System.Text.StringBuilder(sample);
        for (var edits = random.Next(1, 6); edits > 0 && text.Length > 0; edits--)
        {
            var at = random.Next(text.Length);
            switch (random.Next(5))
            {
                case 0:
                    text[at] = Alphabet[random.Next(Alphabet.Length)];
                    break;
                case 1:
                    text.Remove(at, Math.Min(random.Next(1, 20), text.Length - at));
                    break;
                case 2:
                    text.Insert(at, Alphabet[random.Next(Alphabet.Length)]);
                    break;
                case 3:
                    text.Insert(at, sample.AsSpan(random.Next(sample.Length / 2), sample.Length / 4));
                    break;
                default:
                    // Another value where a value stands.
                    var values = new[] { "null", "-1", "1e999", "99999999999999999999", "\"\"", "{}", "[]", "true", "\"0x\"", "\"0xffffffffffffffff\"" };
                    var colon = text.ToString().IndexOf(':', at);
                    if (colon >= 0)
                    {
                        var end = text.ToString().IndexOfAny([',', '}', ']'], colon);
                        if (end > colon)
                            text.Remove(colon + 1, end - colon - 1).Insert(colon + 1, values[random.Next(values.Length)]);
                    }

                    break;
            }
        }

        return text.ToString();
    }
}
