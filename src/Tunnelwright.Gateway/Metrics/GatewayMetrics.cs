using System.Diagnostics.Metrics;

namespace Tunnelwright.Gateway;

/// <summary>Collects what the metrics are made of; the meter itself is made when somebody first asks for it.</summary>
internal sealed class GatewayMetrics : IDisposable
{
    private readonly TrafficTotals _traffic = new();
    private readonly EventCounts _events = new();
    private readonly Lazy<GatewayMeter> _meter;

    public GatewayMetrics(Func<StatusDocument> status) => _meter = new Lazy<GatewayMeter>(() => new GatewayMeter(status, _traffic, _events, Passes));

    /// <summary>Passes of the engine.</summary>
    public PassCounts Passes { get; } = new();

    /// <summary>The meter.</summary>
    public Meter Meter => _meter.Value.Meter;

    /// <summary>Takes a look's counters.</summary>
    public void Take(ObservedGateway observed) => _traffic.Take(observed);

    /// <summary>Takes an event.</summary>
    public void Take(GatewayEvent happened) => _events.Take(happened);

    public void Dispose()
    {
        if (_meter.IsValueCreated) _meter.Value.Dispose();
    }
}
