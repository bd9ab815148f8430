namespace Tunnelwright.Vici;

/// <summary>A request of a batch. Its text form is the command alone, since the arguments may hold keys.</summary>
/// <param name="Command">The name of the command.</param>
/// <param name="Arguments">Its arguments, or null for none.</param>
public sealed record ViciRequest(string Command, ViciSection? Arguments = null)
{
    /// <summary>The name of the command.</summary>
    public override string ToString() => Command;
}

/// <summary>What became of a request of a batch: an answer or a refusal.</summary>
/// <param name="Request">The request.</param>
/// <param name="Response">The answer; null when it was refused.</param>
/// <param name="Refusal">
/// A <see cref="ViciCommandFailedException"/> or <see cref="ViciUnknownCommandException"/>; null when it was answered.
/// </param>
public sealed record ViciOutcome(ViciRequest Request, ViciSection? Response, ViciException? Refusal);
