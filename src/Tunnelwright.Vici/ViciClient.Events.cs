namespace Tunnelwright.Vici;

public sealed partial class ViciClient
{
    /// <summary>
    /// Listens to events on a connection of its own until the enumeration is given up. The first mark is
    /// <see cref="ViciEventKind.Subscribed"/> (events that come while several names are being registered may precede it).
    /// </summary>
    /// <param name="eventNames">Which events, see <see cref="ViciEventNames"/>; at least one.</param>
    /// <param name="options">Settings, or null for the usual ones.</param>
    /// <param name="cancellationToken">Ends the enumeration with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">No event was named, or a setting is out of its range.</exception>
    /// <exception cref="ViciUnknownEventException">The daemon does not know one of the events.</exception>
    /// <exception cref="ViciConnectionException">
    /// The daemon cannot be reached or hung up, and <see cref="ViciListenOptions.Resubscribe"/> is off; or the client was disposed of.
    /// </exception>
    public IAsyncEnumerable<ViciEvent> ListenAsync(
        IReadOnlyCollection<string> eventNames, ViciListenOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(eventNames);
        if (eventNames.Count == 0)
            throw new ArgumentException("At least one event must be named.", nameof(eventNames));
        ObjectDisposedException.ThrowIf(_pool.Closing.IsCancellationRequested, this);
        options ??= new ViciListenOptions();
        if (options.Problem() is { } problem)
            throw new ArgumentException(problem, nameof(options));
        var names = eventNames.Distinct(StringComparer.Ordinal).ToArray();
        return new ViciEventFeed(_endpoint, names, options, _options.RequestTimeout).ReadAllAsync(_pool.Closing, cancellationToken);
    }
}
