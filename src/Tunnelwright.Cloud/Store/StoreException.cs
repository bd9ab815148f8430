namespace Tunnelwright.Cloud;

/// <summary>The store cannot be used. The message says why, the hint what helps.</summary>
internal sealed class StoreException(string message, string? hint = null, Exception? inner = null) : Exception(message, inner)
{
    public string? Hint { get; } = hint;
}
