namespace Tunnelwright.Diagnosis;

/// <summary>What there is to say about a cause, whoever finds it.</summary>
/// <param name="Id">The id, shared by check, doctor and diagnose, such as psk-mismatch.</param>
/// <param name="Group">What it is about: ike, ipsec, stability, routing, data, dns, firewall, service, host, config or info.</param>
/// <param name="Title">A few words for a heading.</param>
/// <param name="Wrong">What is wrong, in a sentence.</param>
/// <param name="Evidence">What it is typically recognised by.</param>
/// <param name="Owner">Who must act: customer, path, provider or nobody.</param>
/// <param name="Remedy">What to do.</param>
public sealed record CauseEntry(string Id, string Group, string Title, string Wrong, string Evidence, string Owner, string Remedy);
