namespace Tunnelwright.Cloud.Contract;

/// <summary>What went wrong, as application/problem+json (RFC 9457). All problems of a request stand together.</summary>
/// <param name="Type">A URI that names the kind, such as urn:tunnelwright:problem:not-valid.</param>
/// <param name="Title">The kind in words.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">This case in words; null when the title says it all.</param>
/// <param name="Instance">The request's trace id, which the service's log has too.</param>
/// <param name="Problems">Every single problem; empty when there is nothing to add.</param>
public sealed record ProblemDocument(string Type, string Title, int Status, string? Detail, string? Instance, IReadOnlyList<RequestProblem> Problems)
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/problem+json";
}

/// <summary>One problem of a request.</summary>
/// <param name="Code">A stable word, such as route-overlap.</param>
/// <param name="Field">The member of the request, such as "ranges[1]"; null when it concerns none.</param>
/// <param name="Message">The exact text for people.</param>
public sealed record RequestProblem(string Code, string? Field, string Message);

/// <summary>A part of a list.</summary>
/// <typeparam name="T">The items.</typeparam>
/// <param name="Items">The items.</param>
/// <param name="Next">Give it as the query's "cursor" for the next part; null at the end. Opaque.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);
