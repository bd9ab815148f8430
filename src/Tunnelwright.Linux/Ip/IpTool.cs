using System.Text;

namespace Tunnelwright.Linux;

/// <summary>
/// Links, addresses, routes and rules of one network namespace through <c>ip</c> (iproute2). What exists already is fine to ensure, what is
/// absent is fine to delete. Every refusal is a <see cref="KernelException"/> with the kernel's words.
/// </summary>
/// <param name="networkNamespace">The namespace to work in.</param>
public sealed partial class IpTool(NetworkNamespace networkNamespace)
{
    private const int MostArgumentsOfALine = 90;

    /// <summary>The namespace it works in.</summary>
    public NetworkNamespace Namespace { get; } = networkNamespace;

    /// <summary>Makes many changes with one process, in order, stopping at the first that is refused. See <see cref="IpArguments"/>.</summary>
    /// <param name="commands">The arguments of each <c>ip</c> command.</param>
    /// <param name="cancellationToken">Kills the process between two changes.</param>
    /// <exception cref="BatchFailedException">A line was refused.</exception>
    public async Task BatchAsync(IEnumerable<string[]> commands, CancellationToken cancellationToken = default)
    {
        var lines = commands.ToList();
        if (lines.Count == 0)
            return;
        var failure = await RunBatchAsync(lines, cancellationToken);
        if (failure is not null)
            throw failure;
    }

    /// <summary>
    /// Makes many changes, going on after those that are refused: for taking things away. Costs one process, and one more for each refusal.
    /// </summary>
    /// <returns>The refusals, in order; the line numbers are those of <paramref name="commands"/>.</returns>
    public async Task<IReadOnlyList<BatchFailedException>> TryBatchAsync(
        IEnumerable<string[]> commands, CancellationToken cancellationToken = default)
    {
        var lines = commands.ToList();
        var failures = new List<BatchFailedException>();
        for (var first = 0; first < lines.Count;)
        {
            var failure = await RunBatchAsync(lines[first..], cancellationToken);
            if (failure is null)
                break;
            if (failure.Line == 0)
                throw failure;
            failures.Add(new BatchFailedException(first + failure.Line, failure.Arguments, failure.ErrorNumber, failure.Words));
            first += failure.Line;
        }

        return failures;
    }

    internal static async Task<string> RunIpAsync(
        string? networkNamespace, IReadOnlyList<string> arguments, string? input, CancellationToken cancellationToken)
    {
        var options = CommandOptions.Default with { NetworkNamespace = networkNamespace, StandardInput = input, ThrowOnFailure = false };
        var result = await CommandRunner.Shared.RunAsync("ip", arguments, options, cancellationToken);
        if (result.Succeeded)
            return result.Output;
        var (number, words) = KernelErrors.Read(result.Error);
        throw new KernelException(
            $"ip {string.Join(' ', arguments)}", number, words.Length == 0 ? $"ended with status {result.ExitCode}" : words);
    }

    /// <summary>Writes one line for <c>ip -batch</c>. Its reader knows quotes but no escapes, and cuts at # even within quotes (lib/utils.c).</summary>
    internal static string BatchLine(IReadOnlyList<string> arguments)
    {
        if (arguments.Count is 0 or > MostArgumentsOfALine || arguments[0].StartsWith('-'))
            throw new ArgumentException("A line of a batch holds 1 to 90 arguments and no options before them.", nameof(arguments));
        var line = new StringBuilder();
        foreach (var argument in arguments)
        {
            if (argument.Any(character => character is '#' or '\n' or '\r' or '\0' or '"') || argument.EndsWith('\\'))
                throw new ArgumentException($"ip cannot take '{argument}' in a batch.", nameof(arguments));
            if (line.Length > 0)
                line.Append(' ');
            var quoted = argument.Length == 0 || argument.Any(char.IsWhiteSpace) || argument[0] == '\'';
            line.Append(quoted ? $"\"{argument}\"" : argument);
        }

        return line.ToString();
    }

    /// <summary>Finds out which line of a batch failed, and why, from what ip wrote.</summary>
    internal static BatchFailedException ReadBatchFailure(List<string[]> lines, int exitCode, string standardError)
    {
        const string Marker = CommandFailed;
        var (number, words) = KernelErrors.Read(standardError);
        if (words.Length == 0)
            words = $"ip ended with status {exitCode}";
        var line = 0;
        var at = standardError.IndexOf(Marker, StringComparison.Ordinal);
        if (at >= 0)
        {
            var digits = standardError.AsSpan(at + Marker.Length);
            var end = digits.IndexOfAnyExceptInRange('0', '9');
            _ = int.TryParse(end < 0 ? digits : digits[..end], out line);
        }
        else if (words.IndexOf('"', StringComparison.Ordinal) is >= 0 and var open && words.IndexOf('"', open + 1) is >= 0 and var close)
        {
            // A wrong argument ends ip at once; it tells the argument, not the line.
            var argument = words[(open + 1)..close];
            line = lines.FindIndex(candidate => candidate.Contains(argument)) + 1;
        }

        if (line < 0 || line > lines.Count)
            line = 0;
        return new BatchFailedException(line, line == 0 ? [] : lines[line - 1], number, words);
    }

    private async Task<BatchFailedException?> RunBatchAsync(List<string[]> lines, CancellationToken cancellationToken)
    {
        var input = new StringBuilder();
        foreach (var line in lines)
            input.Append(BatchLine(line)).Append('\n');
        var options = CommandOptions.Default with
        {
            NetworkNamespace = Namespace.Name,
            StandardInput = input.ToString(),
            ThrowOnFailure = false,
        };
        var result = await CommandRunner.Shared.RunAsync("ip", ["-batch", "-"], options, cancellationToken);
        return result.Succeeded ? null : ReadBatchFailure(lines, result.ExitCode, result.Error);
    }

    private Task<string> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
        => RunIpAsync(Namespace.Name, arguments, null, cancellationToken);

    // Runs a change; a refusal with one of the given numbers means that there was nothing to do.
    private async Task<bool> ChangeAsync(IReadOnlyList<string> arguments, ReadOnlyMemory<int> fine, CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(arguments, cancellationToken);
            return true;
        }
        catch (KernelException exception) when (fine.Span.Contains(exception.ErrorNumber))
        {
            return false;
        }
    }
}
