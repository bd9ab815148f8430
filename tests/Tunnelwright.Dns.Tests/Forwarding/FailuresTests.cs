using System.Diagnostics;
using System.Net.Sockets;
using Tunnelwright.Dns.Configuration;
using Tunnelwright.Dns.Serving;
using Tunnelwright.Dns.Tests.Support;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Tests.Forwarding;

/// <summary>What failed a moment ago, what has expired, and bursts.</summary>
public sealed class FailuresTests
{
    [Fact]
    public async Task While_servers_fail_an_expired_answer_is_given_without_asking_them_for_each_question()
    {
        var time = new ManualTime();
        var fails = false;
        await using var server = new FakeServer(query => fails ? query.Code(ResponseCode.ServerFailure) : query.Answer().A(query.Name, "10.8.2.1", 5).Build());
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("cloud.example", server)], time: time);
        await TestClient.AskAsync(forwarder, "www.cloud.example");
        time.Advance(TimeSpan.FromSeconds(10));
        fails = true;
        var watch = Stopwatch.StartNew();
        var before = server.Asked.Count;
        for (var i = 0; i < 40; i++)
        {
            var stale = await TestClient.AskAsync(forwarder, "www.cloud.example");
            Assert.Equal(["www.cloud.example A 10.8.2.1"], stale.Records);
            Assert.Equal(ExtendedError.StaleAnswer, stale.Error);
        }

        Assert.InRange(server.Asked.Count - before, 1, 2 * (1 + (int)watch.Elapsed.TotalSeconds));
        fails = false;
        await Task.Delay(1050, TestContext.Current.CancellationToken);
        Assert.Equal(ExtendedError.None, (await TestClient.AskAsync(forwarder, "www.cloud.example")).Error);
    }

    [Fact]
    public async Task An_answer_near_its_end_is_not_renewed_over_and_over_by_servers_that_fail()
    {
        var time = new ManualTime();
        var fails = false;
        await using var server = new FakeServer(query => fails ? query.Code(ResponseCode.ServerFailure) : query.Answer().A(query.Name, "10.8.2.1", 100).Build());
        await using var forwarder = TestForwarder.Start([TestForwarder.Rule("cloud.example", server)], time: time);
        await TestClient.AskAsync(forwarder, "www.cloud.example");
        time.Advance(TimeSpan.FromSeconds(95));
        fails = true;
        var watch = Stopwatch.StartNew();
        var before = server.Asked.Count;
        for (var i = 0; i < 40; i++) Assert.Single((await TestClient.AskAsync(forwarder, "www.cloud.example")).Records);

        // The renewal goes its own way: on a busy machine it may reach the server after the last answer.
        for (var i = 0; i < 100 && server.Asked.Count == before; i++) await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.InRange(server.Asked.Count - before, 1, 2 * (1 + (int)watch.Elapsed.TotalSeconds));
    }

    [Fact]
    public async Task A_burst_for_a_server_where_nobody_listens_goes_to_the_next_without_a_fault()
    {
        for (var round = 0; round < 10; round++)
        {
            var dead = new FakeServer(_ => null);
            var nobody = dead.EndPoint;
            await dead.DisposeAsync();
            await using var alive = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1").Build());
            await using var forwarder = TestForwarder.Start([new RuleOptions { Domain = Response.Name("cloud.example"), Servers = [nobody, alive.EndPoint] }]);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            await socket.ConnectAsync(forwarder.Listening[0], TestContext.Current.CancellationToken);
            const int Questions = 150;
            for (var i = 0; i < Questions; i++) socket.Send(TestClient.Question($"n{i}.cloud.example", id: (ushort)i));

            var answered = new HashSet<ushort>();
            var buffer = new byte[2048];
            using var patience = new CancellationTokenSource(5000);
            while (answered.Count < Questions)
            {
                var length = await socket.ReceiveAsync(buffer, patience.Token);
                Assert.Equal(ResponseCode.NoError, (ResponseCode)(DnsHeader.Flags(buffer.AsSpan(0, length)) & DnsHeader.CodeMask));
                answered.Add(DnsHeader.Id(buffer));
            }

            Assert.Equal(0, forwarder.Metrics().Faults);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(30)]
    [InlineData(45)]
    [InlineData(60)]
    public void A_source_may_ask_at_its_rate_however_long_the_forwarder_runs(int days)
    {
        var limiter = new RateLimiter(20);
        byte[] source = [10, 1, 0, 10];
        var start = TimeSpan.FromDays(days);
        for (var i = 0; i < 200; i++) Assert.True(limiter.Allows(source, (long)(start + TimeSpan.FromMilliseconds(50 * i)).TotalMilliseconds), $"question {i}");
        Assert.InRange(Enumerable.Range(0, 200).Count(_ => limiter.Allows(source, (long)(start + TimeSpan.FromSeconds(20)).TotalMilliseconds)), 18, 21);
    }

    [Fact]
    public void Another_threads_earlier_clock_gives_nothing_away()
    {
        var limiter = new RateLimiter(20);
        byte[] source = [10, 1, 0, 10];
        Assert.InRange(Enumerable.Range(0, 100).Count(_ => limiter.Allows(source, 5000)), 20, 20);
        Assert.False(limiter.Allows(source, 4990));
        Assert.True(limiter.Allows(source, 5051));
    }

    [Fact]
    public void Waiting_clients_keep_their_places()
    {
        var pool = new WaiterPool();
        var numbers = Enumerable.Range(0, 5000).Select(_ => pool.Take()).ToList();
        ref var first = ref pool[numbers[0]];
        first.Since = 77;
        numbers.AddRange(Enumerable.Range(0, 5000).Select(_ => pool.Take()));
        Assert.Equal(10_000, numbers.Distinct().Count());
        first.Since = 78;
        Assert.Equal((78L, 10_000), (pool[numbers[0]].Since, pool.InUse));
        foreach (var number in numbers) pool.Free(number);
        Assert.Equal(0, pool.InUse);
        Assert.Equal(numbers.Order(), Enumerable.Range(0, 10_000).Select(_ => pool.Take()).Order());
    }
}
