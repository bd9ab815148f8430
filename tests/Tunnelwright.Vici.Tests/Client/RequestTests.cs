using Tunnelwright.Vici.Protocol;
using Tunnelwright.Vici.Tests.Fake;

namespace Tunnelwright.Vici.Tests.Client;

public sealed class RequestTests
{
    [Fact(Timeout = FakeTests.Limit)]
    public async Task Requests_one_after_another_use_one_connection()
    {
        await using var daemon = FakeTests.Echo();
        await using var client = new ViciClient(daemon.Path);
        for (var i = 0; i < 100; i++)
            Assert.Equal($"c{i}", (await client.RequestAsync($"c{i}")).GetText("command"));
        Assert.Equal(1, daemon.Connections);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task Nothing_is_opened_before_the_first_request()
    {
        await using var daemon = FakeTests.Echo();
        await using (new ViciClient(daemon.Path))
            await Task.Delay(50);
        Assert.Equal(0, daemon.Connections);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task Bytes_that_trickle_one_by_one_are_put_together()
    {
        await using var daemon = new FakeDaemon(async connection =>
        {
            while (true)
            {
                var length = await connection.ReadAsync(4, atOnce: 1);
                var request = ViciPacket.Decode(await connection.ReadAsync((length[2] << 8) + length[3], atOnce: 1));
                using var answer = ViciPacket.Encode(ViciPacketType.CommandResponse, message: request.Message);
                for (var i = 0; i < answer.Written.Length; i++)
                    await connection.SendRawAsync(answer.Written.Slice(i, 1));
            }
        });
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        for (var i = 0; i < 3; i++)
        {
            var answer = await client.RequestAsync("x", new ViciSection { { "text", new string('y', 300) }, { "list", ["a", "b"] } });
            Assert.Equal(300, answer.GetText("text")!.Length);
            Assert.Equal(["a", "b"], answer.GetList("list"));
        }
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task Packets_of_the_largest_size_go_both_ways()
    {
        await using var daemon = new FakeDaemon(connection => connection.AnswerAsync(packet => connection.RespondAsync(packet.Message)));
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        var items = Enumerable.Repeat(new string('z', 65_000), 8).ToArray();
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(items, (await client.RequestAsync("x", new ViciSection { { "list", items } })).GetList("list"));
            Assert.Equal(0, (await client.RequestAsync("x")).Count);
        }

        Assert.Equal(1, daemon.Connections);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task A_request_that_is_too_long_fails_alone()
    {
        await using var daemon = FakeTests.Echo();
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        var items = Enumerable.Repeat(new string('z', 65_000), 9).ToArray();
        await Assert.ThrowsAsync<ViciProtocolException>(() => client.RequestAsync("x", new ViciSection { { "list", items } }));
        await client.RequestAsync("y");
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task A_refusal_carries_the_reason_and_keeps_the_connection()
    {
        await using var daemon = new FakeDaemon(connection => connection.AnswerAsync(packet => connection.RespondAsync(
            new ViciSection { { "success", packet.Name is "good" }, { "errmsg", "because of that" }, { "matches", 3 } })));
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        var arguments = new ViciSection { { "data", "hunter2" } };
        var error = await Assert.ThrowsAsync<ViciCommandFailedException>(() => client.RequestAsync("load-shared", arguments));
        Assert.Equal("load-shared", error.Command);
        Assert.Equal("because of that", error.ErrorMessage);
        Assert.Equal(3, error.Response.GetInt32("matches"));
        Assert.Contains("because of that", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
        await client.RequestAsync("good");
        Assert.Equal(1, daemon.Connections);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task An_unknown_command_is_told_and_keeps_the_connection()
    {
        await using var daemon = new FakeDaemon(connection => connection.AnswerAsync(packet => packet.Name is "good"
            ? connection.RespondAsync()
            : connection.SendAsync(ViciPacketType.CommandUnknown)));
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        var error = await Assert.ThrowsAsync<ViciUnknownCommandException>(() => client.RequestAsync("dance"));
        Assert.Equal("dance", error.Command);
        await client.RequestAsync("good");
        Assert.Equal(1, daemon.Connections);
    }

    [Theory(Timeout = FakeTests.Limit)]
    [InlineData("0000000107")] // an event without a name
    [InlineData("0000000105")] // a confirmation, when a response is due
    [InlineData("0000000100")] // a request
    [InlineData("000000060703" + "6c6f6700")] // an event that nobody asked for, cut short
    [InlineData("00000000")] // an empty packet
    [InlineData("00080001")] // one byte over the limit
    [InlineData("ffffffff")]
    [InlineData("00000002" + "0109")] // a response with a broken message
    [InlineData("48545450")] // a web server
    public async Task What_is_not_the_protocol_ends_in_a_protocol_error_and_a_new_connection(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        var first = true;
        await using var daemon = new FakeDaemon(connection => connection.AnswerAsync(async _ =>
        {
            var bad = first;
            first = false;
            if (bad)
                await connection.SendRawAsync(bytes);
            else
                await connection.RespondAsync();
        }));
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        await Assert.ThrowsAsync<ViciProtocolException>(() => client.RequestAsync("x"));
        await client.RequestAsync("y");
        Assert.Equal(2, daemon.Connections);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task Random_garbage_always_ends_in_a_typed_error()
    {
        var random = new Random(3);
        await using var daemon = new FakeDaemon(async connection =>
        {
            await connection.ReceiveAsync();
            byte[] bytes;
            lock (random)
            {
                bytes = new byte[random.Next(1, 100)];
                random.NextBytes(bytes);
                if (random.Next(2) == 0)
                    bytes.AsSpan(0, Math.Min(3, bytes.Length)).Clear();
            }

            await connection.SendRawAsync(bytes);
        });
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        var answered = 0;
        for (var i = 0; i < 500; i++)
        {
            try
            {
                await client.RequestAsync("x");
                answered++;
            }
            catch (ViciException error) when (error is ViciProtocolException or ViciConnectionException or ViciUnknownCommandException)
            {
            }
        }

        Assert.InRange(answered, 0, 100);
        await FakeTests.UntilAsync(() => daemon.Open == 0);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task Silence_ends_at_the_time_limit()
    {
        await using var daemon = new FakeDaemon(connection => connection.WaitForHangUpAsync());
        await using var client = new ViciClient(daemon.Path, FakeTests.Options with { RequestTimeout = TimeSpan.FromMilliseconds(150) });
        var error = await Assert.ThrowsAsync<ViciConnectionException>(() => client.RequestAsync("x"));
        Assert.Equal(ViciConnectionFailure.TimedOut, error.Failure);
        Assert.True(error.RequestSent);
        Assert.Contains(daemon.Path, error.Message, StringComparison.Ordinal);
        await FakeTests.UntilAsync(() => daemon.Open == 0);
        Assert.Equal(1, daemon.Connections);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task A_daemon_that_does_not_read_ends_at_the_time_limit()
    {
        await using var daemon = new FakeDaemon(connection => Task.Delay(Timeout.Infinite, connection.Ending));
        await using var client = new ViciClient(daemon.Path, FakeTests.Options with { RequestTimeout = TimeSpan.FromMilliseconds(150) });
        var arguments = new ViciSection { { "list", Enumerable.Repeat(new string('z', 65_000), 8) } };
        var error = await Assert.ThrowsAsync<ViciConnectionException>(() => client.RequestAsync("x", arguments));
        Assert.Equal(ViciConnectionFailure.TimedOut, error.Failure);
        Assert.False(error.RequestSent);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task Cancelling_closes_the_connection_and_the_next_request_has_a_new_one()
    {
        await using var daemon = new FakeDaemon(connection => connection.AnswerAsync(packet => packet.Name is "quick"
            ? connection.RespondAsync()
            : Task.CompletedTask));
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        await client.RequestAsync("quick");
        using var cancel = new CancellationTokenSource(100);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.RequestAsync("slow", cancellationToken: cancel.Token));
        await FakeTests.UntilAsync(() => daemon.Open == 0);
        await client.RequestAsync("quick");
        Assert.Equal(2, daemon.Connections);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task A_token_that_is_cancelled_already_sends_nothing()
    {
        await using var daemon = FakeTests.Echo();
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.RequestAsync("x", cancellationToken: new(canceled: true)));
        Assert.Equal(0, daemon.Connections);
    }
}
