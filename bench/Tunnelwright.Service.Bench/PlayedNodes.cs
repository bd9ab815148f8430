using Tunnelwright.Cloud.Client;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Service;

/// <summary>Nodes of several failure domains.</summary>
internal sealed class PlayedNodes : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<PlayedNode> _nodes = [];
    private Task _work = Task.CompletedTask;

    /// <summary>Reports that did not arrive.</summary>
    public int Failures => _nodes.Sum(node => node.Failures);

    public static async Task<PlayedNodes> StartAsync(Uri address, ServiceClient administrator, int count, int domains)
    {
        var nodes = new PlayedNodes();
        for (var number = 0; number < count; number++)
        {
            var token = await administrator.SendAsync(
                HttpMethod.Post, Paths.RegistrationTokens, new NewRegistrationToken($"zone-{number % domains}"), CloudJson.Default.NewRegistrationToken, CloudJson.Default.RegistrationToken);
            nodes._nodes.Add(await PlayedNode.RegisterAsync(address, token.Secret, $"node-{number}"));
        }

        nodes._work = Task.WhenAll(nodes._nodes.Select(node => node.RunAsync(nodes._stop.Token)));
        return nodes;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        foreach (var node in _nodes) node.Dispose();
        _stop.Dispose();
    }
}
