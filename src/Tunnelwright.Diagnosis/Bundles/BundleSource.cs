namespace Tunnelwright.Diagnosis;

/// <summary>Something that goes into a support bundle.</summary>
/// <param name="Member">Its name in the archive.</param>
/// <param name="From">What it is, for the manifest.</param>
/// <param name="ReadAsync">Gets it; an exception's message says why it cannot be had.</param>
internal sealed record BundleSource(string Member, string From, Func<CancellationToken, Task<BundleText>> ReadAsync);

/// <summary>What was got.</summary>
/// <param name="Text">The text, secrets and all.</param>
/// <param name="Problem">What is missing of it; null when nothing is.</param>
internal sealed record BundleText(string Text, string? Problem = null);
