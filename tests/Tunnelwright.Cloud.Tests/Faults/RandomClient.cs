using System.Net;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Tests;

/// <summary>A connection as its client has it in mind.</summary>
internal sealed class ExpectedConnection(string id)
{
    public string Id => id;

    public required IReadOnlyList<string> Ranges { get; set; }

    public int KeyGeneration { get; set; } = 1;
}

/// <summary>
/// A customer's program: asks for random changes of its own connections, repeats with the same idempotency key whatever was not answered or has to wait, and has
/// in mind what must be there in the end. Other programs of the same customer may be at work at the same time.
/// </summary>
internal sealed class RandomClient(TestClient api, string customer, int number, int seed, CustomerGateways gateways)
{
    /// <summary>Connections that one client has at once: two clients stay within a customer's five.</summary>
    private const int Most = 2;

    private const int LongestPauseMilliseconds = 400;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    private readonly Random _random = new((seed * 1009) + number);
    private readonly List<ExpectedConnection> _connections = [];
    private int _ranges;
    private int _gatewayNumber;

    public string Customer => customer;

    /// <summary>How many changes were asked for.</summary>
    public int Asked { get; private set; }

    public IReadOnlyList<ExpectedConnection> Connections => _connections;

    /// <summary>How often which change was asked for, by the audit log's words and the connection.</summary>
    public Dictionary<(string Action, string Connection), int> Changes { get; } = [];

    /// <summary>Requests with an idempotency key that were answered.</summary>
    public int Keys { get; private set; }

    /// <summary>Requests that had to be sent again.</summary>
    public int Repeated { get; private set; }

    /// <summary>One random change, until its answer is known.</summary>
    public async Task StepAsync()
    {
        Asked++;
        if (_connections.Count == 0 || (_connections.Count < Most && _random.Next(3) == 0))
        {
            await CreateAsync();
            return;
        }

        var connection = _connections[_random.Next(_connections.Count)];
        await (_random.Next(8) switch
        {
            0 or 1 or 2 => ChangeAsync(connection),
            3 or 4 => RotateAsync(connection),
            5 or 6 => ReplaceAsync(connection),
            _ => DeleteAsync(connection),
        });
    }

    private async Task CreateAsync()
    {
        var gateway = _gatewayNumber++;
        var ranges = NewRanges();
        var bgp = _random.Next(2) == 0;
        var request = new ConnectionRequest(
            "faults", "network@customer.example", $"98.{80 + number}.{gateway / 250}.{1 + (gateway % 250)}", bgp ? RoutingKind.Bgp : RoutingKind.Static, bgp ? (uint)(64600 + (number * 80) + (gateway % 80)) : null, ranges);
        var made = await UntilKnownAsync(() => api.CreateAsync(customer, request, Key()));
        Keys++;
        Count("connection.create", made.Id);
        _connections.Add(new ExpectedConnection(made.Id) { Ranges = ranges });
        await ConfigureAsync(made);
    }

    private async Task ChangeAsync(ExpectedConnection connection)
    {
        var ranges = NewRanges();
        await UntilKnownAsync(() => api.ChangeAsync(Named(connection), new ConnectionChange(Ranges: ranges)));
        connection.Ranges = ranges;
        Count("connection.change-ranges", connection.Id);
    }

    private async Task RotateAsync(ExpectedConnection connection)
    {
        await UntilKnownAsync(() => api.ActAsync(Paths.RotateKeys(customer, connection.Id), Key()));
        Keys++;
        connection.KeyGeneration++;
        Count("connection.rotate-keys", connection.Id);
        await ConfigureAsync(Named(connection));
    }

    private async Task ReplaceAsync(ExpectedConnection connection)
    {
        var tunnel = _random.Next(1, 3);
        await UntilKnownAsync(() => api.ActAsync(Paths.ReplaceEndpoint(customer, connection.Id, tunnel), Key()));
        Keys++;
        Count("connection.replace-endpoint", connection.Id);
    }

    private async Task DeleteAsync(ExpectedConnection connection)
    {
        _connections.Remove(connection);
        await UntilKnownAsync(async () =>
        {
            try
            {
                await api.DeleteAsync(Paths.Connection(customer, connection.Id));
            }
            catch (AnswerException gone) when (gone.Status == HttpStatusCode.NotFound)
            {
                // The deletion that nobody answered had ended.
            }

            return true;
        });
        Count("connection.delete", connection.Id);
    }

    /// <summary>Puts the file into the customer's gateway as soon as there is one.</summary>
    private async Task ConfigureAsync(Connection connection) => gateways.Configure(await UntilKnownAsync(() => api.FileAsync(connection)));

    private string Key() => $"client-{number}-{Asked}";

    private void Count(string action, string connection) => Changes[(action, connection)] = Changes.GetValueOrDefault((action, connection)) + 1;

    private string[] NewRanges() => [.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => $"10.{100 + number}.{_ranges++ % 250}.0/24")];

    private Connection Named(ExpectedConnection connection) => ConnectionNamed(customer, connection.Id);

    private static Connection ConnectionNamed(string customer, string id) =>
        new(id, customer, "", "", "", "", "", RoutingKind.Static, null, [], "", "", new IkeParameters(), new IpsecParameters(), ConnectionState.Available, null, true, [], default, default, 0);

    /// <summary>Repeats a request until its answer is known: lost answers, a service that is away, and changes that have to wait for others.</summary>
    private async Task<T> UntilKnownAsync<T>(Func<Task<T>> request)
    {
        var (began, pause) = (TimeProvider.System.GetTimestamp(), 20);
        for (; ; Repeated++)
        {
            try
            {
                return await request();
            }
            catch (Exception problem) when (TimeProvider.System.GetElapsedTime(began) < Patience && (problem is HttpRequestException or IOException or AnswerException { Status: HttpStatusCode.Conflict or HttpStatusCode.ServiceUnavailable }))
            {
                await Task.Delay(Random.Shared.Next(pause / 2, pause));
                pause = Math.Min(pause * 2, LongestPauseMilliseconds);
            }
        }
    }
}
