using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Doctor.Tests;

public sealed class RulesetWalkTests
{
    private const string ToCloud = """[{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"daddr"}},"right":{"prefix":{"addr":"10.8.2.0","len":24}}}},{"counter":{"packets":3,"bytes":252}},{"drop":null}]""";
    private const string Established = """[{"match":{"op":"in","left":{"ct":{"key":"state"}},"right":["established","related"]}},{"accept":null}]""";
    private const string NotTheServers = """[{"match":{"op":"!=","left":{"payload":{"protocol":"ip","field":"daddr"}},"right":{"set":["10.8.2.2","10.8.2.3"]}}},{"drop":null}]""";
    private const string Unknown = """[{"xt":{"type":"match","name":"policy"}},{"accept":null}]""";
    private const string Ports = """[{"match":{"op":"==","left":{"payload":{"protocol":"udp","field":"dport"}},"right":{"set":[500,{"range":[4500,4510]}]}}},{"drop":null}]""";

    private static readonly TracedPacket Packet = new(Ipv4Address.Parse("10.1.0.10"), Ipv4Address.Parse("10.8.2.2")) { In = "lan", Out = "ipsec0", Protocol = "tcp", SourcePort = 40000, DestinationPort = 443, IsNew = true };

    [Fact]
    public void A_rule_that_drops_is_named()
    {
        var drop = Walk(Chain("accept", ToCloud)).Follow("forward", Packet);
        Assert.NotNull(drop);
        Assert.Contains("ip daddr 10.8.2.0/24 drop", drop, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_match_passes() => Assert.Null(Walk(Chain("accept", ToCloud)).Follow("forward", Packet with { Destination = Ipv4Address.Parse("10.9.0.1") }));

    [Fact]
    public void Another_hook_says_nothing() => Assert.Null(Walk(Chain("accept", ToCloud)).Follow("input", Packet));

    [Fact]
    public void An_accept_before_it_ends_the_chain() => Assert.Null(Walk(Chain("accept", Established, ToCloud)).Follow("forward", Packet with { IsNew = false }));

    [Fact]
    public void A_drop_after_an_accept_of_another_chain_counts() => Assert.NotNull(Walk(Chain("accept", Established), Chain("accept", ToCloud) with { Priority = 10 }).Follow("forward", Packet with { IsNew = false }));

    [Fact]
    public void A_policy_of_drop_drops() => Assert.Contains("policy drop", Walk(Chain("drop", Established)).Follow("forward", Packet), StringComparison.Ordinal);

    [Fact]
    public void After_a_rule_that_is_not_understood_nothing_is_concluded()
    {
        Assert.Null(Walk(Chain("drop", Unknown)).Follow("forward", Packet));
        Assert.Null(Walk(Chain("accept", Unknown, ToCloud)).Follow("forward", Packet));
    }

    [Fact]
    public void Sets_and_their_opposite_are_understood()
    {
        Assert.Null(Walk(Chain("accept", NotTheServers)).Follow("forward", Packet));
        Assert.NotNull(Walk(Chain("accept", NotTheServers)).Follow("forward", Packet with { Destination = Ipv4Address.Parse("10.8.2.10") }));
    }

    [Theory]
    [InlineData("udp", 500, true)]
    [InlineData("udp", 4505, true)]
    [InlineData("udp", 4511, false)]
    [InlineData("tcp", 500, false)]
    public void Ports_are_those_of_their_protocol(string protocol, int port, bool drops) =>
        Assert.Equal(drops, Walk(Chain("accept", Ports)).Follow("forward", Packet with { Protocol = protocol, DestinationPort = port }) is not null);

    private static NftChain Chain(string policy, params string[] rules) => new("forward", 1, "forward", "filter", 0, policy, [.. rules.Select((rule, index) => new NftRule(index, null, null, rule))]);

    private static RulesetWalk Walk(params NftChain[] chains) => new([new NftTable("inet", "own", 1, chains, [], [])]);
}
