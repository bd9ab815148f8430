using Tunnelwright.Gateway;

namespace Tunnelwright.Cli;

/// <summary>The rates of a tunnel as they were seen from one status to the next, bytes a second, the newest last.</summary>
internal sealed class TunnelRates
{
    /// <summary>Values kept.</summary>
    public const int Length = 60;

    private (string? Spi, long In, long Out, TimeSpan At)? _last;

    /// <summary>Bytes received a second.</summary>
    public List<double> In { get; } = [];

    /// <summary>Bytes sent a second.</summary>
    public List<double> Out { get; } = [];

    /// <summary>Takes a status. A renewed pair counts from 0.</summary>
    public void Take(TunnelStatus tunnel, TimeSpan at)
    {
        var (spi, bytesIn, bytesOut) = (tunnel.Child?.SpiIn, tunnel.Child?.BytesIn ?? 0, tunnel.Child?.BytesOut ?? 0);
        if (_last is { } last && at > last.At)
        {
            var seconds = (at - last.At).TotalSeconds;
            var same = spi is not null && spi == last.Spi;
            Add(In, spi is null ? 0 : Math.Max(bytesIn - (same ? last.In : 0), 0) / seconds);
            Add(Out, spi is null ? 0 : Math.Max(bytesOut - (same ? last.Out : 0), 0) / seconds);
        }

        _last = (spi, bytesIn, bytesOut, at);
    }

    private static void Add(List<double> values, double value)
    {
        values.Add(value);
        if (values.Count > Length) values.RemoveAt(0);
    }
}

/// <summary>The rates of all tunnels.</summary>
internal sealed class RateHistory
{
    private readonly Dictionary<(string Connection, int Tunnel), TunnelRates> _tunnels = [];

    /// <summary>The rates of a tunnel.</summary>
    public TunnelRates Of(string connection, int tunnel)
    {
        if (!_tunnels.TryGetValue((connection, tunnel), out var rates)) _tunnels[(connection, tunnel)] = rates = new TunnelRates();
        return rates;
    }

    /// <summary>Takes a status.</summary>
    /// <param name="status">The status.</param>
    /// <param name="at">When it was taken, on a clock that only goes forward.</param>
    public void Take(StatusDocument status, TimeSpan at)
    {
        foreach (var connection in status.Connections)
        {
            foreach (var tunnel in connection.Tunnels) Of(connection.Id, tunnel.Number).Take(tunnel, at);
        }
    }
}
