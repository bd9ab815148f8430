using System.Buffers.Binary;
using System.Net;
using Tunnelwright.Dns.Caching;
using Tunnelwright.Dns.Tests.Support;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Tests.Forwarding;

/// <summary>What clients get, and what they do not.</summary>
public sealed class ClientsTests
{
    private static FakeServer Good() => new(query => query.Answer().A(query.Name, "10.8.2.1").Build());

    [Fact]
    public async Task The_same_question_is_asked_for_once_while_it_is_on_its_way()
    {
        await using var server = Good();
        server.Delay = TimeSpan.FromMilliseconds(150);
        await using var forwarder = TestForwarder.Start("cloud.example", server);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => TestClient.AskAsync(forwarder, "www.cloud.example")));

        Assert.All(answers, answer => Assert.Single(answer.Records));
        Assert.Equal(1, forwarder.Metrics().Misses);
        Assert.Equal(49, forwarder.Metrics().Joined + forwarder.Metrics().Hits);
        Assert.InRange(server.Asked.Count, 1, 1 + forwarder.Metrics().Retries);
    }

    [Fact]
    public async Task Each_client_gets_back_its_own_letters_identification_and_flags()
    {
        await using var server = Good();
        await using var forwarder = TestForwarder.Start("cloud.example", server);

        foreach (var name in new[] { "www.cloud.example", "WwW.Cloud.EXAMPLE", "wWW.cLOUD.eXAMPLE" })
        {
            var question = TestClient.Question(name, id: 99);
            var answer = await TestClient.SendAsync(forwarder.Listening[0], question);
            Assert.NotNull(answer);
            Assert.Equal(question[..(12 + 19 + 4)][12..], answer[12..(12 + 19 + 4)]);
            Assert.Equal(99, DnsHeader.Id(answer));
            Assert.Equal(DnsHeader.Response | DnsHeader.RecursionDesired | DnsHeader.RecursionAvailable, DnsHeader.Flags(answer));
        }

        Assert.Equal(1, server.Questions);
    }

    [Fact]
    public async Task Absence_is_kept_for_the_time_that_the_SOA_says_and_covers_every_type_of_a_name_that_does_not_exist()
    {
        var time = new ManualTime();
        await using var server = new FakeServer(query => query.Is("nodata.cloud.example") || query.Is("nodata.cloud.example", RecordType.Aaaa)
            ? query.Answer().Soa("cloud.example", 30).Build()
            : query.Answer().Code(ResponseCode.NonExistentDomain).Soa("cloud.example", 30).Build());
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("cloud.example", server)], time: time);

        foreach (var type in new[] { RecordType.A, RecordType.A, RecordType.Aaaa })
        {
            var answer = await TestClient.AskAsync(forwarder, "nx.cloud.example", type);
            Assert.Equal(ResponseCode.NonExistentDomain, answer.Code);
            Assert.Equal(["cloud.example SOA ns.cloud.example"], answer.Records);
        }

        Assert.Equal(1, server.Questions);
        await TestClient.AskAsync(forwarder, "nodata.cloud.example");
        await TestClient.AskAsync(forwarder, "nodata.cloud.example");
        await TestClient.AskAsync(forwarder, "nodata.cloud.example", RecordType.Aaaa);
        Assert.Equal(3, server.Questions);
        time.Advance(TimeSpan.FromSeconds(31));
        await TestClient.AskAsync(forwarder, "nx.cloud.example");
        Assert.Equal(4, server.Questions);
    }

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 1)]
    public async Task Below_a_name_that_does_not_exist_nothing_is_asked_for_by_option(bool cut, int asked)
    {
        await using var server = new FakeServer(query => query.Answer().Code(ResponseCode.NonExistentDomain).Soa("cloud.example", 30).Build());
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("cloud.example", server)], new CacheOptions { Megabytes = 4, NonExistentCut = cut });

        await TestClient.AskAsync(forwarder, "nx.cloud.example");
        var below = await TestClient.AskAsync(forwarder, "a.b.nx.cloud.example");

        Assert.Equal(ResponseCode.NonExistentDomain, below.Code);
        Assert.Equal(["cloud.example SOA ns.cloud.example"], below.Records);
        Assert.Equal(asked, server.Questions);
    }

    [Fact]
    public async Task A_name_in_use_is_asked_for_again_before_its_answer_expires()
    {
        var time = new ManualTime();
        await using var server = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1", 100).Build());
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("cloud.example", server)], time: time);

        await TestClient.AskAsync(forwarder, "www.cloud.example");
        time.Advance(TimeSpan.FromSeconds(80));
        await TestClient.AskAsync(forwarder, "www.cloud.example");
        Assert.Equal(1, server.Questions);
        time.Advance(TimeSpan.FromSeconds(15));
        Assert.InRange((await TestClient.AskAsync(forwarder, "www.cloud.example")).Ttls[0], 1u, 6u);
        using var patience = new CancellationTokenSource(5000);
        while ((await TestClient.AskAsync(forwarder, "www.cloud.example")).Ttls[0] < 90) await Task.Delay(10, patience.Token);
        Assert.Equal(2, server.Questions);
    }

    [Fact]
    public async Task Who_is_not_on_the_list_gets_nothing_at_all()
    {
        await using var server = Good();
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("cloud.example", server)], change: options => options with { Allow = [IPNetwork.Parse("127.0.0.1/32")] });

        Assert.Null(await TestClient.SendAsync(forwarder.Listening[0], TestClient.Question("www.cloud.example"), 300, IPAddress.Parse("127.0.0.2")));
        Assert.NotNull(await TestClient.SendAsync(forwarder.Listening[0], TestClient.Question("www.cloud.example"), 5000, IPAddress.Parse("127.0.0.1")));
        Assert.Equal(1, forwarder.Metrics().Denied);
        Assert.Equal(1, server.Questions);
    }

    [Fact]
    public async Task A_source_that_asks_too_much_is_held_back_unless_it_shows_a_cookie()
    {
        await using var server = Good();
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("cloud.example", server)], change: options => options with { RateLimit = 20 });
        var first = await TestClient.SendAsync(forwarder.Listening[0], TestClient.Question("www.cloud.example", option: [0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8]));
        Assert.NotNull(first);
        var cookie = first[^24..];
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], cookie[..8]);

        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => TestClient.SendAsync(forwarder.Listening[0], TestClient.Question("www.cloud.example"), 700)));
        Assert.InRange(answers.Count(answer => answer is not null), 10, 45);
        Assert.NotEqual(0, forwarder.Metrics().Limited);
        Assert.NotNull(await TestClient.SendAsync(forwarder.Listening[0], TestClient.Question("www.cloud.example", option: [0, 10, 0, 24, .. cookie]), 3000));
        cookie[20] ^= 1;
        var limited = forwarder.Metrics().Limited;
        await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => TestClient.SendAsync(forwarder.Listening[0], TestClient.Question("www.cloud.example", option: [0, 10, 0, 24, .. cookie]), 300)));
        Assert.InRange(forwarder.Metrics().Limited, limited + 1, long.MaxValue);
    }

    [Theory]
    [InlineData(0, 512)]
    [InlineData(100, 512)]
    [InlineData(800, 800)]
    [InlineData(1232, 1232)]
    [InlineData(65535, 1232)]
    public async Task No_datagram_is_larger_than_the_client_takes_nor_than_passes_everywhere(int offered, int most)
    {
        await using var server = new FakeServer(query =>
        {
            if (!query.IsTcp) return query.Answer().Flag(DnsHeader.Truncated).Build();
            var answer = query.Answer();
            for (var i = 0; i < int.Parse(query.Name[1..query.Name.IndexOf('.', StringComparison.Ordinal)]); i++) answer.Raw(0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 8, 2, (byte)i).Count(1, i + 1);
            return answer.Build();
        });
        await using var forwarder = TestForwarder.Start("cloud.example", server);

        for (var records = 20; records < 90; records += 3)
        {
            var answer = await TestClient.AskAsync(forwarder, $"n{records}.cloud.example", udpSize: offered);
            Assert.InRange(answer.Message.Length, 12, most);
            Assert.Equal(answer.IsTruncated ? 0 : records, answer.Records.Count);
            Assert.Equal(answer.IsTruncated, 12 + 21 + 16 * records + (offered == 0 ? 0 : 11) > most);
        }
    }

    [Theory]
    [InlineData("0000")] // no header
    [InlineData("000081800001000000000000")] // a response
    [InlineData("00008000")]
    public async Task What_is_not_a_question_gets_no_answer(string datagram)
    {
        await using var server = Good();
        await using var forwarder = TestForwarder.Start("cloud.example", server);
        Assert.Null(await TestClient.SendAsync(forwarder.Listening[0], Convert.FromHexString(datagram), 200));
    }

    [Theory]
    [InlineData("000001000000000000000000", ResponseCode.FormatError)] // no question
    [InlineData("00000100000200000000000001610000010001016200000100010000", ResponseCode.FormatError)] // two
    [InlineData("0000010000010001000000000161000001000100", ResponseCode.FormatError)] // a question that brings an answer
    [InlineData("0000010000010000000000003F61", ResponseCode.FormatError)] // a label that is cut
    [InlineData("000001000001000000000000C00C00010001", ResponseCode.FormatError)] // a pointer in a question
    [InlineData("0000280000010000000000000161000006000100", ResponseCode.NotImplemented)] // an update
    [InlineData("0000010000010000000000000161000001000300", ResponseCode.Refused)] // class CH
    [InlineData("000001000001000000000000016100 00FC 0001", ResponseCode.Refused)] // a zone transfer
    public async Task What_cannot_be_answered_gets_a_code_and_no_more_bytes_than_it_sent(string hex, ResponseCode code)
    {
        await using var server = Good();
        await using var forwarder = TestForwarder.Start("cloud.example", server);
        var datagram = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

        var answer = await TestClient.SendAsync(forwarder.Listening[0], datagram, 5000);

        Assert.NotNull(answer);
        Assert.Equal(code, (ResponseCode)(DnsHeader.Flags(answer) & DnsHeader.CodeMask));
        Assert.InRange(answer.Length, 12, datagram.Length);
        Assert.Empty(server.Asked);
    }

    [Fact]
    public async Task An_unknown_version_of_EDNS_is_told_so()
    {
        await using var server = Good();
        await using var forwarder = TestForwarder.Start("cloud.example", server);
        var question = TestClient.Question("www.cloud.example");
        question[^5] = 1;

        var answer = await TestClient.SendAsync(forwarder.Listening[0], question);

        Assert.NotNull(answer);
        Assert.Equal(1u, BinaryPrimitives.ReadUInt32BigEndian(answer.AsSpan(answer.Length - 6)) >> 24);
    }

    [Fact]
    public async Task A_type_that_nobody_knows_passes_untouched()
    {
        byte[] data = [0xC0, 0x0C, 1, 2, 3, 0xFF, 0];
        await using var server = new FakeServer(query => query.Answer().Record(query.Name, (RecordType)4711, 60, data).Build());
        await using var forwarder = TestForwarder.Start("cloud.example", server);

        for (var i = 0; i < 2; i++) Assert.Equal([$"www.cloud.example TYPE4711 {Convert.ToHexString(data)}"], (await TestClient.AskAsync(forwarder, "www.cloud.example", (RecordType)4711)).Records);
    }

    [Fact]
    public async Task Answers_with_and_without_signatures_are_kept_apart()
    {
        await using var server = new FakeServer(query =>
        {
            var answer = query.Answer().A(query.Name, "10.8.2.1");
            return query.DnssecOk ? answer.Record(query.Name, RecordType.Rrsig, 60, [0, 1, .. new byte[20]]).Build() : answer.Build();
        });
        await using var forwarder = TestForwarder.Start("cloud.example", server);

        Assert.Single((await TestClient.AskAsync(forwarder, "www.cloud.example")).Records);
        Assert.Equal(2, (await TestClient.AskAsync(forwarder, "www.cloud.example", dnssecOk: true)).Records.Count);
        Assert.Single((await TestClient.AskAsync(forwarder, "www.cloud.example")).Records);
        Assert.Equal(2, server.Questions);
    }

    [Fact]
    public async Task Every_question_is_written_to_the_log_when_that_is_wanted()
    {
        var lines = new List<string>();
        await using var server = Good();
        await using (var forwarder = TestForwarder.Start([TestForwarder.Rule("cloud.example", server)], change: options => options with { QueryLog = true }, log: lines.Add))
        {
            await TestClient.AskAsync(forwarder, "www.cloud.example");
            await TestClient.AskAsync(forwarder, "www.cloud.example");
        }

        Assert.Equal(2, lines.Count);
        Assert.StartsWith($"127.0.0.1 www.cloud.example A NOERROR {server.EndPoint} ", lines[0]);
        Assert.StartsWith("127.0.0.1 www.cloud.example A NOERROR cache ", lines[1]);
    }

    [Theory]
    [InlineData("0.0.0.0", "127.0.0.7")]
    [InlineData("::", "::1")]
    public async Task On_all_addresses_the_answer_comes_from_the_one_that_was_asked(string listen, string asked)
    {
        await using var server = Good();
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("cloud.example", server)], change: options => options with { Listen = [new IPEndPoint(IPAddress.Parse(listen), 0)], Allow = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")], Threads = 2 });
        var endPoint = new IPEndPoint(IPAddress.Parse(asked), forwarder.Listening[0].Port);

        // The client's socket is connected: an answer from another address would not reach it.
        for (var i = 0; i < 4; i++) Assert.NotNull(await TestClient.SendAsync(endPoint, TestClient.Question($"n{i % 2}.cloud.example")));
        Assert.Single(await TestClient.AskTcpAsync(endPoint, TestClient.Question("n1.cloud.example")));
    }

    [Fact]
    public async Task A_cached_answer_allocates_nothing()
    {
        await using var server = Good();
        await using var forwarder = TestForwarder.Start("cloud.example", server);
        await TestClient.AskAsync(forwarder, "www.cloud.example");
        async Task AskAsync(int times)
        {
            for (var i = 0; i < times; i++) await TestClient.AskAsync(forwarder, "www.cloud.example");
        }

        // The runtime compiles again what is used much, and allocates for that; a byte for each question would show in every round.
        var bytes = long.MaxValue;
        for (var round = 0; round < 5 && bytes > 0; round++)
        {
            await AskAsync(1000);
            var before = await forwarder.AllocatedBytesAsync();
            await AskAsync(1000);
            bytes = await forwarder.AllocatedBytesAsync() - before;
        }

        Assert.Equal(0, bytes);
        Assert.InRange(forwarder.Metrics().Hits, 2000, 10_000);
    }
}
