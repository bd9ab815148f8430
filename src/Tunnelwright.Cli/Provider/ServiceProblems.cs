using Tunnelwright.Cloud.Client;

namespace Tunnelwright.Cli.Provider;

/// <summary>What the service refuses, as lines for people.</summary>
internal static class ServiceProblems
{
    private const int Unauthorized = 401;
    private const int Forbidden = 403;
    private const int NotFound = 404;

    /// <summary>Every problem on a line of its own, all together.</summary>
    public static IEnumerable<string> Lines(ServiceException refusal) => refusal.Problem is { Problems.Count: > 0 } problem
        ? problem.Problems.Select(one => one.Field is null ? one.Message : $"{one.Field}: {one.Message}")
        : [refusal.Message];

    /// <summary>What helps; null when we do not know.</summary>
    public static string? Hint(ServiceException refusal) => refusal.Status switch
    {
        null => "is the address right, and does the service run?",
        Unauthorized => "the token is unknown or has ended: ask for another one",
        Forbidden => "the token's role may not do this",
        NotFound => "the list command shows what is there: tunnelwright vpn list for connections",
        _ => null,
    };

    /// <summary>A service that does not answer is the machine's trouble; a request that is refused is not valid.</summary>
    public static int ExitCode(ServiceException refusal) => refusal.Status is null ? ExitCodes.MachineCannot : ExitCodes.NotHealthy;
}
