using Tunnelwright.Cloud.Client;

namespace Tunnelwright.Service;

/// <summary>
/// Reads at a rate that does not depend on how quickly answers come. The times are drawn beforehand (a Poisson process, as pgbench --rate has it), and a request
/// is as late as its answer comes after that time, so that a service that stands still is charged for all who would have come meanwhile.
/// </summary>
internal static class OpenLoop
{
    private const int Seed = 6;

    public static async Task<Latencies> RunAsync(ServiceClient service, IReadOnlyList<string> paths, int perSecond, TimeSpan time)
    {
        var random = new Random(Seed);
        var latencies = new Latencies();
        var waiting = new List<Task>();
        var clock = TimeProvider.System;
        var began = clock.GetTimestamp();
        for (var due = TimeSpan.Zero; due < time; due += TimeSpan.FromSeconds(-Math.Log(1 - random.NextDouble()) / perSecond))
        {
            while (clock.GetElapsedTime(began) < due) Thread.Sleep(1);
            var (path, at) = (paths[random.Next(paths.Count)], due);
            waiting.Add(Task.Run(async () =>
            {
                await service.GetFileAsync(path);
                latencies.Add(clock.GetElapsedTime(began) - at);
            }));
        }

        await Task.WhenAll(waiting);
        return latencies;
    }
}
