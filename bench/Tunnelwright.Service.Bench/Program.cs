using System.Globalization;
using Tunnelwright.Cloud.Client;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Service;

/// <summary>
/// service-bench ADDRESS TOKEN-FILE CUSTOMERS CONNECTIONS RATE SECONDS PID: plays nodes, makes customers and connections, waits for files, reads at a fixed
/// rate. Prints a line "name value…" for each figure; the processor time is that of the process PID, the control plane.
/// </summary>
internal static class Program
{
    /// <summary>Requests for connections on their way at once.</summary>
    private const int Requesters = 32;

    private const int Nodes = 6;
    private const int Domains = 3;

    private static async Task<int> Main(string[] arguments)
    {
        if (arguments.Length != 7) return 2;
        var address = new Uri(arguments[0]);
        var token = (await File.ReadAllTextAsync(arguments[1])).Trim();
        var (customers, connections, rate, seconds) = (Number(arguments[2]), Number(arguments[3]), Number(arguments[4]), Number(arguments[5]));
        using var service = new ServiceClient(address) { Token = token };
        await using var nodes = await PlayedNodes.StartAsync(address, service, Nodes, Domains);
        await service.SendAsync(HttpMethod.Post, Paths.AddressPools, new NewAddressPool("52.30.0.0/16"), CloudJson.Default.NewAddressPool, CloudJson.Default.AddressPool);
        var load = new Load(service);
        await load.AddCustomersAsync(customers, Requesters);
        Tell("customers", customers);

        var before = ProcessorMilliseconds(arguments[6]);
        var (rateOfAcceptance, rateOfReadiness, accepted) = await load.RequestAsync(connections, Requesters);
        Tell("processor-ms-per-connection", (ProcessorMilliseconds(arguments[6]) - before) / connections);
        Tell("accepted-per-second", rateOfAcceptance);
        Tell("available-per-second", rateOfReadiness);
        Tell("accepting-ms", accepted.Quantile(0.5), accepted.Quantile(0.99), accepted.Quantile(1));
        Tell("refused-for-now", load.Refused);

        var ready = await load.FilesAsync(Math.Min(100, customers));
        Tell("file-ms", ready.Quantile(0.5), ready.Quantile(0.99), ready.Quantile(1));

        // What the service runs much it compiles a second time while it runs: a service that has run for days has done that.
        string[] both = [.. load.ConnectionPaths, .. load.ListPaths];
        await OpenLoop.RunAsync(service, both, rate, TimeSpan.FromSeconds(seconds));
        foreach (var (name, paths) in new[] { ("get", load.ConnectionPaths), ("list", load.ListPaths), ("both", both) })
        {
            before = ProcessorMilliseconds(arguments[6]);
            var read = await OpenLoop.RunAsync(service, paths, rate, TimeSpan.FromSeconds(seconds));
            Tell($"processor-ms-per-{name}", (ProcessorMilliseconds(arguments[6]) - before) / (rate * seconds));
            Tell($"{name}-ms", read.Quantile(0.5), read.Quantile(0.99), read.Quantile(1));
        }

        Tell("unreported", nodes.Failures);
        return 0;
    }

    /// <summary>User and system time of a process (proc(5): fields 14 and 15 of stat, in hundredths of a second).</summary>
    private static double ProcessorMilliseconds(string pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return 10.0 * (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture));
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static void Tell(string name, params double[] values) => Console.WriteLine(string.Join(' ', [name, .. values.Select(value => value.ToString("0.##", CultureInfo.InvariantCulture))]));
}
