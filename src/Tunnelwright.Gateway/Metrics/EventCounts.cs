namespace Tunnelwright.Gateway;

/// <summary>Counts events by kind since this process began.</summary>
internal sealed class EventCounts
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Kind, string? Connection, int? Tunnel, string? Cause), long> _counts = [];

    /// <summary>Takes an event.</summary>
    public void Take(GatewayEvent happened)
    {
        var key = (happened.Kind, happened.Connection, happened.Tunnel, happened.Kind == EventKind.Down ? happened.Cause : null);
        lock (_gate) _counts[key] = _counts.GetValueOrDefault(key) + 1;
    }

    /// <summary>How often it happened to a tunnel, whatever the cause.</summary>
    public long Of(string kind, string connection, int tunnel)
    {
        lock (_gate) return _counts.Where(pair => pair.Key.Kind == kind && pair.Key.Connection == connection && pair.Key.Tunnel == tunnel).Sum(pair => pair.Value);
    }

    /// <summary>How often it happened to a connection, whichever the tunnel.</summary>
    public long Of(string kind, string connection)
    {
        lock (_gate) return _counts.Where(pair => pair.Key.Kind == kind && pair.Key.Connection == connection).Sum(pair => pair.Value);
    }

    /// <summary>How often it happened at all.</summary>
    public long Of(string kind)
    {
        lock (_gate) return _counts.Where(pair => pair.Key.Kind == kind).Sum(pair => pair.Value);
    }

    /// <summary>How often a tunnel went down, by cause.</summary>
    public IReadOnlyList<(string Cause, long Count)> Downs(string connection, int tunnel)
    {
        lock (_gate)
        {
            return [.. _counts.Where(pair => pair.Key.Kind == EventKind.Down && pair.Key.Connection == connection && pair.Key.Tunnel == tunnel).Select(pair => (pair.Key.Cause ?? DownCause.Unknown, pair.Value))];
        }
    }
}
