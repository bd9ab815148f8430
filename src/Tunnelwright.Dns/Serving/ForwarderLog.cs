using System.Threading.Channels;

namespace Tunnelwright.Dns.Serving;

/// <summary>Lines for the log, written by a task of its own: no thread that answers waits for a terminal or a disk. Too many are dropped and counted.</summary>
internal sealed class ForwarderLog : IAsyncDisposable
{
    private const int Capacity = 10_000;
    private readonly Channel<string> _lines = Channel.CreateBounded<string>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly Task _writing;
    private long _dropped;

    public ForwarderLog(Action<string>? write, bool queries)
    {
        LogsQueries = queries && write is not null;
        _writing = WriteAsync(write ?? (_ => { }));
    }

    /// <summary>Whether a line for every question is wanted.</summary>
    public bool LogsQueries { get; }

    public void Write(string line)
    {
        if (!_lines.Writer.TryWrite(line)) Interlocked.Increment(ref _dropped);
    }

    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        await _writing;
    }

    private async Task WriteAsync(Action<string> write)
    {
        await foreach (var line in _lines.Reader.ReadAllAsync())
        {
            write(line);
            if (Interlocked.Exchange(ref _dropped, 0) is var dropped and > 0) write($"{dropped} lines were left out");
        }
    }
}
