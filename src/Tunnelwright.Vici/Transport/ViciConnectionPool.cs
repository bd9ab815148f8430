namespace Tunnelwright.Vici.Transport;

/// <summary>
/// Keeps connections for reuse and bounds how many there are. Blocking requests have places of their own, so that any number of
/// waiting <c>initiate</c> never keeps a quick request waiting.
/// </summary>
internal sealed class ViciConnectionPool(ViciEndpoint endpoint, int quickPlaces, int blockingPlaces) : IDisposable
{
    private readonly SemaphoreSlim _quick = new(quickPlaces);
    private readonly SemaphoreSlim _blocking = new(blockingPlaces);
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _lock = new();
    private readonly Stack<ViciConnection> _idle = new();
    private readonly HashSet<ViciConnection> _busy = [];
    private bool _closed;

    /// <summary>Cancelled when the pool is disposed of.</summary>
    public CancellationToken Closing => _closing.Token;

    /// <summary>Waits for a place, then takes an idle connection or makes one.</summary>
    /// <param name="blocking">Which places to use.</param>
    /// <param name="fresh">Never take an idle one: those are suspect.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<ViciConnection> RentAsync(bool blocking, bool fresh, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_closed, typeof(ViciClient));
        var places = blocking ? _blocking : _quick;
        var waiting = places.WaitAsync(cancellationToken);
        if (!waiting.IsCompletedSuccessfully)
            await Unless(waiting, places, cancellationToken);
        try
        {
            while (!fresh && TakeIdle() is { } idle)
            {
                if (!idle.IsStale())
                    return idle;
                Forget(idle);
            }

            if (fresh)
                DropIdle();
            return await ConnectAsync(cancellationToken);
        }
        catch
        {
            places.Release();
            throw;
        }
    }

    /// <summary>Gives a connection back; one that is not reusable is closed.</summary>
    public void Return(ViciConnection connection, bool blocking, bool reusable)
    {
        connection.Used = true;
        connection.RequestSent = false;
        lock (_lock)
        {
            _busy.Remove(connection);
            if (reusable && !_closed)
            {
                _idle.Push(connection);
                connection = null!;
            }
        }

        connection?.Dispose();
        (blocking ? _blocking : _quick).Release();
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_closed)
                return;
            _closed = true;
            foreach (var busy in _busy)
                busy.Abort(ViciConnectionFailure.ClientDisposed);
        }

        _closing.Cancel();
        DropIdle();
    }

    private ViciConnection? TakeIdle()
    {
        lock (_lock)
        {
            if (!_idle.TryPop(out var connection))
                return null;
            _busy.Add(connection);
            return connection;
        }
    }

    private void Forget(ViciConnection connection)
    {
        lock (_lock)
            _busy.Remove(connection);
        connection.Dispose();
    }

    private void DropIdle()
    {
        while (TakeIdle() is { } idle)
            Forget(idle);
    }

    private async Task<ViciConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        ViciConnection connection;
        try
        {
            connection = await endpoint.ConnectAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Disposed();
        }

        lock (_lock)
        {
            if (!_closed)
            {
                _busy.Add(connection);
                return connection;
            }
        }

        connection.Dispose();
        throw Disposed();
    }

    /// <summary>Waits for a place, but not longer than the pool lives.</summary>
    private async Task Unless(Task waiting, SemaphoreSlim places, CancellationToken cancellationToken)
    {
        try
        {
            await waiting.WaitAsync(_closing.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            _ = waiting.ContinueWith(
                _ => places.Release(),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
            throw Disposed();
        }
    }

    private ViciConnectionException Disposed() =>
        new(ViciConnectionFailure.ClientDisposed, endpoint.Path, $"The client of '{endpoint.Path}' was disposed of.");
}
