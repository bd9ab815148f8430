namespace Tunnelwright.Lab;

/// <summary>A lab cannot be stood up or used; the message says what and where.</summary>
public sealed class LabException : Exception
{
    /// <summary>An error with words for people.</summary>
    /// <param name="message">What happened.</param>
    public LabException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="inner">The cause.</param>
    public LabException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>An error without words.</summary>
    public LabException()
    {
    }

    /// <summary>Whether it was asked for something that is not there or cannot be: the call is wrong, not the machine.</summary>
    public bool IsWrongCall { get; init; }
}
