using System.Threading.Channels;

namespace Tunnelwright.Dns.Serving;

/// <summary>Lines for the log, written by a task of its own: no thread that answers waits for a terminal or a disk. Too many are dropped and counted.</summary>
internal sealed class ForwarderLog : IAsyncDisposable
{
    private const int Capacity = 10_000;
    private readonly Channel<(string Line, bool IsQuery)> _lines = Channel.CreateBounded<(string Line, bool IsQuery)>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly Action<string>? _write;
    private readonly Lock _gate = new();
    private readonly Task _writing;
    private Action<string>[] _watchers = [];
    private volatile bool _logsAll;
    private volatile bool _logsQueries;
    private long _dropped;

    public ForwarderLog(Action<string>? write, bool queries)
    {
        _write = write;
        LogsAll = queries;
        _writing = WriteAsync();
    }

    /// <summary>Whether the configuration wants a line for every question.</summary>
    public bool LogsAll
    {
        get => _logsAll;
        set
        {
            lock (_gate)
            {
                _logsAll = value && _write is not null;
                _logsQueries = _logsAll || _watchers.Length > 0;
            }
        }
    }

    /// <summary>Whether somebody wants a line for every question.</summary>
    public bool LogsQueries => _logsQueries;

    public void Write(string line) => Add((line, false));

    public void WriteQuery(string line) => Add((line, true));

    /// <summary>Lines about questions go here as well until the result is disposed of.</summary>
    public IDisposable Watch(Action<string> take)
    {
        Change(watchers => [.. watchers, take]);
        return new Watcher(() => Change(watchers => [.. watchers.Where(watcher => watcher != take)]));
    }

    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        await _writing;
    }

    private void Change(Func<Action<string>[], Action<string>[]> change)
    {
        lock (_gate)
        {
            _watchers = change(_watchers);
            _logsQueries = _logsAll || _watchers.Length > 0;
        }
    }

    private void Add((string Line, bool IsQuery) line)
    {
        if (!_lines.Writer.TryWrite(line)) Interlocked.Increment(ref _dropped);
    }

    private async Task WriteAsync()
    {
        await foreach (var (line, isQuery) in _lines.Reader.ReadAllAsync())
        {
            if (!isQuery || _logsAll) _write?.Invoke(line);
            if (isQuery)
            {
                foreach (var watcher in Volatile.Read(ref _watchers)) watcher(line);
            }

            if (Interlocked.Exchange(ref _dropped, 0) is var dropped and > 0) _write?.Invoke($"{dropped} lines were left out");
        }
    }

    private sealed class Watcher(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
