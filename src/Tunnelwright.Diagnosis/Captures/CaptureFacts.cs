namespace Tunnelwright.Diagnosis;

/// <summary>Puts what a capture shows into the evidence, under the two addresses as its scope.</summary>
/// <param name="source">The file.</param>
/// <param name="evidence">Where to.</param>
/// <param name="tunnelOf">The tunnel whose endpoint has an address, where a provider's file says so.</param>
internal sealed class CaptureFacts(string source, EvidenceStore evidence, Func<HostAddress, int?> tunnelOf)
{
    /// <summary>Facts so far.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a fact; its words are only made when they are kept.</summary>
    /// <param name="kind">What.</param>
    /// <param name="pair">Between whom.</param>
    /// <param name="place">Where.</param>
    /// <param name="words">What stands behind the time.</param>
    public void Add(FactKind kind, HostPair pair, PacketPlace place, Func<string> words)
    {
        Count++;
        var scope = pair.ToString();
        if (!evidence.Wants(kind, scope))
        {
            evidence.Count(kind, scope, place.Time);
            return;
        }

        evidence.Add(new Fact(kind, source, place.Number, $"{place} {words()}") { Scope = scope, Time = place.Time, Tunnel = tunnelOf(pair.Low) ?? tunnelOf(pair.High) });
    }
}
