using System.Text;

namespace Tunnelwright.Cli;

/// <summary>
/// The terminal while something is watched: the alternate screen (xterm, private mode 1049) without a cursor. A frame is written in one piece
/// over the one before (mode 2026 where the terminal knows it), so that nothing flickers. The end, whichever it is, brings the terminal back.
/// </summary>
internal sealed class LiveScreen : IDisposable
{
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(50);

    private readonly bool _colours = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
    private readonly Stream _output = Console.OpenStandardOutput();

    private Func<(int Width, int Height), IReadOnlyList<ScreenLine>>? _render;

    public LiveScreen() => Write("\e[?1049h\e[?25l\e[2J");

    /// <summary>Whether the output is a terminal that can be drawn on.</summary>
    public static bool IsPossible => !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is { Length: > 0 } and not "dumb";

    /// <summary>Columns and rows now.</summary>
    public static (int Width, int Height) Size
    {
        get
        {
            var (width, height) = (Console.WindowWidth, Console.WindowHeight);
            return (width > 0 ? width : 80, height > 0 ? height : 24);
        }
    }

    /// <summary>Shows a frame, and again in the new size when the terminal's changes.</summary>
    public void Show((int Width, int Height) size, Func<(int Width, int Height), IReadOnlyList<ScreenLine>> render)
    {
        _render = render;
        var lines = render(size);
        var frame = new StringBuilder("\e[?2026h\e[H");
        for (var i = 0; i < lines.Count; i++)
        {
            frame.Append(lines[i].ToText(size.Width, _colours)).Append("\e[K");
            if (i < lines.Count - 1) frame.Append("\r\n");
        }

        Write(frame.Append("\e[J\e[?2026l").ToString());
    }

    /// <summary>Waits for the next frame's time or the wish to leave.</summary>
    /// <returns>Whether to go on.</returns>
    public async Task<bool> WaitAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        var size = Size;
        while (TimeProvider.System.GetElapsedTime(started) < time)
        {
            if (Size != size && _render is not null) Show(size = Size, _render);
            if (cancellationToken.IsCancellationRequested) return false;
            while (!Console.IsInputRedirected && Console.KeyAvailable)
            {
                if (Console.ReadKey(intercept: true).Key is ConsoleKey.Q or ConsoleKey.Escape) return false;
            }

            await Task.Delay(Slice, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return !cancellationToken.IsCancellationRequested;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Write("\e[?25h\e[?1049l");
        _output.Dispose();
    }

    private void Write(string text)
    {
        _output.Write(Encoding.UTF8.GetBytes(text));
        _output.Flush();
    }
}
