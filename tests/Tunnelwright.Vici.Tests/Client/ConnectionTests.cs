using System.Net.Sockets;
using Tunnelwright.Vici.Protocol;
using Tunnelwright.Vici.Tests.Fake;

namespace Tunnelwright.Vici.Tests.Client;

public sealed class ConnectionTests
{
    [Fact(Timeout = FakeTests.Limit)]
    public async Task A_missing_socket_is_told_with_its_path()
    {
        await using var client = new ViciClient("/tmp/there-is-no-such.vici", FakeTests.Options);
        var error = await Assert.ThrowsAsync<ViciConnectionException>(() => client.RequestAsync("version"));
        Assert.Equal(ViciConnectionFailure.SocketMissing, error.Failure);
        Assert.Equal("/tmp/there-is-no-such.vici", error.SocketPath);
        Assert.Contains("/tmp/there-is-no-such.vici", error.Message, StringComparison.Ordinal);
        Assert.False(error.RequestSent);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task A_socket_that_a_dead_daemon_left_is_told()
    {
        var path = Path.Combine(Path.GetTempPath(), $"vici-{Guid.NewGuid():n}.sock");
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            await using var client = new ViciClient(path, FakeTests.Options);
            var error = await Assert.ThrowsAsync<ViciConnectionException>(() => client.RequestAsync("version"));
            Assert.Equal(ViciConnectionFailure.Refused, error.Failure);
        }

        File.Delete(path);
    }

    [Fact]
    public void Paths_and_settings_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new ViciClient(""));
        Assert.Throws<ArgumentException>(() => new ViciClient("/" + new string('x', 200)));
        Assert.Throws<ArgumentException>(() => new ViciClient("/x", new ViciClientOptions { MaximumConnections = 0 }));
        Assert.Throws<ArgumentException>(() => new ViciClient("/x", new ViciClientOptions { MaximumBlockingRequests = 65 }));
        Assert.Throws<ArgumentException>(() => new ViciClient("/x", new ViciClientOptions { ConnectTimeout = TimeSpan.Zero }));
        Assert.Throws<ArgumentException>(() => new ViciClient("/x", new ViciClientOptions { RequestTimeout = TimeSpan.Zero }));
        _ = new ViciClient("/x", new ViciClientOptions { RequestTimeout = Timeout.InfiniteTimeSpan });
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task A_daemon_that_never_accepts_ends_at_the_time_limit()
    {
        await using var daemon = new FakeDaemon(_ => Task.CompletedTask, backlog: 0, accept: false);
        using var filler = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await filler.ConnectAsync(new UnixDomainSocketEndPoint(daemon.Path));
        await using var client = new ViciClient(daemon.Path, FakeTests.Options with { ConnectTimeout = TimeSpan.FromMilliseconds(150) });
        var error = await Assert.ThrowsAsync<ViciConnectionException>(() => client.RequestAsync("version"));
        Assert.Equal(ViciConnectionFailure.TimedOut, error.Failure);

        await using var patient = new ViciClient(daemon.Path, FakeTests.Options);
        using var cancel = new CancellationTokenSource(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => patient.RequestAsync("version", cancellationToken: cancel.Token));
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task Many_connections_at_once_get_through_a_short_queue()
    {
        await using var daemon = new FakeDaemon(
            connection => connection.AnswerAsync(async _ =>
            {
                await Task.Delay(20);
                await connection.RespondAsync();
            }),
            backlog: 1);
        await using var client = new ViciClient(daemon.Path, FakeTests.Options with { MaximumConnections = 64 });
        await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => client.RequestAsync("x")));
        Assert.InRange(daemon.Connections, 2, 64);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task A_hang_up_between_requests_goes_unnoticed()
    {
        await using var daemon = new FakeDaemon(async connection =>
        {
            await connection.ReceiveAsync();
            await connection.RespondAsync();
        });
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        for (var i = 0; i < 50; i++)
        {
            await client.RequestAsync("x");
            await FakeTests.UntilAsync(() => daemon.Open == 0);
        }

        Assert.Equal(50, daemon.Connections);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task A_hang_up_after_the_request_is_told_and_the_request_is_not_repeated()
    {
        var requests = 0;
        await using var daemon = new FakeDaemon(async connection =>
        {
            while ((await connection.ReceiveAsync()).Name is not "fatal")
                await connection.RespondAsync();
            Interlocked.Increment(ref requests);
        });
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        await client.RequestAsync("x");
        var error = await Assert.ThrowsAsync<ViciConnectionException>(() => client.RequestAsync("fatal"));
        Assert.Equal(ViciConnectionFailure.HungUp, error.Failure);
        Assert.True(error.RequestSent);
        Assert.Contains(daemon.Path, error.Message, StringComparison.Ordinal);
        Assert.Equal(1, requests);
        await client.RequestAsync("x");
    }

    [Theory(Timeout = FakeTests.Limit)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(9)]
    public async Task A_hang_up_in_the_middle_of_an_answer_is_told(int bytes)
    {
        await using var daemon = new FakeDaemon(async connection =>
        {
            await connection.ReceiveAsync();
            using var answer = ViciPacket.Encode(ViciPacketType.CommandResponse, message: new ViciSection { { "key", "value" } });
            await connection.SendRawAsync(answer.Written[..bytes]);
        });
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        var error = await Assert.ThrowsAsync<ViciConnectionException>(() => client.RequestAsync("x"));
        Assert.Equal(ViciConnectionFailure.HungUp, error.Failure);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task A_connection_that_holds_more_than_the_answer_is_not_used_again()
    {
        await using var daemon = new FakeDaemon(async connection =>
        {
            while (true)
            {
                await connection.ReceiveAsync();
                await connection.RespondAsync(new ViciSection { { "n", 1 } });
                await connection.RespondAsync(new ViciSection { { "n", 2 } });
            }
        });
        await using var client = new ViciClient(daemon.Path, FakeTests.Options);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(1, (await client.RequestAsync("x")).GetInt32("n"));
            await Task.Delay(20);
        }

        Assert.Equal(5, daemon.Connections);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task The_number_of_connections_is_bounded_and_all_requests_get_their_turn()
    {
        await using var daemon = new FakeDaemon(connection => connection.AnswerAsync(async packet =>
        {
            await Task.Delay(5);
            await connection.RespondAsync(new ViciSection { { "command", packet.Name } });
        }));
        await using var client = new ViciClient(daemon.Path, FakeTests.Options with { MaximumConnections = 3 });
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => client.RequestAsync($"c{i}")));
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"c{i}"), answers.Select(answer => answer.GetText("command")));
        Assert.Equal(3, daemon.MostOpen);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task Waiting_commands_do_not_keep_quick_ones_waiting()
    {
        await using var daemon = new FakeDaemon(connection => connection.AnswerAsync(packet => packet.Name is "initiate"
            ? connection.WaitForHangUpAsync()
            : connection.RespondAsync()));
        await using var client = new ViciClient(
            daemon.Path, FakeTests.Options with { MaximumConnections = 1, MaximumBlockingRequests = 2, RequestTimeout = TimeSpan.FromSeconds(1) });
        using var cancel = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, 5)
            .Select(i => client.InitiateAsync(new InitiateRequest { Child = $"c{i}" }, cancellationToken: cancel.Token)).ToArray();
        await FakeTests.UntilAsync(() => daemon.Open == 2);
        for (var i = 0; i < 10; i++)
            await client.RequestAsync("stats");
        await Task.Delay(1300);
        Assert.All(waiting, task => Assert.False(task.IsCompleted));
        Assert.Equal(3, daemon.MostOpen);
        await cancel.CancelAsync();
        foreach (var task in waiting)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task A_waiting_command_with_a_limit_ends_when_the_daemon_forgets_it()
    {
        await using var daemon = new FakeDaemon(connection => connection.AnswerAsync(_ => Task.CompletedTask));
        await using var client = new ViciClient(daemon.Path, FakeTests.Options with { RequestTimeout = TimeSpan.FromMilliseconds(100) });
        var request = new InitiateRequest { Child = "c", Timeout = TimeSpan.FromMilliseconds(100) };
        var error = await Assert.ThrowsAsync<ViciConnectionException>(() => client.InitiateAsync(request));
        Assert.Equal(ViciConnectionFailure.TimedOut, error.Failure);
    }

    [Fact(Timeout = FakeTests.Limit)]
    public async Task Disposing_ends_everything_that_runs_or_waits()
    {
        await using var daemon = new FakeDaemon(connection => connection.AnswerAsync(_ => Task.CompletedTask));
        var client = new ViciClient(daemon.Path, FakeTests.Options with { MaximumConnections = 1 });
        var running = client.RequestAsync("x");
        var waiting = client.RequestAsync("y");
        var listening = FakeTests.ToListAsync(client.ListenAsync(["log"], new ViciListenOptions { Resubscribe = true }));
        await FakeTests.UntilAsync(() => daemon.Open == 2);
        await client.DisposeAsync();
        foreach (var task in new Task[] { running, waiting, listening })
            Assert.Equal(ViciConnectionFailure.ClientDisposed, (await Assert.ThrowsAsync<ViciConnectionException>(() => task)).Failure);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.RequestAsync("x"));
        Assert.Throws<ObjectDisposedException>(() => client.ListenAsync(["log"]));
        await FakeTests.UntilAsync(() => daemon.Open == 0);
        await client.DisposeAsync();
    }
}
