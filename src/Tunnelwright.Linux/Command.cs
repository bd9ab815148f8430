namespace Tunnelwright.Linux;

/// <summary>Runs a command with the shared runner: the short form of <see cref="CommandRunner.RunAsync"/>.</summary>
public static class Command
{
    /// <inheritdoc cref="CommandRunner.RunAsync"/>
    public static Task<CommandResult> RunAsync(
        string program, IReadOnlyList<string> arguments, CommandOptions? options = null, CancellationToken cancellationToken = default)
        => CommandRunner.Shared.RunAsync(program, arguments, options, cancellationToken);
}
