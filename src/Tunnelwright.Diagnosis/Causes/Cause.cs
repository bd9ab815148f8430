namespace Tunnelwright.Diagnosis;

/// <summary>Something that a cause shows itself by.</summary>
/// <param name="Kind">The fact.</param>
/// <param name="Certainty">How sure the fact makes of this cause, 0 to 1. 0: the cause explains the fact, but is not concluded from it.</param>
/// <param name="IsShared">Whether other causes show themselves in the same way; then a cause with a sign of its own wins.</param>
internal readonly record struct Sign(FactKind Kind, double Certainty, bool IsShared = false);

/// <summary>One thing that can be wrong: what it has to see, how sure that makes, and which other causes are then only its symptoms.</summary>
internal abstract class Cause(string id, params Sign[] signs)
{
    private const double MostCertain = 0.99;

    /// <summary>The id of the catalogue.</summary>
    public string Id { get; } = id;

    /// <summary>What it shows itself by.</summary>
    public IReadOnlyList<Sign> Signs { get; } = signs;

    /// <summary>Causes that are only symptoms when this one is found.</summary>
    public virtual IReadOnlyList<string> Hides => [];

    /// <summary>Causes that show themselves to this end in exactly the same way; told beside this one when nothing decides.</summary>
    public virtual IReadOnlyList<string> Twins => [];

    /// <summary>Whether any other finding explains it.</summary>
    public virtual bool GivesWay => false;

    /// <summary>What would decide between this cause and its rivals, when the evidence cannot.</summary>
    public virtual string? DecidedBy => null;

    /// <summary>Who must act and what to do, where what was seen tells it better than the catalogue; null where it does not.</summary>
    public virtual (string Owner, string Remedy)? ActionFor(IReadOnlyList<Fact> facts) => null;

    /// <summary>What the evidence says about this cause; null when it says nothing.</summary>
    public virtual Indication? Judge(EvidenceStore evidence)
    {
        var certainty = 0.0;
        var own = 0;
        var facts = new List<Fact>();
        foreach (var sign in Signs)
        {
            var before = facts.Count;
            facts.AddRange(evidence.Standing(sign.Kind));
            if (facts.Count == before) continue;
            if (sign.Certainty == 0)
            {
                facts.RemoveRange(before, facts.Count - before);
                continue;
            }

            if (!sign.IsShared) own++;
            certainty = Math.Max(certainty, sign.Certainty);
        }

        if (certainty == 0) return null;
        if (own > 1) certainty += (MostCertain - certainty) / 3;
        return new Indication(this, Math.Min(certainty, MostCertain), own == 0, facts);
    }

    /// <summary>A sign that only this cause has.</summary>
    protected static Sign Sure(FactKind kind, double certainty) => new(kind, certainty);

    /// <summary>A sign that other causes have, too.</summary>
    protected static Sign Perhaps(FactKind kind, double certainty) => new(kind, certainty, true);

    /// <summary>A fact that follows from this cause and does not point to it.</summary>
    protected static Sign Explains(FactKind kind) => new(kind, 0, true);
}

/// <summary>That a cause is likely, and why.</summary>
/// <param name="Cause">The cause.</param>
/// <param name="Certainty">0 to 1.</param>
/// <param name="IsShared">Whether only signs speak for it that other causes have, too.</param>
/// <param name="Facts">What it rests on.</param>
internal sealed record Indication(Cause Cause, double Certainty, bool IsShared, IReadOnlyList<Fact> Facts)
{
    /// <summary>Whether it speaks of some connection that another indication speaks of; what names no connection may belong to any.</summary>
    public bool Meets(Indication other) =>
        Facts.Any(fact => fact.IsOfAny) || other.Facts.Any(fact => fact.IsOfAny) || Facts.Any(fact => other.Facts.Any(theirs => theirs.Scope == fact.Scope));

    /// <summary>Whether every connection that it speaks of is one that another indication speaks of.</summary>
    public bool IsWithin(Indication other) =>
        Facts.All(fact => fact.IsOfAny || other.Facts.Any(theirs => theirs.IsOfAny || theirs.Scope == fact.Scope));
}
