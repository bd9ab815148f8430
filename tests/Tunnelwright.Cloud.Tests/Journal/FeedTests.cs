using System.Text.Json;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Tests;

public sealed class FeedTests(ClusterFixture cluster)
{
    [Fact]
    public async Task The_feed_tells_what_happens_and_goes_on_where_a_reader_stopped()
    {
        await using var service = await TestService.StartAsync(cluster);
        var gateways = new CustomerGateways();
        await service.AddNodesAsync(gateways, "zone-a", "zone-b");
        var (customer, other) = (await service.AddCustomerAsync(), await service.AddCustomerAsync("other"));
        using var reader = await FollowAsync(service, customer, null);
        var connection = await service.Administrator.SettledAsync(await service.Administrator.CreateAsync(customer.Id, Requests.Static()));
        await service.Administrator.SettledAsync(await service.Administrator.CreateAsync(other.Id, Requests.Static()));
        var requested = await NextAsync(reader);
        var available = await NextAsync(reader);
        Assert.Equal(("connection.requested", "connection.available", connection.Id), (requested.Kind, available.Kind, available.ConnectionId));

        gateways.Configure(await service.Administrator.FileAsync(connection));
        var up = new[] { await NextAsync(reader), await NextAsync(reader) };
        Assert.Equal([("tunnel.up", 1), ("tunnel.up", 2)], up.Select(one => (one.Kind, one.Tunnel!.Value)).Order());
        using var late = await FollowAsync(service, customer, requested.Id);
        Assert.Equal(available.Id, (await NextAsync(late)).Id);
        using var nonsense = await service.Administrator.SendAsync(HttpMethod.Get, Paths.Events(customer.Id), null, ("Last-Event-ID", "nonsense"));
        Assert.Equal(422, (int)nonsense.StatusCode);
    }

    private static async Task<StreamReader> FollowAsync(TestService service, Customer customer, string? after)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Paths.Events(customer.Id));
        if (after is not null) request.Headers.Add("Last-Event-ID", after);
        var answer = await service.Administrator.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        Assert.Equal(": change feed", await reader.ReadLineAsync());
        return reader;
    }

    private static async Task<ChangeEvent> NextAsync(StreamReader reader)
    {
        while (true)
        {
            var line = await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)) ?? throw new EndOfStreamException();
            if (line.StartsWith("data: ")) return JsonSerializer.Deserialize(line["data: ".Length..], CloudJson.Default.ChangeEvent)!;
        }
    }
}
