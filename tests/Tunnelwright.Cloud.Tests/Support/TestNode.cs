using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Formats;

namespace Tunnelwright.Cloud.Tests;

/// <summary>What customers have typed into their gateways: the keys of the files that they downloaded.</summary>
internal sealed class CustomerGateways
{
    private readonly ConcurrentDictionary<(string Connection, int Tunnel), string> _keys = new();

    /// <summary>Reads a provider's file as a customer's gateway does.</summary>
    public void Configure(string file)
    {
        var read = ProviderFile.Read(file);
        foreach (var tunnel in read.Connection!.Tunnels) _keys[(read.Connection.Id, tunnel.Number)] = tunnel.Ike.PreSharedKey!.Reveal();
    }

    /// <summary>Whether the customer's gateway would come up with a tunnel's endpoint.</summary>
    public bool Fits(NodeTunnel tunnel) => _keys.TryGetValue((tunnel.ConnectionId, tunnel.Number), out var key) && key == tunnel.PreSharedKey;
}

/// <summary>A node's part of the protocol: asks, takes over, reports. It has no tunnels; what would be up is what the customers' keys say.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TestClient _client;
    private readonly CustomerGateways _gateways;
    private readonly ConcurrentDictionary<string, NodeCustomer> _customers = new(StringComparer.Ordinal);
    private readonly Task _work;
    private long? _version;

    private TestNode(TestClient client, NodeRegistered registered, CustomerGateways gateways)
    {
        (_client, Registered, _gateways) = (client, registered, gateways);
        _work = Task.WhenAll(Task.Run(FollowAsync), Task.Run(ReportAsync));
    }

    public NodeRegistered Registered { get; }

    public string Id => Registered.NodeId;

    /// <summary>While set the node is cut off: it asks nothing and tells nothing.</summary>
    public bool CutOff { get; set; }

    /// <summary>While set the node takes nothing over, so that changes stay on their way.</summary>
    public bool Idle { get; set; }

    /// <summary>Numbers of the tunnels whose BGP sessions do not come to stand, as in the first moments of a tunnel that is up.</summary>
    public IReadOnlyCollection<int> WithoutSession { get; set; } = [];

    public IReadOnlyCollection<NodeCustomer> Customers => [.. _customers.Values];

    public IReadOnlyList<NodeTunnel> Tunnels => [.. _customers.Values.SelectMany(customer => customer.Tunnels)];

    /// <summary>Every tunnel that the node ever had, with its generation: what was seen in between.</summary>
    public ConcurrentQueue<NodeTunnel> History { get; } = [];

    /// <summary>Forgets which version it has, as a node does that is started again.</summary>
    public bool Restarted { get; set; }

    public static Task<TestNode> StartAsync(Uri address, string registrationToken, string name, CustomerGateways gateways) =>
        StartAsync(token => new TestClient(address, token), registrationToken, name, gateways);

    public static async Task<TestNode> StartAsync(Func<string, TestClient> clientOf, string registrationToken, string name, CustomerGateways gateways)
    {
        using var guest = clientOf(registrationToken);
        var registered = await guest.PostAsync(Paths.NodeRegister, new NodeRegistration(name, "test"), CloudJson.Default.NodeRegistration, CloudJson.Default.NodeRegistered);
        return new TestNode(clientOf(registered.Credential), registered, gateways);
    }

    /// <summary>Asks for everything or for what changed.</summary>
    public async Task<NodeDesiredState?> DesiredAsync(long? since, double wait = 0)
    {
        using var answer = await _client.SendAsync(HttpMethod.Get, $"{Paths.NodeDesired}?wait={wait}{(since is { } version ? $"&since={version}" : "")}");
        if (answer.StatusCode == HttpStatusCode.NotModified) return null;
        answer.EnsureSuccessStatusCode();
        return JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(), CloudJson.Default.NodeDesiredState);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        _client.Dispose();
        _stop.Dispose();
    }

    private async Task FollowAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (CutOff || Idle)
                {
                    await Task.Delay(20, _stop.Token);
                    continue;
                }

                if (Restarted) (_version, Restarted) = (null, false);
                if (await DesiredAsync(_version, 1) is not { } state || CutOff || Idle) continue;
                Apply(state);
                await TellAsync();
            }
            catch (Exception problem) when (problem is HttpRequestException or OperationCanceledException)
            {
                await Task.Delay(100);
            }
        }
    }

    private void Apply(NodeDesiredState state)
    {
        var gone = state.Complete ? _customers.Keys.Except(state.Customers.Select(customer => customer.Id), StringComparer.Ordinal) : state.Removed;
        foreach (var id in gone.ToArray()) _customers.TryRemove(id, out _);
        foreach (var customer in state.Customers)
        {
            _customers[customer.Id] = customer;
            foreach (var tunnel in customer.Tunnels) History.Enqueue(tunnel);
        }

        _version = state.Version;
    }

    private async Task ReportAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (!CutOff) await TellAsync();
                await Task.Delay(100, _stop.Token);
            }
            catch (Exception problem) when (problem is HttpRequestException or OperationCanceledException)
            {
                await Task.Delay(100);
            }
        }
    }

    private static ObservedNames? NamesOf(NodeCustomer customer, int tunnel) => customer.Dns.Forwards.Count == 0 || customer.Services.DnsForwarders is not { Count: 2 } forwarders
        ? null
        : new ObservedNames("degraded", [$"{forwarders[tunnel - 1]}:53"], [.. customer.Dns.Forwards.Select(forward => new ObservedDomain(forward.Domain, 12, 0, [$"{forward.Servers[0].Address}:53"], [.. forward.Servers.Skip(1).Select(server => $"{server.Address}:{server.Port}")]))]);

    private async Task TellAsync()
    {
        var now = DateTimeOffset.UtcNow;
        var version = _version ?? 0;
        var tunnels = _customers.Values.SelectMany(customer => customer.Tunnels.Select(tunnel => new NodeTunnelReport(
            tunnel.ConnectionId,
            tunnel.Number,
            tunnel.Generation,
            _gateways.Fits(tunnel)
                ? new ObservedTunnel(TunnelState.Up, now, new ObservedIke(2, "aes256-sha256-modp2048", now, false, tunnel.KeyGeneration), new ObservedChild("aes256-sha256", 18_734_112, 94_210_377, 41_236, 73_904), tunnel.Bgp is null ? null : new ObservedBgp(WithoutSession.Contains(tunnel.Number) ? "active" : "established", tunnel.Ranges.Count, 1, 2), null, NamesOf(customer, tunnel.Number))
                : new ObservedTunnel(TunnelState.Down, now, null, null, null, new ObservedDown(now, "psk-mismatch"))))).ToArray();
        using var answer = await _client.SendAsync(HttpMethod.Put, Paths.NodeObserved, JsonSerializer.Serialize(new NodeReport(version, Complete: true, tunnels), CloudJson.Default.NodeReport));
    }
}
