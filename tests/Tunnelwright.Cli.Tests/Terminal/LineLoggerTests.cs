using Microsoft.Extensions.Logging;

namespace Tunnelwright.Cli.Tests;

/// <summary>Log lines for the journal and for files.</summary>
public sealed class LineLoggerTests
{
    [Fact]
    public void The_journal_gets_priorities_and_no_time()
    {
        Assert.Equal("<6>words\n<4>words\n<3>words two\n<2>words\n", Write(journal: true));
    }

    [Fact]
    public void A_file_gets_the_time_and_no_priorities()
    {
        var lines = Write(journal: false).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Length);
        Assert.All(lines, line => Assert.True(DateTimeOffset.TryParse(line.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture, out var at) && at.Offset == TimeSpan.Zero, line));
    }

    private static string Write(bool journal)
    {
        using var text = new StringWriter { NewLine = "\n" };
        using var provider = new LineLoggerProvider(text, journal);
        var logger = provider.CreateLogger("tunnelwright");
        Log(LogLevel.Debug, "words");
        Log(LogLevel.Information, "words");
        Log(LogLevel.Warning, "words");
        Log(LogLevel.Error, "words\ntwo");
        Log(LogLevel.Critical, "words");
        return text.ToString();

        void Log(LogLevel level, string words) => logger.Log(level, default, words, null, (state, _) => state);
    }
}
