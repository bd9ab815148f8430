using System.Collections.Concurrent;
using Tunnelwright.Cloud.Client;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Service;

/// <summary>Customers and their requests.</summary>
internal sealed class Load(ServiceClient service)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TimeProvider _time = TimeProvider.System;
    private readonly ConcurrentBag<string> _made = [];
    private string[] _customers = [];
    private int _refused;

    /// <summary>Requests that had to be repeated, because an earlier change of the customer was on its way.</summary>
    public int Refused => _refused;

    public string[] ConnectionPaths => [.. _made];

    public string[] ListPaths => [.. _customers.Select(Paths.Connections)];

    public async Task AddCustomersAsync(int count, int atOnce)
    {
        var made = new string[count];
        await EachAsync(count, atOnce, async index =>
            made[index] = (await service.SendAsync(HttpMethod.Post, Paths.Customers, new NewCustomer($"Customer {index}", "10.8.2.0/24"), CloudJson.Default.NewCustomer, CloudJson.Default.Customer)).Id);
        _customers = made;
    }

    /// <summary>Asks for connections, customer after customer, until there are so many.</summary>
    /// <returns>How many were accepted a second, how many became available a second, and how long each acceptance took.</returns>
    public async Task<(double Accepted, double Available, Latencies Latencies)> RequestAsync(int count, int atOnce)
    {
        var latencies = new Latencies();
        var began = _time.GetTimestamp();
        await EachAsync(count, atOnce, async index =>
        {
            var sent = _time.GetTimestamp();
            var connection = await AskAsync(_customers[index % _customers.Length], index / _customers.Length);
            latencies.Add(_time.GetElapsedTime(sent));
            _made.Add(Paths.Connection(connection.CustomerId, connection.Id));
        });
        var accepted = count / _time.GetElapsedTime(began).TotalSeconds;
        await EachAsync(_customers.Length, atOnce, async index =>
        {
            while (await service.GetAsync(Paths.Connections(_customers[index]), CloudJson.Default.PageConnection) is { } page && page.Items.Any(item => !item.FileReady)) await WaitAsync(began);
        });
        return (accepted, count / _time.GetElapsedTime(began).TotalSeconds, latencies);
    }

    /// <summary>One request after the other; each is over when its file has been downloaded.</summary>
    public async Task<Latencies> FilesAsync(int count)
    {
        var latencies = new Latencies();
        for (var index = 0; index < count; index++)
        {
            // A customer of its own: the others have as many connections as they may.
            var customer = await service.SendAsync(HttpMethod.Post, Paths.Customers, new NewCustomer($"One more {index}", "10.8.2.0/24"), CloudJson.Default.NewCustomer, CloudJson.Default.Customer);
            var connection = await AskAsync(customer.Id, 1);
            var accepted = _time.GetTimestamp();
            while (!await TryDownloadAsync(connection)) await WaitAsync(accepted);
            latencies.Add(_time.GetElapsedTime(accepted));
            await Task.Delay(20);
        }

        return latencies;
    }

    private async Task<Connection> AskAsync(string customer, int number)
    {
        var bgp = number % 2 == 1;
        var request = new ConnectionRequest(
            "bench", "network@customer.example", $"98.80.{number}.7", bgp ? RoutingKind.Bgp : RoutingKind.Static, bgp ? 65000 + number : null, [$"172.{16 + (number % 16)}.{number / 16}.0/24"], "generic");
        var key = Guid.NewGuid().ToString("N");
        var began = _time.GetTimestamp();
        while (true)
        {
            try
            {
                return await service.SendAsync(HttpMethod.Post, Paths.Connections(customer), request, CloudJson.Default.ConnectionRequest, CloudJson.Default.Connection, key);
            }
            catch (ServiceException problem) when (problem.Problem is { Status: 409 or 422 } document && document.Problems.All(one => one.Code == "change-in-progress"))
            {
                Interlocked.Increment(ref _refused);
                await WaitAsync(began);
            }
        }
    }

    private async Task<bool> TryDownloadAsync(Connection connection)
    {
        try
        {
            return (await service.GetFileAsync(Paths.File(connection.CustomerId, connection.Id, null))).Content.Length > 0;
        }
        catch (ServiceException problem) when (problem.Problem is { Status: 409 })
        {
            return false;
        }
    }

    private async Task WaitAsync(long since)
    {
        if (_time.GetElapsedTime(since) > Patience) throw new TimeoutException("The service took more than a minute.");
        await Task.Delay(Pause);
    }

    private static Task EachAsync(int count, int atOnce, Func<int, Task> work) =>
        Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (index, _) => await work(index));
}
