namespace Tunnelwright.Lab.Faults;

/// <summary>The fault is not known, or this lab cannot have it; nothing was changed. The message says why.</summary>
public sealed class FaultRefusedException : Exception
{
    /// <summary>A refusal with words for people.</summary>
    /// <param name="message">Why.</param>
    public FaultRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>A refusal with its cause.</summary>
    /// <param name="message">Why.</param>
    /// <param name="inner">The cause.</param>
    public FaultRefusedException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>A refusal without words.</summary>
    public FaultRefusedException()
    {
    }
}
