using System.Globalization;
using Tunnelwright.Gateway;
using Tunnelwright.Vici;

namespace Tunnelwright.Charon;

/// <summary>
/// configuration NAME · swanctl COUNT · load SOCKET COUNT · more SOCKET FIRST COUNT · storm NODE-SOCKET CUSTOMERS-SOCKET COUNT: what charon is started with, what
/// swanctl loads, and loads through VICI, timed in milliseconds.
/// </summary>
internal static class Program
{
    private static readonly CharonInstance Instance = new("bench", 0, Userspace: false);

    private static async Task<int> Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["configuration", var name]:
                Console.Write(new CharonInstance(name, 0, Userspace: false).Configuration());
                return 0;
            case ["swanctl", var count]:
                Console.Write(Connections.Swanctl(Instance, Number(count)));
                return 0;
            case ["load", var socket, var count]:
                await LoadAsync(socket, Number(count));
                return 0;
            case ["more", var socket, var first, var count]:
                await MoreAsync(socket, Number(first), Number(count));
                return 0;
            case ["storm", var node, var customers, var count]:
                return await Storm.RunAsync(Instance, node, customers, Number(count));
            default:
                return 2;
        }
    }

    private static async Task LoadAsync(string socket, int count)
    {
        await using var client = new ViciClient(socket);

        // The program that ships is compiled beforehand: what is compiled here when it runs first is not counted. One connection more, loaded twice.
        for (var warm = 0; warm < 2; warm++) await AllAsync(client, Connections.Requests(Instance, count + 1, 1));
        await client.UnloadConnectionAsync(Connections.Name(count + 1));
        var began = TimeProvider.System.GetTimestamp();
        await AllAsync(client, Connections.Requests(Instance, 1, count));
        Tell(TimeProvider.System.GetElapsedTime(began));
    }

    private static async Task MoreAsync(string socket, int first, int count)
    {
        await using var client = new ViciClient(socket);
        for (var number = first; number < first + count; number++)
        {
            var began = TimeProvider.System.GetTimestamp();
            await AllAsync(client, Connections.Requests(Instance, number, 1));
            Tell(TimeProvider.System.GetElapsedTime(began));
        }
    }

    public static async Task AllAsync(ViciClient client, IEnumerable<ViciRequest> requests)
    {
        await foreach (var outcome in client.RequestAllAsync(requests))
        {
            if (outcome.Refusal is { } refusal) throw refusal;
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static void Tell(TimeSpan time) => Console.WriteLine(time.TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture));
}
