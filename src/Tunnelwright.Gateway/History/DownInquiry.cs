using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Tunnelwright.Gateway;

/// <summary>A root cause that was found for tunnels that are down.</summary>
/// <param name="Connection">The connection's id.</param>
/// <param name="Tunnel">The tunnel's number; null when both are meant.</param>
/// <param name="Cause">The cause's id.</param>
/// <param name="Title">The cause in a few words.</param>
public sealed record RootCause(string Connection, int? Tunnel, string Cause, string Title);

/// <summary>Looks for the root causes of a connection's trouble, at most for some ten seconds: the most likely first, none when nothing is found.</summary>
/// <param name="connection">The connection's id.</param>
/// <param name="cancellationToken">Gives up.</param>
public delegate Task<IReadOnlyList<RootCause>> RootCauseFinder(string connection, CancellationToken cancellationToken);

/// <summary>
/// What is seen at the moment when a tunnel goes down seldom tells why. A moment later everything is looked at, and again while the tunnel stays down, because a peer
/// shows only to the next attempts what it refuses; what is found takes the place of the guess before. One look at a time, whatever goes down meanwhile.
/// </summary>
internal sealed partial class DownInquiry(Chronicle chronicle, RootCauseFinder finder, TimeProvider time, ILogger logger)
{
    /// <summary>After the end, and after each look. A tunnel that is back before the first one was only renewed or restarted, and the guess has seen as much.</summary>
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(60)];

    private readonly Channel<string> _downs = Channel.CreateBounded<string>(new BoundedChannelOptions(64) { FullMode = BoundedChannelFullMode.DropOldest });

    /// <summary>Takes an event; only the ends of tunnels matter.</summary>
    public void Take(GatewayEvent happened)
    {
        if (happened is { Kind: EventKind.Down, Connection: { } connection }) _downs.Writer.TryWrite(connection);
    }

    /// <summary>Works until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // How often each connection has been looked at since its last end of a tunnel, and when it is to be looked at next.
        var open = new Dictionary<string, (int Looks, DateTimeOffset Next)>(StringComparer.Ordinal);
        while (!cancellationToken.IsCancellationRequested)
        {
            await UntilDueAsync(open, cancellationToken);
            while (_downs.Reader.TryRead(out var connection)) open[connection] = (0, time.GetUtcNow() + Pauses[0]);
            foreach (var (connection, (looks, next)) in open.ToList())
            {
                if (next > time.GetUtcNow()) continue;
                if (chronicle.HasTunnelDown(connection)) await LookAsync(connection, cancellationToken);
                if (looks + 1 < Pauses.Length && chronicle.HasTunnelDown(connection)) open[connection] = (looks + 1, time.GetUtcNow() + Pauses[looks + 1]);
                else open.Remove(connection);
            }
        }
    }

    private async Task UntilDueAsync(Dictionary<string, (int Looks, DateTimeOffset Next)> open, CancellationToken cancellationToken)
    {
        var happened = _downs.Reader.WaitToReadAsync(cancellationToken).AsTask();
        if (open.Count == 0)
        {
            await happened;
            return;
        }

        var pause = open.Values.Min(look => look.Next) - time.GetUtcNow();
        if (pause > TimeSpan.Zero) await Task.WhenAny(happened, Task.Delay(pause, time, cancellationToken));
    }

    private async Task LookAsync(string connection, CancellationToken cancellationToken)
    {
        try
        {
            chronicle.NameCauses(await finder(connection, cancellationToken));
        }
        catch (Exception problem) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it was: the next look may do.
            NothingFound(connection, problem.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Connection}: why a tunnel is down could not be looked at: {Words}")]
    private partial void NothingFound(string connection, string words);
}
