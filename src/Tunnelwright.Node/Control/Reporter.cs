using Microsoft.Extensions.Logging;
using Tunnelwright.Cloud.Client;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Node.Control;

/// <summary>Tells the service what the node sees: at once when a state or a generation changes, and with every heartbeat. Only the newest report counts.</summary>
internal sealed partial class Reporter(ServiceClient service, NodeIdentity identity, TimeProvider time, ILogger log) : IDisposable
{
    private readonly SemaphoreSlim _wake = new(0, 1);
    private volatile NodeReport? _latest;
    private string _told = "";

    /// <summary>Hands over the newest report.</summary>
    /// <param name="report">All tunnels.</param>
    public void Offer(NodeReport report)
    {
        _latest = report;
        if (Essence(report) != _told && _wake.CurrentCount == 0) Release();
    }

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var beat = TimeSpan.FromSeconds(Math.Clamp(identity.Registered?.HeartbeatSeconds ?? 1, 1, 60));
            using (var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
            {
                // A little before it is due.
                using var timer = time.CreateTimer(_ => Release(), null, beat * 0.8, Timeout.InfiniteTimeSpan);
                await _wake.WaitAsync(limit.Token);
            }

            if (identity.Registered is null || _latest is not { } report) continue;
            try
            {
                await service.SendAsync(HttpMethod.Put, Paths.NodeObserved, report, CloudJson.Default.NodeReport, CloudJson.Default.NodeAnswer, cancellationToken: cancellationToken);
                _told = Essence(report);
            }
            catch (ServiceException problem)
            {
                _told = "";
                Untold(problem.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _wake.Dispose();

    /// <summary>What is told at once when it changes.</summary>
    private static string Essence(NodeReport report) =>
        $"{report.AppliedVersion};{string.Join(';', report.Tunnels.Select(tunnel => $"{tunnel.ConnectionId} {tunnel.Number} {tunnel.AppliedGeneration} {tunnel.Observed.State} {tunnel.Observed.Ike?.KeyGeneration} {tunnel.Observed.Bgp?.State} {tunnel.Observed.Names?.State} {tunnel.Problem}"))}";

    private void Release()
    {
        try
        {
            _wake.Release();
        }
        catch (Exception problem) when (problem is SemaphoreFullException or ObjectDisposedException)
        {
            // It is awake already, or ended.
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "a report did not arrive: {Words}")]
    private partial void Untold(string words);
}
