using System.Net;
using System.Net.Sockets;
using Tunnelwright.Dns.Configuration;
using Tunnelwright.Dns.Forwarding;
using Tunnelwright.Dns.Serving;
using Tunnelwright.Dns.Tests.Support;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Tests.Forwarding;

/// <summary>Clients and servers over TCP (RFC 7766, RFC 9210).</summary>
public sealed class TcpTests
{
    [Fact]
    public async Task Questions_over_one_TCP_connection_are_answered_as_answers_come()
    {
        await using var server = new FakeServer(query =>
        {
            if (query.Name.StartsWith("slow", StringComparison.OrdinalIgnoreCase)) Thread.Sleep(200);
            return query.Answer().A(query.Name, "10.8.2.1").Build();
        });
        await using var forwarder = TestForwarder.Start("cloud.example", server);

        var answers = await TestClient.AskTcpAsync(forwarder.Listening[0], [TestClient.Question("slow.cloud.example", id: 1), .. Enumerable.Range(2, 100).Select(i => TestClient.Question($"n{i}.cloud.example", id: (ushort)i))]);

        Assert.Equal(101, answers.Count);
        Assert.Equal(101, answers.Select(answer => DnsHeader.Id(answer.Message)).Distinct().Count());
        Assert.NotEqual(1, DnsHeader.Id(answers[0].Message));
    }

    [Fact]
    public async Task A_length_over_TCP_that_lies_costs_its_own_connection_alone()
    {
        await using var server = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1").Build());
        await using var forwarder = TestForwarder.Start("cloud.example", server);
        var question = TestClient.Question("www.cloud.example");
        foreach (var length in new[] { 0, 1, question.Length - 1, question.Length + 1, 65535 })
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(forwarder.Listening[0], TestContext.Current.CancellationToken);
            await socket.SendAsync((byte[])[(byte)(length >> 8), (byte)length, .. question], TestContext.Current.CancellationToken);
            socket.Shutdown(SocketShutdown.Send);
            var total = 0;
            var buffer = new byte[4096];
            while (await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken) is var received and > 0) total += received;
            Assert.True(total <= 2 + 12 + question.Length, $"{total} bytes for a length of {length}");
        }

        Assert.Equal(ResponseCode.NoError, (await TestClient.AskTcpAsync(forwarder.Listening[0], question))[0].Code);
        Assert.Equal(0, forwarder.Metrics().Faults);
    }

    [Fact]
    public async Task Who_does_not_read_answers_is_not_read_either_and_gets_them_all_later()
    {
        await using var server = new FakeServer(query =>
        {
            if (!query.IsTcp) return query.Answer().Flag(DnsHeader.Truncated).Build();
            var answer = query.Answer();
            for (var i = 0; i < 3500; i++) answer.Raw(0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 8, (byte)(i >> 8), (byte)i);
            return answer.Count(1, 3500).Build();
        });
        await using var forwarder = TestForwarder.Start("cloud.example", server);
        var question = TestClient.Question("big.cloud.example");
        Assert.Equal(3500, Assert.Single(await TestClient.AskTcpAsync(forwarder.Listening[0], question)).Records.Count);

        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 65536 };
        await socket.ConnectAsync(forwarder.Listening[0], TestContext.Current.CancellationToken);
        const int Questions = 1500;
        byte[] framed = [0, (byte)question.Length, .. question];
        var sending = socket.SendAsync(Enumerable.Repeat(framed, Questions).SelectMany(one => one).ToArray(), SocketFlags.None);
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        // What the kernel's buffers hold and 64 that are open: 1,500 answers would be 84 MB.
        Assert.InRange(forwarder.Metrics().TcpQueries, 2, 600);

        using var patience = new CancellationTokenSource(20_000);
        for (var i = 0; i < Questions; i++) Assert.Equal(question.Length - 11 + (3500 * 16) + 11, (await TestClient.ReadFrameAsync(socket, patience.Token))!.Length);
        await sending;
        Assert.Equal(Questions + 1, forwarder.Metrics().TcpQueries);
    }

    [Fact]
    public async Task A_connection_to_a_server_on_which_nothing_comes_any_more_is_opened_anew()
    {
        var dead = 0;
        await using var server = new FakeServer(query => query.From.Port == dead ? null : query.Answer().A(query.Name, "10.8.2.1").Build());
        await using var forwarder = TestForwarder.Start("cloud.example", server, rule => rule with { Transport = UpstreamTransport.Tcp });
        Assert.Equal(ResponseCode.NoError, (await TestClient.AskAsync(forwarder, "warm.cloud.example")).Code);
        dead = server.Asked.Last().From.Port;

        // As when the way there changes and the other end forgets the connection without a word.
        Assert.Equal(ResponseCode.NoError, (await TestClient.AskAsync(forwarder, "www.cloud.example")).Code);
        Assert.Equal(ResponseCode.NoError, (await TestClient.AskAsync(forwarder, "next.cloud.example")).Code);
        Assert.Equal(0, forwarder.Metrics().Failures);
    }

    [Fact]
    public async Task Questions_with_the_same_identification_on_one_connection_each_get_their_own_answer()
    {
        await using var server = new FakeServer(query =>
        {
            Thread.Sleep(20);
            return query.Answer().A(query.Name, "10.8.2.1").Build();
        });
        await using var upstream = new TcpUpstream(new UpstreamServer(server.EndPoint, null, 0));
        Assert.NotNull(await upstream.AskAsync(TestClient.Question("warm.cloud.example"), TimeSpan.FromSeconds(5)));

        var questions = Enumerable.Range(0, 20).Select(i => TestClient.Question($"n{i}.cloud.example", id: 4711)).ToList();
        var answers = await Task.WhenAll(questions.Select(question => upstream.AskAsync(question, TimeSpan.FromSeconds(5))));

        for (var i = 0; i < answers.Length; i++)
        {
            Assert.NotNull(answers[i]);
            Assert.Equal(4711, DnsHeader.Id(answers[i]));
            Assert.Equal(questions[i][12..^11], answers[i]![12..(questions[i].Length - 11)]);
        }
    }

    [Fact]
    public async Task A_server_whose_TCP_is_blocked_stays_up_for_what_fits_into_a_datagram()
    {
        await using var server = new FakeServer(query => query.IsTcp ? null : query.Name.StartsWith("big", StringComparison.OrdinalIgnoreCase) ? query.Answer().Flag(DnsHeader.Truncated).Build() : query.Answer().A(query.Name, "10.8.2.1").Build());
        await using var forwarder = TestForwarder.Start("cloud.example", server);

        for (var round = 0; round < 2; round++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => TestClient.AskAsync(forwarder, $"big{round}{i}.cloud.example")));
            Assert.All(answers, answer => Assert.Equal(ResponseCode.ServerFailure, answer.Code));
            Assert.True(forwarder.Metrics().Servers[0].IsUp);
        }

        Assert.Equal(ResponseCode.NoError, (await TestClient.AskAsync(forwarder, "small.cloud.example")).Code);
    }

    [Fact]
    public async Task A_second_forwarder_on_the_same_port_is_refused()
    {
        await using var server = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1").Build());
        await using var first = TestForwarder.Start("cloud.example", server);
        var problem = Assert.Throws<IOException>(() => TestForwarder.Start([TestForwarder.Rule("cloud.example", server)], change: options => options with { Listen = first.Listening }));
        Assert.Contains(first.Listening[0].ToString(), problem.Message, StringComparison.Ordinal);
        Assert.Single((await TestClient.AskAsync(first, "www.cloud.example")).Records);
    }

    [Fact]
    public async Task On_IPv6_addresses_nobody_is_answered_who_comes_over_IPv4()
    {
        await using var server = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1").Build());
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("cloud.example", server)], change: options => options with { Listen = [new IPEndPoint(IPAddress.IPv6Any, 0)], Allow = [IPNetwork.Parse("::/0"), IPNetwork.Parse("127.0.0.0/8")] });
        var endPoint = new IPEndPoint(IPAddress.Loopback, forwarder.Listening[0].Port);

        // An address mapped into IPv6 would pass by the IPv4 ranges of the list.
        Assert.Null(await TestClient.SendAsync(endPoint, TestClient.Question("www.cloud.example"), 300));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await Assert.ThrowsAsync<SocketException>(() => socket.ConnectAsync(endPoint, TestContext.Current.CancellationToken).AsTask());
        Assert.Empty(server.Asked);
    }
}
