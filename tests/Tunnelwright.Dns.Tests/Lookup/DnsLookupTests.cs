using System.Net;
using Tunnelwright.Dns.Lookup;
using Tunnelwright.Dns.Tests.Support;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Tests.Lookup;

public sealed class DnsLookupTests
{
    private static Task<LookupAnswer> AskAsync(FakeServer server, string name, RecordType type = RecordType.A, double seconds = 5) =>
        DnsLookup.RunAsync(server.EndPoint, Response.Name(name), type, TimeSpan.FromSeconds(seconds), null, TestContext.Current.CancellationToken);

    [Fact]
    public async Task A_chain_in_pieces_is_followed_with_the_same_server_and_told_so()
    {
        await using var server = new FakeServer(query => query.Is("db.rds.example") ? query.Answer().Cname("db.rds.example", "host.compute.example", 300).Build() : query.Answer().A("host.compute.example", "10.8.2.20", 60).Build());

        var answer = await AskAsync(server, "DB.rds.example");

        Assert.Equal(["db.rds.example CNAME host.compute.example 300", "host.compute.example A 10.8.2.20 60"], answer.Chain.Select(record => $"{record.Owner} {RecordTypes.Name(record.Type)} {record.Data} {record.Ttl}"));
        Assert.False(answer.IsComplete);
        Assert.Equal([IPAddress.Parse("10.8.2.20")], answer.Addresses);
    }

    [Fact]
    public async Task A_whole_chain_is_told_so()
    {
        await using var server = new FakeServer(query => query.Answer().Cname("db.rds.example", "host.compute.example").A("host.compute.example", "10.8.2.20").Build());
        Assert.True((await AskAsync(server, "db.rds.example")).IsComplete);
    }

    [Fact]
    public async Task A_loop_ends()
    {
        await using var server = new FakeServer(query => query.Answer().Cname("a.example", "a.example").Build());
        var answer = await AskAsync(server, "a.example");
        Assert.True(answer.Loops);
        Assert.Single(server.Asked);
    }

    [Fact]
    public async Task An_answer_that_does_not_fit_comes_over_TCP()
    {
        await using var server = new FakeServer(query => query.IsTcp ? query.Answer().Record("a.example", RecordType.Txt, 60, [3, 97, 34, 98, 1, 99]).Build() : query.Answer().Flag(DnsHeader.Truncated).Build());
        var answer = await AskAsync(server, "a.example", RecordType.Txt);
        Assert.True(answer.UsedTcp);
        Assert.Equal("\"a\\034b\" \"c\"", Assert.Single(answer.Chain).Data);
    }

    [Fact]
    public async Task A_silent_server_is_told_in_words()
    {
        await using var server = new FakeServer(_ => null);
        var answer = await AskAsync(server, "a.example", seconds: 0.3);
        Assert.Null(answer.Code);
        Assert.Contains("no answer", answer.Problem, StringComparison.Ordinal);
        Assert.Equal(3, server.Asked.Count);
    }

    [Fact]
    public void The_systems_servers_are_read()
    {
        Assert.Equal(["10.1.0.53:53", "[fd00::53]:53"], SystemResolvers.Parse(["# no", "search example", "nameserver 10.1.0.53", "nameserver\tfd00::53", "nameserver x"]).Select(server => server.ToString()));
        Assert.Equal(["127.0.0.1:53"], SystemResolvers.Parse([]).Select(server => server.ToString()));
    }
}
