using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Tunnelwright.Cli;

/// <summary>One line a message, with a priority prefix that the systemd journal reads (sd-daemon(3)) when the output is the journal's, else with the time.</summary>
internal sealed class LineLoggerProvider(TextWriter output, bool journal) : ILoggerProvider
{
    /// <summary>A provider that writes to standard error knows whether that is the journal's.</summary>
    public LineLoggerProvider(TextWriter output)
        : this(output, output == Console.Error && IsJournal())
    {
    }

    public ILogger CreateLogger(string categoryName) => new LineLogger(output, categoryName, journal);

    public void Dispose()
    {
        // The writer is the process's own.
    }

    /// <summary>Whether standard error still is the stream that JOURNAL_STREAM names by device and inode (systemd.exec(5)): a child inherits the variable, not always the stream.</summary>
    private static bool IsJournal()
    {
        var parts = Environment.GetEnvironmentVariable("JOURNAL_STREAM")?.Split(':');
        return parts is [_, var inode] && new FileInfo("/proc/self/fd/2").LinkTarget == $"socket:[{inode}]";
    }

    private sealed class LineLogger(TextWriter output, string category, bool journal) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= (category == "tunnelwright" ? LogLevel.Information : LogLevel.Warning);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            var prefix = journal
                ? logLevel switch { LogLevel.Critical => "<2>", LogLevel.Error => "<3>", LogLevel.Warning => "<4>", LogLevel.Information => "<6>", _ => "<7>" }
                : TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ ", CultureInfo.InvariantCulture);
            var words = $"{formatter(state, exception)}{(exception is null ? "" : $": {exception.Message}")}";
            output.WriteLine(prefix + string.Concat(words.Select(c => char.IsControl(c) ? ' ' : c)));
        }
    }
}
