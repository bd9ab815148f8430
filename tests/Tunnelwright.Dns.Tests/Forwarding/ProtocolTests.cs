using Tunnelwright.Dns.Configuration;
using Tunnelwright.Dns.Tests.Support;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Tests.Forwarding;

/// <summary>Cookies, extended codes and other signs between the forwarder and servers.</summary>
public sealed class ProtocolTests
{
    private const int BadCookie = 7; // 23: these four bits, and a 1 in OPT.
    private static readonly byte[] ServerHalf = [.. Enumerable.Range(0xA0, 16).Select(i => (byte)i)];

    private static ForwarderOptions Impatient(ForwarderOptions options) => options with { PatienceSeconds = 1 };

    [Fact]
    public async Task A_header_that_alone_denies_a_name_is_not_believed()
    {
        await using var server = new FakeServer(query => [.. query.Message[..2], 0x81, 0x83, 0, 0, 0, 0, 0, 0, 0, 0]);
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("cloud.example", server)], change: Impatient);

        Assert.Equal(ResponseCode.ServerFailure, (await TestClient.AskAsync(forwarder, "www.cloud.example")).Code);
        Assert.NotEqual(0, forwarder.Metrics().Forged);
    }

    [Theory]
    [InlineData(0, 1)] // BADVERS
    [InlineData(BadCookie, 1)] // BADCOOKIE, also over TCP
    [InlineData(6, 0)] // YXDOMAIN
    public async Task An_extended_code_is_a_failure_and_no_empty_answer(int code, int extended)
    {
        await using var server = new FakeServer(query => query.Answer().Code((ResponseCode)code).Edns(extended).Build());
        await using var forwarder = TestForwarder.Start("cloud.example", server);

        Assert.Equal(extended == 0 ? (ResponseCode)code : ResponseCode.ServerFailure, (await TestClient.AskAsync(forwarder, "www.cloud.example")).Code);
    }

    [Fact]
    public async Task A_server_that_wants_to_see_its_cookie_is_shown_it()
    {
        await using var server = new FakeServer(query =>
        {
            var cookie = query.Option(Edns.CookieOption)!;
            var answer = query.Answer();
            return (query.IsTcp || cookie.AsSpan(8).SequenceEqual(ServerHalf) ? answer.A(query.Name, "10.8.2.1").Edns(0, [.. cookie[..8], .. ServerHalf]) : answer.Code((ResponseCode)BadCookie).Edns(1, [.. cookie[..8], .. ServerHalf])).Build();
        });
        await using var forwarder = TestForwarder.Start("cloud.example", server);

        Assert.Equal(ResponseCode.NoError, (await TestClient.AskAsync(forwarder, "www.cloud.example")).Code);
        var overTcp = server.Asked.Count(query => query.IsTcp);
        Assert.Equal(1, overTcp);
        for (var i = 0; i < 5; i++) Assert.Equal(ResponseCode.NoError, (await TestClient.AskAsync(forwarder, $"n{i}.cloud.example")).Code);
        Assert.Equal(overTcp, server.Asked.Count(query => query.IsTcp));
        Assert.Equal((0, 0), (forwarder.Metrics().Failures, forwarder.Metrics().Faults));
    }

    [Fact]
    public async Task An_answer_without_the_cookie_that_a_server_gives_is_asked_for_over_TCP_until_the_server_is_known_to_give_none()
    {
        var gives = true;
        await using var server = new FakeServer(query =>
        {
            var answer = query.Answer().A(query.Name, query.IsTcp ? "10.8.2.2" : "10.8.2.1");
            return (gives ? answer.Edns(0, [.. query.Option(Edns.CookieOption)![..8], .. ServerHalf]) : answer).Build();
        });
        await using var forwarder = TestForwarder.Start("cloud.example", server);
        Assert.EndsWith("10.8.2.1", (await TestClient.AskAsync(forwarder, "warm.cloud.example")).Records[0]);

        gives = false;
        for (var i = 0; i < 3; i++) Assert.EndsWith("10.8.2.2", (await TestClient.AskAsync(forwarder, $"n{i}.cloud.example")).Records[0]);
        Assert.EndsWith("10.8.2.1", (await TestClient.AskAsync(forwarder, "n3.cloud.example")).Records[0]);
    }

    [Fact]
    public async Task A_server_that_refers_to_others_has_not_answered()
    {
        await using var refers = new FakeServer(query => query.Answer().Record("example", RecordType.Ns, 60, Response.Name("a.root.example"), section: 2).Build());
        await using var good = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1").Build()) { Delay = TimeSpan.FromMilliseconds(20) };
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("cloud.example", refers, good), TestForwarder.Rule("alone.example", refers)]);

        for (var i = 0; i < 5; i++) Assert.Single((await TestClient.AskAsync(forwarder, $"n{i}.cloud.example")).Records);
        Assert.NotEmpty(refers.Asked);
        Assert.Equal(ResponseCode.ServerFailure, (await TestClient.AskAsync(forwarder, "www.alone.example")).Code);
    }

    [Fact]
    public async Task Another_zones_SOA_does_not_say_how_long_an_absence_holds()
    {
        await using var server = new FakeServer(query => query.Answer().Code(ResponseCode.NonExistentDomain).Soa("bank.example", 600).Build());
        await using var forwarder = TestForwarder.Start("cloud.example", server);

        for (var asked = 1; asked <= 2; asked++)
        {
            var answer = await TestClient.AskAsync(forwarder, "www.cloud.example");
            Assert.Equal((ResponseCode.NonExistentDomain, 0, asked), (answer.Code, answer.Records.Count, server.Questions));
        }
    }

    [Fact]
    public async Task A_server_that_calls_EDNS_not_implemented_is_asked_without()
    {
        await using var server = new FakeServer(query => query.HasEdns ? query.Code(ResponseCode.NotImplemented) : query.Answer().A(query.Name, "10.8.2.1").Build());
        await using var forwarder = TestForwarder.Start("cloud.example", server);

        Assert.Equal(ResponseCode.NoError, (await TestClient.AskAsync(forwarder, "www.cloud.example")).Code);
    }

    [Fact]
    public async Task The_clients_subnet_and_other_options_stay_here()
    {
        await using var server = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1").Build());
        await using var forwarder = TestForwarder.Start("cloud.example", server);

        Assert.NotNull(await TestClient.SendAsync(forwarder.Listening[0], TestClient.Question("www.cloud.example", option: [0, 8, 0, 7, 0, 1, 24, 0, 10, 1, 2, 0, 12, 0, 2, 0, 0])));

        var asked = Assert.Single(server.Asked.DistinctBy(query => query.Name));
        Assert.Equal((false, false, true), (asked.Option(8) is not null, asked.Option(12) is not null, asked.Option(Edns.CookieOption) is not null));
    }

    [Fact]
    public async Task Who_asks_for_nothing_but_a_cookie_gets_one()
    {
        await using var server = new FakeServer(_ => null);
        await using var forwarder = TestForwarder.Start("cloud.example", server);
        byte[] question = [0x12, 0x67, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 12, 0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8];

        var answer = await TestClient.SendAsync(forwarder.Listening[0], question);

        Assert.NotNull(answer);
        Assert.Equal((ResponseCode.NoError, 0, 1), ((ResponseCode)(DnsHeader.Flags(answer) & DnsHeader.CodeMask), DnsHeader.Count(answer, 0), DnsHeader.Count(answer, 3)));
        Assert.Equal(question[^8..], answer[^24..^16]);
        Assert.Equal(0, forwarder.Metrics().Malformed);

        // Without the cookie it is a question that asks nothing.
        Assert.Equal(ResponseCode.FormatError, (ResponseCode)(DnsHeader.Flags((await TestClient.SendAsync(forwarder.Listening[0], [.. question[..22], 0, 0, 0]))!) & DnsHeader.CodeMask));
    }
}
