using Microsoft.Extensions.Logging;
using Tunnelwright.Cloud.Client;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Node.Control;

/// <summary>Keeps the desired state the newest one: asks with a long wait, takes what comes, and asks for everything after a start or a doubt.</summary>
internal sealed partial class DesiredWatch(ServiceClient service, NodeIdentity identity, DesiredStore store, Action changed, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private const int Unauthorized = 401;

    /// <summary>Whether the last question was answered.</summary>
    public bool Connected { get; private set; }

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        long? since = null;
        var pause = FirstPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await identity.EnsureAsync(cancellationToken);
                var query = since is { } version ? $"?since={version}&wait={Wait.TotalSeconds:0}" : "";
                var next = await service.GetAsync(Paths.NodeDesired + query, CloudJson.Default.NodeDesiredState, since is null ? null : Wait, cancellationToken);
                if (!Connected) Reached(identity.Registered!.NodeId);
                Connected = true;
                pause = FirstPause;
                if (next is null) continue;
                await store.TakeAsync(next, cancellationToken);
                since = next.Version;
                changed();
            }
            catch (Exception problem) when (problem is ServiceException or IOException or UnauthorizedAccessException)
            {
                if (Connected || pause == FirstPause) Lost(problem.Message);
                Connected = false;
                if (problem is ServiceException { Status: Unauthorized }) identity.Forget();

                // Jitter: a hundred nodes that lost the service at once do not come back at once.
                await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), time, cancellationToken);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "the service knows this node as {Node}")]
    private partial void Reached(string node);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Words}; what is here goes on")]
    private partial void Lost(string words);
}
