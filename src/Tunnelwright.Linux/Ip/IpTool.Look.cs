namespace Tunnelwright.Linux;

/// <summary>Links, addresses and routes of a namespace in one look.</summary>
/// <param name="Links">All links, without their counters.</param>
/// <param name="Addresses">All addresses.</param>
/// <param name="Routes">The IPv4 routes of the main table.</param>
/// <param name="Ways">The way to each address that was asked for, as <see cref="IpTool.GetRouteToAsync"/> tells it.</param>
public sealed record IpLook(
    IReadOnlyList<Link> Links, IReadOnlyList<InterfaceAddress> Addresses, IReadOnlyList<Route> Routes, IReadOnlyDictionary<string, Route?> Ways);

/// <content>Everything with one process.</content>
public sealed partial class IpTool
{
    private const string CommandFailed = "Command failed -:";

    /// <summary>Looks at links, addresses, the main table's IPv4 routes, and the ways to some addresses, with one process.</summary>
    /// <param name="destinations">IPv4 addresses to ask the way to.</param>
    /// <param name="cancellationToken">Kills the process.</param>
    /// <exception cref="KernelException">The kernel refused.</exception>
    /// <exception cref="UnreadableOutputException">ip wrote what is not understood.</exception>
    public async Task<IpLook> LookAsync(IReadOnlyList<string> destinations, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destinations);
        List<string[]> questions =
        [
            ["link", "show"],
            ["address", "show"],
            ["route", "show", "table", $"{RouteTables.Main}"],
            .. destinations.Select(destination => (string[])["route", "get", AddressText.Address(destination)]),
        ];
        var options = CommandOptions.Default with
        {
            NetworkNamespace = Namespace.Name,
            StandardInput = string.Join('\n', questions.Select(BatchLine)) + "\n",
            ThrowOnFailure = false,
        };
        var result = await CommandRunner.Shared.RunAsync("ip", ["-json", "-details", "-N", "-force", "-batch", "-"], options, cancellationToken);
        var answers = Pair(questions, result.Output, result.Error);
        return new IpLook(
            IpJson.ReadLinks(answers[0].OrThrow(questions[0])),
            IpJson.ReadAddresses(answers[1].OrThrow(questions[1])),
            answers[2].ErrorNumber == KernelErrors.NoEntry
                ? []
                : [.. IpJson.ReadRoutes(answers[2].OrThrow(questions[2])).Select(route => route with { Table = RouteTables.Main })],
            destinations.Select((destination, index) => (destination, Way: Way(destination, answers[3 + index], questions[3 + index])))
                .DistinctBy(pair => pair.destination, StringComparer.Ordinal)
                .ToDictionary(pair => pair.destination, pair => pair.Way, StringComparer.Ordinal));
    }

    /// <summary>Each question's answer: a line of the output, or, when it was refused, the words before the mark with its number.</summary>
    internal static IReadOnlyList<BatchAnswer> Pair(IReadOnlyList<string[]> questions, string output, string error)
    {
        var refusals = new Dictionary<int, (int Number, string Words)>();
        var rest = error;
        for (var at = rest.IndexOf(CommandFailed, StringComparison.Ordinal); at >= 0; at = rest.IndexOf(CommandFailed, StringComparison.Ordinal))
        {
            var words = rest[..at];
            rest = rest[(at + CommandFailed.Length)..];
            var end = rest.IndexOf('\n', StringComparison.Ordinal);
            if (int.TryParse(end < 0 ? rest : rest[..end], out var line)) refusals[line] = KernelErrors.Read(words);
            rest = end < 0 ? "" : rest[end..];
        }

        var lines = new Queue<string>(output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return [.. questions.Select((question, index) => refusals.TryGetValue(index + 1, out var refusal)
            ? new BatchAnswer(null, refusal.Number, refusal.Words)
            : lines.TryDequeue(out var answer)
                ? new BatchAnswer(answer, 0, "")
                : throw new UnreadableOutputException($"ip {string.Join(' ', question)}", rest.Trim() is { Length: > 0 } words ? words : "no answer"))];
    }

    private static Route? Way(string destination, BatchAnswer answer, string[] question) => answer switch
    {
        { ErrorNumber: KernelErrors.NetworkUnreachable } => null,
        { Text: null } when DroppingType(answer.ErrorNumber) is { } type => new Route(destination) { Type = type },
        _ => IpJson.ReadRoutes(answer.OrThrow(question)) is [var way, ..] ? way : null,
    };

    /// <summary>What came back to one line of a batch.</summary>
    internal readonly record struct BatchAnswer(string? Text, int ErrorNumber, string Words)
    {
        public string OrThrow(string[] question) => Text ?? throw new KernelException($"ip {string.Join(' ', question)}", ErrorNumber, Words);
    }
}
