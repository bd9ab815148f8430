using Microsoft.Extensions.Logging;

namespace Tunnelwright.Cli;

/// <summary>One line a message, with a priority prefix that the systemd journal reads (sd-daemon(3)) when standard error is the journal's, else with the time.</summary>
internal sealed class LineLoggerProvider(TextWriter output) : ILoggerProvider
{
    private static readonly bool Journal = Environment.GetEnvironmentVariable("JOURNAL_STREAM") is not null;

    public ILogger CreateLogger(string categoryName) => new LineLogger(output, categoryName);

    public void Dispose()
    {
        // The writer is the process's own.
    }

    private sealed class LineLogger(TextWriter output, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= (category == "tunnelwright" ? LogLevel.Information : LogLevel.Warning);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            var prefix = Journal
                ? logLevel switch { >= LogLevel.Error => "<3>", LogLevel.Warning => "<4>", _ => "<6>" }
                : $"{TimeProvider.System.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} ";
            output.WriteLine($"{prefix}{formatter(state, exception)}{(exception is null ? "" : $": {exception.Message}")}");
        }
    }
}
