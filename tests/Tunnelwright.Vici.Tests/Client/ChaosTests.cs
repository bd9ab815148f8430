using Tunnelwright.Vici.Protocol;
using Tunnelwright.Vici.Tests.Fake;

namespace Tunnelwright.Vici.Tests.Client;

public sealed class ChaosTests
{
    [Fact(Timeout = FakeTests.Limit)]
    public async Task After_hundreds_of_faults_at_once_no_place_in_the_pool_is_lost()
    {
        const int places = 4;
        var faulty = true;
        var random = new Random(5);
        await using var daemon = new FakeDaemon(async connection =>
        {
            while (true)
            {
                var packet = await connection.ReceiveAsync();
                int fault;
                lock (random)
                    fault = faulty ? random.Next(8) : 7;
                switch (fault)
                {
                    case 0:
                        return;
                    case 1:
                        await connection.SendRawAsync(new byte[] { 0, 0, 0, 9, 1 });
                        return;
                    case 2:
                        await connection.SendRawAsync(new byte[] { 0, 0, 0, 1, 200 });
                        break;
                    case 3:
                        break; // silence
                    case 4:
                        await Task.Delay(10);
                        goto default;
                    default:
                        if (packet.Type is not ViciPacketType.CommandRequest)
                        {
                            await connection.ConfirmAsync();
                            break;
                        }

                        if (packet.Name is "list-sas")
                            await connection.RaiseAsync("list-sa", []);
                        if (!faulty)
                            await Task.Delay(100);
                        await connection.RespondAsync();
                        break;
                }
            }
        });
        await using var client = new ViciClient(
            daemon.Path,
            FakeTests.Options with { MaximumConnections = places, MaximumBlockingRequests = 2 });
        var succeeded = 0;
        var failed = 0;
        await Task.WhenAll(Enumerable.Range(0, 24).Select(async worker =>
        {
            for (var i = 0; i < 25; i++)
            {
                using var cancel = new CancellationTokenSource(i % 3 == 0 ? worker % 7 : 60);
                try
                {
                    if (i % 5 == 0)
                        await FakeTests.ToListAsync(client.StreamAsync("list-sas", "list-sa", cancellationToken: cancel.Token));
                    else if (i % 5 == 1)
                        await FakeTests.ToListAsync(client.RequestAllAsync([new ViciRequest("x"), new ViciRequest("y")], cancel.Token));
                    else
                        await client.RequestAsync("version", cancellationToken: cancel.Token);
                    Interlocked.Increment(ref succeeded);
                }
                catch (Exception error) when (error is ViciConnectionException or ViciProtocolException or OperationCanceledException)
                {
                    Interlocked.Increment(ref failed);
                }
            }
        }));
        Assert.True(succeeded > 20 && failed > 20, $"{succeeded} succeeded, {failed} failed");
        Assert.InRange(daemon.MostOpen, 1, places + 24); // A closed connection may be seen open by the daemon for a moment.

        faulty = false;
        await FakeTests.UntilAsync(() => daemon.Open <= places);
        var before = daemon.Connections;
        var last = Enumerable.Range(0, places).Select(_ => client.StreamAsync("list-sas", "list-sa").GetAsyncEnumerator()).ToArray();
        await Task.WhenAll(last.Select(one => one.MoveNextAsync().AsTask()));
        Assert.InRange(daemon.Connections - before, 0, places);
        foreach (var one in last)
            await one.DisposeAsync();
    }
}
