using Tunnelwright.Vici.Protocol;
using Tunnelwright.Vici.Tests.Fake;

namespace Tunnelwright.Vici.Tests.Client;

public sealed class StreamTests
{
    [Fact(Timeout = FakeTests.Limit)]
    public async Task A_stream_registers_reads_and_unregisters_on_a_connection_that_is_kept()
    {
        var types = new List<string>();
        await using var daemon = new FakeDaemon(async connection =>
        {
            while (true)
            {
                var packet = await connection.ReceiveAsync();
                lock (types)
                    types.Add($"{packet.Type} {packet.Name}");
                if (packet.Type is not ViciPacketType.CommandRequest)
                {
                    await connection.ConfirmAsync();
                    continue;
                }

                for (var i = 0; i < 1000; i++)
                    await connection.RaiseAsync("list-sa", new ViciSection { { "n", i } });
                await connection.RespondAsync();
            }
        });
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        for (var round = 0; round < 2; round++)
        {
            var items = await FakeTests.ToListAsync(client.StreamAsync("list-sas", "list-sa"));
            Assert.Equal(Enumerable.Range(0, 1000), items.Select(item => item.GetInt32("n")!.Value));
        }

        Assert.Equal(1, daemon.Connections);
        string[] turn = ["EventRegister list-sa", "CommandRequest list-sas", "EventUnregister list-sa"];
        Assert.Equal([.. turn, .. turn], types);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task A_consumer_that_stops_early_closes_the_connection()
    {
        await using var daemon = new FakeDaemon(connection => connection.AnswerAsync(async packet =>
        {
            for (var i = 0; packet.Name is "list-sas"; i++)
                await connection.RaiseAsync("list-sa", new ViciSection { { "n", i } });
            await connection.RespondAsync();
        }));
        await using var client = new ViciClient(daemon.Path, FakeTests.Options with { MaximumConnections = 1 });
        await foreach (var item in client.StreamAsync("list-sas", "list-sa"))
        {
            if (item.GetInt32("n") == 10)
                break;
        }

        await client.RequestAsync("version");
        Assert.Equal(2, daemon.Connections);
        await FakeTests.UntilAsync(() => daemon.Open == 1);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task A_stream_can_be_cancelled_in_the_middle()
    {
        await using var daemon = new FakeDaemon(connection => connection.AnswerAsync(_ =>
            connection.RaiseAsync("list-sa", new ViciSection { { "n", 1 } })));
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        using var cancel = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var item in client.StreamAsync("list-sas", "list-sa", cancellationToken: cancel.Token))
                cancel.CancelAfter(50);
        });
        await FakeTests.UntilAsync(() => daemon.Open == 0);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task An_unknown_event_is_told_and_keeps_the_connection()
    {
        await using var daemon = new FakeDaemon(async connection =>
        {
            while (true)
            {
                var packet = await connection.ReceiveAsync();
                if (packet.Type is ViciPacketType.CommandRequest)
                    await connection.RespondAsync();
                else
                    await connection.SendAsync(ViciPacketType.EventUnknown);
            }
        });
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        var error = await Assert.ThrowsAsync<ViciUnknownEventException>(() => FakeTests.ToListAsync(client.StreamAsync("list-x", "list-y")));
        Assert.Equal("list-y", error.EventName);
        await client.RequestAsync("version");
        Assert.Equal(1, daemon.Connections);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task A_command_that_fails_or_is_unknown_still_unregisters()
    {
        var unregistered = 0;
        await using var daemon = new FakeDaemon(async connection =>
        {
            while (true)
            {
                var packet = await connection.ReceiveAsync();
                if (packet.Type is ViciPacketType.EventUnregister)
                    Interlocked.Increment(ref unregistered);
                if (packet.Type is not ViciPacketType.CommandRequest)
                    await connection.ConfirmAsync();
                else if (packet.Name is "list-x")
                    await connection.SendAsync(ViciPacketType.CommandUnknown);
                else
                    await connection.RespondAsync(new ViciSection { { "success", false }, { "errmsg", "no" } });
            }
        });
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        await Assert.ThrowsAsync<ViciUnknownCommandException>(() => FakeTests.ToListAsync(client.StreamAsync("list-x", "list-sa")));
        await Assert.ThrowsAsync<ViciCommandFailedException>(() => FakeTests.ToListAsync(client.StreamAsync("list-sas", "list-sa")));
        Assert.Equal(2, unregistered);
        Assert.Equal(1, daemon.Connections);
    }

    [Theory(Timeout = FakeTests.Limit)]
    [InlineData("response to a registration")]
    [InlineData("another event")]
    [InlineData("confirmation in the stream")]
    [InlineData("event before the confirmation")]
    public async Task Packets_out_of_turn_end_in_a_protocol_error(string fault)
    {
        await using var daemon = new FakeDaemon(async connection =>
        {
            await connection.ReceiveAsync();
            if (fault is "response to a registration")
                await connection.RespondAsync();
            if (fault is "event before the confirmation")
                await connection.RaiseAsync("list-sa", []);
            await connection.ConfirmAsync();
            await connection.ReceiveAsync();
            if (fault is "another event")
                await connection.RaiseAsync("log", []);
            if (fault is "confirmation in the stream")
                await connection.ConfirmAsync();
            await connection.WaitForHangUpAsync();
        });
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        await Assert.ThrowsAsync<ViciProtocolException>(() => FakeTests.ToListAsync(client.StreamAsync("list-sas", "list-sa")));
        await FakeTests.UntilAsync(() => daemon.Open == 0);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task A_hang_up_in_the_stream_is_told_and_one_before_it_goes_unnoticed()
    {
        var registrations = 0;
        await using var daemon = new FakeDaemon(async connection =>
        {
            if ((await connection.ReceiveAsync()).Name is "version")
            {
                await connection.RespondAsync();
                await connection.ReceiveAsync();
                Interlocked.Increment(ref registrations);
                return;
            }

            await connection.ConfirmAsync();
            await connection.ReceiveAsync();
            await connection.RaiseAsync("list-sa", []);
        });
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        await client.RequestAsync("version");
        var items = 0;
        var error = await Assert.ThrowsAsync<ViciConnectionException>(async () =>
        {
            await foreach (var item in client.StreamAsync("list-sas", "list-sa"))
                items++;
        });
        Assert.Equal(1, items);
        Assert.Equal(1, registrations);
        Assert.Equal(2, daemon.Connections);
        Assert.True(error.RequestSent);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task Control_commands_tell_the_log_line_by_line_and_then_the_outcome()
    {
        await using var daemon = new FakeDaemon(connection => connection.AnswerAsync(async packet =>
        {
            foreach (var line in new[] { "one", "two" })
                await connection.RaiseAsync("control-log", new ViciSection { { "group", "IKE" }, { "level", 1 }, { "msg", line } });
            await connection.RespondAsync(packet.Name is "terminate"
                ? new ViciSection { { "success", true }, { "matches", 2 }, { "terminated", 2 } }
                : new ViciSection { { "success", false }, { "errmsg", "establishing failed" } });
        }));
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        var lines = new List<string>();
        var error = await Assert.ThrowsAsync<ViciCommandFailedException>(() =>
            client.InitiateAsync(new InitiateRequest { Child = "net" }, line => lines.Add(line.Message)));
        Assert.Equal("establishing failed", error.ErrorMessage);
        var result = await client.TerminateAsync(new TerminateRequest { Ike = "gw" }, line => lines.Add(line.Group));
        Assert.Equal(new TerminateResult(2, 2), result);
        Assert.Equal(["one", "two", "IKE", "IKE"], lines);
        Assert.Equal(1, daemon.Connections);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task A_log_callback_that_throws_ends_the_request_and_its_connection()
    {
        await using var daemon = new FakeDaemon(connection => connection.AnswerAsync(_ =>
            connection.RaiseAsync("control-log", new ViciSection { { "msg", "x" } })));
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() =>
            client.InitiateAsync(new InitiateRequest { Child = "net" }, _ => throw new InvalidTimeZoneException()));
        await FakeTests.UntilAsync(() => daemon.Open == 0);
    }

    [Fact]
    public async Task Requests_that_select_nothing_are_refused()
    {
        await using var client = new ViciClient("/tmp/there-is-no-such.vici");
        await Assert.ThrowsAsync<ArgumentException>(() => client.InitiateAsync(new InitiateRequest()));
        await Assert.ThrowsAsync<ArgumentException>(() => client.TerminateAsync(new TerminateRequest()));
        await Assert.ThrowsAsync<ArgumentException>(() => client.RekeyAsync(new SaSelector()));
        await Assert.ThrowsAsync<ArgumentException>(() => client.LoadConnectionAsync("x", []));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            client.InitiateAsync(new InitiateRequest { Child = "x", Timeout = TimeSpan.FromSeconds(-1) }));
    }
}
