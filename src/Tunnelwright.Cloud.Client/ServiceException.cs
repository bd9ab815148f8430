using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Client;

/// <summary>The service refused, or does not answer.</summary>
public sealed class ServiceException : Exception
{
    /// <summary>The service refused.</summary>
    /// <param name="problem">What it says.</param>
    public ServiceException(ProblemDocument problem)
        : base(problem?.Detail ?? problem?.Title) => Problem = problem;

    /// <summary>The service does not answer, or not as it should.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="inner">The cause; null for none.</param>
    public ServiceException(string message, Exception? inner)
        : base(message, inner)
    {
    }

    /// <summary>An error with words for people.</summary>
    /// <param name="message">What happened.</param>
    public ServiceException(string message)
        : base(message)
    {
    }

    /// <summary>An error without words.</summary>
    public ServiceException()
    {
    }

    /// <summary>What the service says; null when it did not answer.</summary>
    public ProblemDocument? Problem { get; }

    /// <summary>The HTTP status; null when the service did not answer.</summary>
    public int? Status => Problem?.Status;
}
