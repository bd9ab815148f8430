using System.Globalization;
using System.Net;
using Tunnelwright.Cloud.Client;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Onboard;

/// <summary>
/// onboard-bench ADDRESS TOKEN-FILE COUNT GATEWAY: asks for COUNT connections, one after the other, each deleted again, and one before that is not counted. Prints
/// "file MILLISECONDS" and "ike MILLISECONDS" for each, from the moment that the answer to the request had come.
/// </summary>
internal static class Program
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeProvider Time = TimeProvider.System;

    private static async Task<int> Main(string[] arguments)
    {
        if (arguments.Length != 4) return 2;
        using var service = new ServiceClient(new Uri(arguments[0])) { Token = (await File.ReadAllTextAsync(arguments[1])).Trim() };
        var customer = (await service.GetAsync(Paths.Session, CloudJson.Default.Session))!.CustomerId!;
        var count = int.Parse(arguments[2], CultureInfo.InvariantCulture);
        for (var number = 0; number <= count; number++)
        {
            var (file, endpoints) = await OneAsync(service, customer, arguments[3], number);
            if (number == 0) continue;
            Tell("file", file);
            Tell("ike", endpoints);
        }

        return 0;
    }

    private static async Task<(TimeSpan File, TimeSpan Endpoints)> OneAsync(ServiceClient service, string customer, string gateway, int number)
    {
        var request = new ConnectionRequest($"onboard {number}", "network@customer.example", gateway, number % 2 == 0 ? RoutingKind.Static : RoutingKind.Bgp, number % 2 == 0 ? null : 65000, ["10.1.0.0/24"], "generic");
        var connection = await service.SendAsync(
            HttpMethod.Post, Paths.Connections(customer), request, CloudJson.Default.ConnectionRequest, CloudJson.Default.Connection, Guid.NewGuid().ToString("N"));
        var accepted = Time.GetTimestamp();
        var file = FileAsync(service, connection, accepted);
        var endpoints = EndpointsAsync(service, connection, accepted);
        await Task.WhenAll(file, endpoints);
        await service.SendAsync(HttpMethod.Delete, Paths.Connection(customer, connection.Id));
        await GoneAsync(service, connection);
        return (await file, await endpoints);
    }

    private static async Task<TimeSpan> FileAsync(ServiceClient service, Connection connection, long accepted)
    {
        while (true)
        {
            try
            {
                if ((await service.GetFileAsync(Paths.File(connection.CustomerId, connection.Id, null))).Content.Length > 0) return Time.GetElapsedTime(accepted);
            }
            catch (ServiceException notYet) when (notYet.Status == (int)HttpStatusCode.Conflict && Time.GetElapsedTime(accepted) < Patience)
            {
                await Task.Delay(Pause);
            }
        }
    }

    private static async Task<TimeSpan> EndpointsAsync(ServiceClient service, Connection connection, long accepted)
    {
        // The answer to the request names the addresses, unless nodes were missing at that moment.
        while (connection.Tunnels.Count < 2)
        {
            if (Time.GetElapsedTime(accepted) > Patience) throw new TimeoutException("The connection got no endpoints.");
            await Task.Delay(Pause);
            connection = (await service.GetAsync(Paths.Connection(connection.CustomerId, connection.Id), CloudJson.Default.Connection))!;
        }

        await Task.WhenAll(connection.Tunnels.Select(tunnel => new Endpoint(IPAddress.Parse(tunnel.CloudAddress)).AnswersAsync()));
        return Time.GetElapsedTime(accepted);
    }

    private static async Task GoneAsync(ServiceClient service, Connection connection)
    {
        var began = Time.GetTimestamp();
        while ((await service.GetAsync(Paths.Connections(connection.CustomerId), CloudJson.Default.PageConnection))!.Items.Any(one => one.Id == connection.Id))
        {
            if (Time.GetElapsedTime(began) > Patience) throw new TimeoutException("The connection was not deleted.");
            await Task.Delay(Pause * 5);
        }
    }

    private static void Tell(string name, TimeSpan time) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {time.TotalMilliseconds:0.0}"));
}
