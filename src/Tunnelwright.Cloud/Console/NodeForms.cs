using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>The forms of the nodes' page as they were typed, and what came of it.</summary>
public sealed record NodeForms
{
    /// <summary>The failure domain of a new node.</summary>
    public string FailureDomain { get; init; } = "";

    /// <summary>How long its token can be used.</summary>
    public string ExpiresInSeconds { get; init; } = "3600";

    /// <summary>A range of outside addresses.</summary>
    public string Range { get; init; } = "";

    /// <summary>A token that was made, shown this once; null for none.</summary>
    public RegistrationToken? Issued { get; init; }

    /// <summary>What is wrong.</summary>
    public IReadOnlyList<RequestProblem> Problems { get; init; } = [];

    /// <summary>The answer's HTTP status.</summary>
    public int Status { get; init; } = 200;

    internal NodeForms Refused(ProblemException problem) => this with { Problems = problem.ToDocument().Problems, Status = problem.Status };
}
