using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Tests;

/// <summary>The whole service in this process, on a port of its own, over a database of its own.</summary>
internal sealed class TestService : IAsyncDisposable
{
    private readonly bool _ownsFolder;
    private readonly List<TestNode> _nodes = [];

    private TestService(WebApplication app, CloudOptions options, bool ownsFolder)
    {
        (App, Options, _ownsFolder) = (app, options, ownsFolder);
        Administrator = ClientOf(File.ReadAllText(Path.Combine(options.StateFolder, FirstAdministrator.File)).Trim());
    }

    public WebApplication App { get; }

    public CloudOptions Options { get; }

    public Uri Address => new(App.Urls.First());

    /// <summary>A client with the first administrator's token.</summary>
    public TestClient Administrator { get; }

    public Database Database => App.Services.GetRequiredService<Database>();

    public KeyRing Keys => App.Services.GetRequiredService<KeyRing>();

    /// <summary>Starts a service.</summary>
    public static async Task<TestService> StartAsync(ClusterFixture cluster, Action<CloudOptions>? configure = null)
    {
        var options = new CloudOptions
        {
            Listen = "http://127.0.0.1:0",
            Database = await cluster.NewDatabaseAsync(),
            StateFolder = TemporaryFolder.New(),
            HeartbeatSeconds = 1,
            SilentAfterSeconds = 30,
            DrainSeconds = 0.2,
            RetrySeconds = 0.2,
            SignInsPerMinute = 1000,
            PrivateWebhooks = true,
        };
        configure?.Invoke(options);
        return await StartAsync(options, ownsFolder: true);
    }

    /// <summary>Another replica over the same database and keys.</summary>
    public Task<TestService> StartReplicaAsync() => StartAsync(Options, ownsFolder: false);

    public TestClient ClientOf(string? token) => new(Address, token);

    /// <summary>A pool of addresses and nodes of as many failure domains.</summary>
    public async Task<TestNode[]> AddNodesAsync(CustomerGateways gateways, params string[] domains)
    {
        if ((await Administrator.GetAsync(Paths.AddressPools, CloudJson.Default.PageAddressPool)).Items.Count == 0)
            await Administrator.PostAsync(Paths.AddressPools, new NewAddressPool("52.30.0.0/24"), CloudJson.Default.NewAddressPool, CloudJson.Default.AddressPool);
        var added = new List<TestNode>();
        foreach (var domain in domains)
        {
            var invitation = await Administrator.PostAsync(Paths.RegistrationTokens, new NewRegistrationToken(domain), CloudJson.Default.NewRegistrationToken, CloudJson.Default.RegistrationToken);
            added.Add(await TestNode.StartAsync(Address, invitation.Secret, $"node in {domain}", gateways));
        }

        _nodes.AddRange(added);
        return [.. added];
    }

    public Task<Customer> AddCustomerAsync(string name = "Acme", Func<NewCustomer, NewCustomer>? change = null)
    {
        var customer = new NewCustomer(name, "10.8.2.0/24");
        return Administrator.PostAsync(Paths.Customers, change?.Invoke(customer) ?? customer, CloudJson.Default.NewCustomer, CloudJson.Default.Customer);
    }

    /// <summary>A client with a new token of a customer.</summary>
    public async Task<TestClient> ClientOfAsync(Customer customer, Role role)
    {
        var issued = await Administrator.PostAsync(Paths.Tokens(customer.Id), new NewApiToken("test", role), CloudJson.Default.NewApiToken, CloudJson.Default.IssuedToken);
        return ClientOf(issued.Secret);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) await node.DisposeAsync();
        await App.StopAsync();
        await App.DisposeAsync();
        if (_ownsFolder) Directory.Delete(Options.StateFolder, recursive: true);
    }

    private static async Task<TestService> StartAsync(CloudOptions options, bool ownsFolder)
    {
        var app = await CloudHost.BuildAsync(options, CancellationToken.None);
        await app.StartAsync();
        return new TestService(app, options, ownsFolder);
    }
}

/// <summary>Waits for something that comes soon.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<T> GetAsync<T>(Func<Task<T>> look, Func<T, bool> isThere, string what)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var value = await look();
            if (isThere(value)) return value;
            if (TimeProvider.System.GetElapsedTime(began) > Patience) Assert.Fail($"did not come: {what}; last seen: {value}");
            await Task.Delay(20);
        }
    }
}

/// <summary>An answer that the test did not expect.</summary>
internal sealed class AnswerException(HttpStatusCode status, string text, ProblemDocument? problem) : Exception($"{(int)status}: {text}")
{
    public HttpStatusCode Status => status;

    public ProblemDocument? Problem => problem;
}
