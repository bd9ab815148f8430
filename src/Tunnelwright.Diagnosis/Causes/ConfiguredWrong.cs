namespace Tunnelwright.Diagnosis;

/// <summary>Whatever a configuration itself says against the provider's file or the provider's limits. It explains and hides what the cause of this id does.</summary>
internal sealed class ConfiguredWrong(string id) : Cause(id, [.. KnownCauses.Find(id)?.Signs ?? []])
{
    private const double AsWritten = 0.96;
    private const double Minor = 0.6;

    public override IReadOnlyList<string> Hides => KnownCauses.Find(Id)?.Hides ?? [];

    public override Indication? Judge(EvidenceStore evidence)
    {
        var facts = evidence.ConfigurationFaults.Where(fact => fact.Cause == Id).ToList();
        return facts.Count == 0 ? null : new Indication(this, facts.TrueForAll(fact => fact.IsMinor) ? Minor : AsWritten, false, facts);
    }
}
