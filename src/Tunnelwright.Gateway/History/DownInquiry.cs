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
/// What is seen at the moment when a tunnel goes down seldom tells why. A moment later everything is looked at, and what is found takes the place of the first
/// guess, if the tunnel is still down by then. One look at a time, whatever goes down meanwhile.
/// </summary>
internal sealed partial class DownInquiry(Chronicle chronicle, RootCauseFinder finder, TimeProvider time, ILogger logger)
{
    /// <summary>A tunnel that is back before was only renewed or restarted, and the first guess has seen as much.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    private readonly Channel<string> _downs = Channel.CreateBounded<string>(new BoundedChannelOptions(64) { FullMode = BoundedChannelFullMode.DropOldest });

    /// <summary>Takes an event; only the ends of tunnels matter.</summary>
    public void Take(GatewayEvent happened)
    {
        if (happened is { Kind: EventKind.Down, Connection: { } connection }) _downs.Writer.TryWrite(connection);
    }

    /// <summary>Works until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var first in _downs.Reader.ReadAllAsync(cancellationToken))
        {
            await Task.Delay(Settling, time, cancellationToken);
            var connections = new HashSet<string>(StringComparer.Ordinal) { first };
            while (_downs.Reader.TryRead(out var more)) connections.Add(more);
            foreach (var connection in connections.Where(chronicle.HasTunnelDown))
            {
                try
                {
                    chronicle.NameCauses(await finder(connection, cancellationToken));
                }
                catch (Exception problem) when (!cancellationToken.IsCancellationRequested)
                {
                    // Whatever it was: the next tunnel that goes down is looked at again.
                    NothingFound(connection, problem.Message);
                }
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Connection}: why a tunnel is down could not be looked at: {Words}")]
    private partial void NothingFound(string connection, string words);
}
