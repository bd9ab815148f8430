using System.Diagnostics;
using System.Text;
using Tunnelwright.Linux;

namespace Tunnelwright.EndToEnd;

/// <summary>A program that runs while the test goes on. It is killed when the test is done with it.</summary>
internal sealed class Background : IAsyncDisposable
{
    public const int Interrupt = 2;
    public const int Kill = 9;

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();

    private Background(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(_error, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Pid => _process.Id;

    public string Output => Text(_output);

    public string Error => Text(_error);

    public bool HasEnded => _process.HasExited;

    public static Background Start(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in Tunnelwright.Lab.LabEnvironment.Inside) start.Environment[name] = value;
        return new Background(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start."));
    }

    /// <summary>Sends a signal; one that has ended is fine.</summary>
    public void Signal(int signal)
    {
        if (!_process.HasExited && ProcessStatistics.TryRead(_process.Id) is { } running) new ServiceProcess(running.Pid, running.StartTime).SendSignal(signal);
    }

    /// <summary>Waits until something has come about, or the program has ended by itself.</summary>
    public async Task ReachAsync(Func<bool> stage)
    {
        var clock = Stopwatch.StartNew();
        while (!HasEnded && !stage())
        {
            Assert.True(clock.Elapsed < TestMachine.Patience, "the stage is not reached");
            await Task.Delay(TimeSpan.FromMilliseconds(1));
        }
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndAsync()
    {
        using var limit = new CancellationTokenSource(TestMachine.Patience);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Signal(Kill);
        await EndAsync();
        _process.Dispose();
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is null) return;
        lock (text) text.Append(line).Append('\n');
    }

    private static string Text(StringBuilder text)
    {
        lock (text) return text.ToString();
    }
}
