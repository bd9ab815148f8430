using System.Collections.Concurrent;
using System.Globalization;
using Tunnelwright.Gateway;
using Tunnelwright.Vici;

namespace Tunnelwright.Charon;

/// <summary>All customers connect to one node's charon at once. Another charon plays them, with strongSwan's own timers.</summary>
internal static class Storm
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Prints how many were established, how many a second, and the median and the longest time from a customer's start to its IKE SA.</summary>
    public static async Task<int> RunAsync(CharonInstance instance, string nodeSocket, string customersSocket, int count)
    {
        await using var node = new ViciClient(nodeSocket);
        await using var customers = new ViciClient(customersSocket, new ViciClientOptions { MaximumBlockingRequests = 8 });
        await Program.AllAsync(node, Connections.Requests(instance, 1, count));
        await Program.AllAsync(customers, Enumerable.Range(1, count).Select(Connections.OfCustomer).SelectMany(side => new[] { new ViciRequest("load-conn", side.Connection), new ViciRequest("load-shared", side.Key) }));

        using var stop = new CancellationTokenSource(Patience);
        var clock = TimeProvider.System;
        var began = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        var times = new List<double>();
        var subscribed = new TaskCompletionSource();
        long last = 0;
        var watch = Task.Run(async () =>
        {
            await foreach (var item in customers.ListenAsync([ViciEventNames.IkeUpDown], cancellationToken: stop.Token))
            {
                if (item.Kind == ViciEventKind.Subscribed) subscribed.TrySetResult();
                if (ViciNotification.Read(item) is not IkeUpDownNotification { Up: true } up || !began.TryRemove(up.Ike.Name, out var started)) continue;
                last = clock.GetTimestamp();
                times.Add(clock.GetElapsedTime(started, last).TotalMilliseconds);
                if (times.Count == count) return;
            }
        });
        await subscribed.Task;
        var start = clock.GetTimestamp();
        await Parallel.ForEachAsync(Enumerable.Range(1, count), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (number, cancellationToken) =>
        {
            began[Connections.Name(number)] = clock.GetTimestamp();
            await customers.InitiateAsync(new InitiateRequest { Ike = Connections.Name(number), Timeout = TimeSpan.Zero, LogLevel = -1 }, cancellationToken: cancellationToken);
        });
        var asked = clock.GetElapsedTime(start);
        try
        {
            await watch;
        }
        catch (OperationCanceledException)
        {
            // Those that are missing are told by their number.
        }

        if (times.Count == 0) return 1;
        times.Sort();
        var established = clock.GetElapsedTime(start, last).TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{times.Count} {times.Count / established:0} {times[times.Count / 2]:0} {times[^1]:0} {asked.TotalMilliseconds:0}"));
        return times.Count == count ? 0 : 1;
    }
}
