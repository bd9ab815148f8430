using Tunnelwright.Linux.Native;

namespace Tunnelwright.Linux;

/// <summary>
/// Runs short commands. A call costs the program's own start plus one thread of ours; the child inherits no descriptor but the three
/// standard ones, leads a process group of its own (Ctrl-C does not reach it), and is killed with its group on time-out and cancellation.
/// </summary>
public sealed class CommandRunner
{
    private readonly TimeProvider _time;

    /// <summary>Makes a runner.</summary>
    /// <param name="time">Where time limits and durations come from; null means the system's clock.</param>
    public CommandRunner(TimeProvider? time = null) => _time = time ?? TimeProvider.System;

    /// <summary>A runner with the system's clock.</summary>
    public static CommandRunner Shared { get; } = new();

    /// <summary>Runs a program to its end.</summary>
    /// <param name="program">Its name, looked for with <see cref="ProgramFinder"/>, or its path.</param>
    /// <param name="arguments">Its arguments, each as it is (no shell). Everyone on the host can read them: no secrets here.</param>
    /// <param name="options">How to run it; null means <see cref="CommandOptions.Default"/>.</param>
    /// <param name="cancellationToken">Kills the program.</param>
    /// <exception cref="ProgramMissingException">The program is not installed.</exception>
    /// <exception cref="CommandFailedException">It failed (unless that is allowed), took too long, or wrote too much.</exception>
    /// <exception cref="KernelException">The namespace is absent, or the process could not be started.</exception>
    public async Task<CommandResult> RunAsync(
        string program, IReadOnlyList<string> arguments, CommandOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(program);
        ArgumentNullException.ThrowIfNull(arguments);
        cancellationToken.ThrowIfCancellationRequested();
        options ??= CommandOptions.Default;
        if (options.NetworkNamespace is { } name)
            NetworkNamespace.CheckName(name);

        var started = _time.GetTimestamp();
        using var limit = new CancellationTokenSource(options.Timeout, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var token = stop.Token;
        var (exitCode, output, error, reason) = await NamespaceThread.RunAsync(
            options.NetworkNamespace, () => CommandExecution.Run(program, arguments, options, token));

        cancellationToken.ThrowIfCancellationRequested();
        var elapsed = _time.GetElapsedTime(started);
        if (limit.IsCancellationRequested && exitCode == 128 + LibC.SignalKill)
            reason ??= $"did not end within {options.Timeout.TotalSeconds:0.###} s";
        if (reason is not null || (exitCode != 0 && options.ThrowOnFailure))
            throw new CommandFailedException(Path.GetFileName(program), exitCode, error, reason);
        return new CommandResult(exitCode, output, error, elapsed);
    }
}
