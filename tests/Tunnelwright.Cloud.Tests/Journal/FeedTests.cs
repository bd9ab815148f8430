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

    [Fact]
    public async Task The_feed_ends_with_the_readers_token_and_there_is_none_of_nobody()
    {
        await using var service = await TestService.StartAsync(cluster);
        var customer = await service.AddCustomerAsync();
        var issued = await service.Administrator.PostAsync(Paths.Tokens(customer.Id), new NewApiToken("reader"), CloudJson.Default.NewApiToken, CloudJson.Default.IssuedToken);
        using var own = service.ClientOf(issued.Secret);
        using var reader = await FollowAsync(own, customer, null);
        await service.Administrator.CreateAsync(customer.Id, Requests.Static());
        Assert.Equal("connection.requested", (await NextAsync(reader)).Kind);
        await service.Administrator.DeleteAsync($"{Paths.Tokens(customer.Id)}/{issued.Token.Id}");
        Assert.DoesNotContain("data:", await reader.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        using var nobodys = await service.Administrator.SendAsync(HttpMethod.Get, Paths.Events("c0000000000"), null, ("Last-Event-ID", "1-1"));
        Assert.Equal(404, (int)nobodys.StatusCode);
    }

    [Fact]
    public async Task A_caller_follows_so_many_feeds_and_no_more()
    {
        await using var service = await TestService.StartAsync(cluster);
        var customer = await service.AddCustomerAsync();
        using var own = await service.ClientOfAsync(customer, Role.Viewer);
        var readers = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => FollowAsync(own, customer, null)));
        using var refused = await own.SendAsync(HttpMethod.Get, Paths.Events(customer.Id));
        Assert.Equal(429, (int)refused.StatusCode);
        readers[0].Dispose();
        await Eventually.GetAsync(
            async () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, Paths.Events(customer.Id));
                using var answer = await own.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
                return (int)answer.StatusCode;
            },
            status => status == 200,
            "a feed in the place of one that ended");
        foreach (var reader in readers) reader.Dispose();
    }

    private static Task<StreamReader> FollowAsync(TestService service, Customer customer, string? after) => FollowAsync(service.Administrator, customer, after);

    private static async Task<StreamReader> FollowAsync(TestClient client, Customer customer, string? after)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Paths.Events(customer.Id));
        if (after is not null) request.Headers.Add("Last-Event-ID", after);
        var answer = await client.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
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
