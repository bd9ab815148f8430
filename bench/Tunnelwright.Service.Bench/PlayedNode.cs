using System.Collections.Concurrent;
using Tunnelwright.Cloud.Client;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Service;

/// <summary>
/// A node's part of the protocol, and nothing behind it: it says at once that it works with what it was told, and tells of all its tunnels, which are up and
/// count bytes, as often as a node does.
/// </summary>
internal sealed class PlayedNode : IDisposable
{
    private const double Wait = 20;

    private readonly ServiceClient _client;
    private readonly TimeSpan _beat;
    private readonly ConcurrentDictionary<string, NodeCustomer> _customers = new(StringComparer.Ordinal);
    private readonly DateTimeOffset _began = TimeProvider.System.GetUtcNow();
    private readonly SemaphoreSlim _telling = new(1, 1);
    private long? _version;
    private int _failures;

    private PlayedNode(ServiceClient client, NodeRegistered registered) => (_client, _beat) = (client, TimeSpan.FromSeconds(registered.HeartbeatSeconds * 0.8));

    public int Failures => _failures;

    public static async Task<PlayedNode> RegisterAsync(Uri address, string token, string name)
    {
        using var guest = new ServiceClient(address) { Token = token };
        var registered = await guest.SendAsync(HttpMethod.Post, Paths.NodeRegister, new NodeRegistration(name, "bench"), CloudJson.Default.NodeRegistration, CloudJson.Default.NodeRegistered);
        return new PlayedNode(new ServiceClient(address) { Token = registered.Credential }, registered);
    }

    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(RepeatAsync(FollowAsync, cancellationToken), RepeatAsync(TellAllAsync, cancellationToken));

    public void Dispose()
    {
        _client.Dispose();
        _telling.Dispose();
    }

    private async Task RepeatAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await work(cancellationToken);
            }
            catch (ServiceException)
            {
                Interlocked.Increment(ref _failures);
                await Task.Delay(100, CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        var since = _version is { } version ? $"&since={version}" : "";
        if (await _client.GetAsync($"{Paths.NodeDesired}?wait={Wait}{since}", CloudJson.Default.NodeDesiredState, TimeSpan.FromSeconds(Wait), cancellationToken) is not { } state) return;
        foreach (var id in state.Removed) _customers.TryRemove(id, out _);
        foreach (var customer in state.Customers) _customers[customer.Id] = customer;
        _version = state.Version;
        await TellAsync(complete: false, state.Customers, cancellationToken);
    }

    private async Task TellAllAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(_beat, cancellationToken);
        await TellAsync(complete: true, _customers.Values, cancellationToken);
    }

    /// <summary>One report after the other, as a node does: a complete one that was made before and arrives after another would take back what that told.</summary>
    private async Task TellAsync(bool complete, IEnumerable<NodeCustomer> customers, CancellationToken cancellationToken)
    {
        await _telling.WaitAsync(cancellationToken);
        try
        {
            var version = _version ?? 0;
            var bytes = (long)(TimeProvider.System.GetUtcNow() - _began).TotalMilliseconds;
            var tunnels = customers.SelectMany(customer => customer.Tunnels).Select(tunnel => new NodeTunnelReport(tunnel.ConnectionId, tunnel.Number, tunnel.Generation, Up(tunnel, bytes))).ToArray();
            await _client.SendAsync(HttpMethod.Put, Paths.NodeObserved, new NodeReport(version, complete, tunnels), CloudJson.Default.NodeReport, CloudJson.Default.NodeAnswer, cancellationToken: cancellationToken);
        }
        finally
        {
            _telling.Release();
        }
    }

    private ObservedTunnel Up(NodeTunnel tunnel, long bytes) => new(
        TunnelState.Up,
        _began,
        new ObservedIke(2, "aes256-sha256-modp2048", _began, false, tunnel.KeyGeneration),
        new ObservedChild("aes256-sha256-modp2048", bytes, bytes, bytes / 100, bytes / 100),
        tunnel.Bgp is null ? null : new ObservedBgp("established", tunnel.Ranges.Count, 1),
        null);
}
