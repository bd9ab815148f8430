using System.Diagnostics;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Model;

namespace Tunnelwright.Cloud;

/// <summary>Ends a request with a problem document.</summary>
internal sealed class ProblemException(int status, string kind, string title, string? detail = null, IReadOnlyList<RequestProblem>? problems = null) : Exception(title)
{
    public int Status => status;

    /// <summary>Seconds after which to try again; null for not known.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>There is no such thing, or not for the caller: nobody can tell which.</summary>
    public static ProblemException NotFound() => new(404, "not-found", "There is no such thing.");

    /// <summary>The caller is not signed in.</summary>
    public static ProblemException NotSignedIn() => new(401, "not-signed-in", "Sign in, or send a valid token.");

    /// <summary>The caller's role does not allow it.</summary>
    public static ProblemException NotAllowed(string detail) => new(403, "not-allowed", "Your role does not allow this.", detail);

    /// <summary>The resource is newer than the caller thinks.</summary>
    public static ProblemException Stale() => new(412, "stale", "It was changed in the meantime.", "Get it again and decide with its new ETag.");

    /// <summary>The state does not allow it now.</summary>
    public static ProblemException Conflict(string code, string message) => new(409, "conflict", "It is not possible now.", message, [new RequestProblem(code, null, message)]);

    /// <summary>One member of the request is wrong.</summary>
    public static ProblemException NotValid(string code, string? field, string message) => NotValid([new RequestProblem(code, field, message)]);

    /// <summary>The request is wrong; all its problems together.</summary>
    public static ProblemException NotValid(IReadOnlyList<RequestProblem> problems) => new(422, "not-valid", "The request is not valid.", null, problems);

    /// <summary>The faults of the model's rules. When waiting is all that is needed it is a conflict.</summary>
    public static ProblemException Of(IReadOnlyList<RequestFault> faults)
    {
        var problems = faults.Select(fault => new RequestProblem(fault.Code, fault.Field, fault.Message)).ToArray();
        return faults.All(fault => fault.Code == RequestFault.ChangeInProgress)
            ? new ProblemException(409, "conflict", "It is not possible now.", problems[0].Message, problems) { RetryAfterSeconds = 2 }
            : NotValid(problems);
    }

    public ProblemDocument ToDocument() => new($"urn:tunnelwright:problem:{kind}", Message, status, detail, Activity.Current?.TraceId.ToString(), problems ?? []);
}
