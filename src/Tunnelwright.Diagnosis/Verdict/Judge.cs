namespace Tunnelwright.Diagnosis;

/// <summary>From evidence to findings: asks every cause, rules rivals out, puts symptoms under what explains them, orders by certainty.</summary>
internal static class Judge
{
    private const double TooWeak = 0.2;
    private const double RivalShare = 0.33;
    private const double Explaining = 0.4;
    private const int ShownLines = 6;

    /// <summary>The findings, most likely first.</summary>
    /// <param name="evidence">All facts.</param>
    /// <param name="foldsRivals">Whether a rival that rests on nothing but what a more likely cause rests on, too, stands with that one and is no finding of its own.</param>
    public static IReadOnlyList<Finding> Findings(EvidenceStore evidence, bool foldsRivals = false)
    {
        var configured = evidence.ConfigurationFaults.Select(fact => fact.Cause!).Distinct(StringComparer.Ordinal).Select(id => (Cause)new ConfiguredWrong(id));
        return Findings(KnownCauses.All.Concat(CausesOnTheWire.All).Concat(configured), evidence, foldsRivals);
    }

    /// <summary>What plain words suggest; to be asked where <see cref="Findings(EvidenceStore, bool)"/> gives nothing.</summary>
    /// <param name="evidence">All facts.</param>
    public static IReadOnlyList<Finding> Suspected(EvidenceStore evidence) => Findings(Suspicions.All, evidence, foldsRivals: false);

    private static List<Finding> Findings(IEnumerable<Cause> causes, EvidenceStore evidence, bool foldsRivals)
    {
        var indications = causes.Select(cause => cause.Judge(evidence)).OfType<Indication>()
            .GroupBy(indication => indication.Cause.Id, StringComparer.Ordinal).Select(Merge)
            .OrderByDescending(indication => indication.Certainty).ToList();
        var ruledOut = RuleOut(indications);
        var hidden = Hide(indications);
        if (indications.Count > 0)
        {
            var top = indications[0].Certainty;
            indications.RemoveAll(indication => indication.Certainty < TooWeak || (indication.IsShared && indication.Certainty < top * RivalShare));
        }

        var rivals = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        if (foldsRivals) FoldRivals(indications, rivals);
        NameTwins(indications, rivals);
        return [.. indications.Select(indication => Make(indication, evidence, hidden.GetValueOrDefault(indication.Cause.Id) ?? [], ruledOut.GetValueOrDefault(indication.Cause.Id) ?? [], rivals.GetValueOrDefault(indication.Cause.Id) ?? []))];
    }

    /// <summary>A cause that a log and a configuration file both point to.</summary>
    private static Indication Merge(IEnumerable<Indication> same)
    {
        var all = same.ToList();
        if (all.Count == 1) return all[0];
        var best = all.MaxBy(indication => indication.Certainty)!;
        return new Indication(all[0].Cause, Math.Min(0.99, best.Certainty + 0.02), all.TrueForAll(one => one.IsShared), [.. all.SelectMany(one => one.Facts)]);
    }

    /// <summary>An indication that rests on shared signs only falls when a cause with a sign of its own explains all of them.</summary>
    private static Dictionary<string, List<string>> RuleOut(List<Indication> indications)
    {
        var ruledOut = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var weak in indications.Where(indication => indication.IsShared).ToList())
        {
            var stronger = indications.Find(other => other != weak && !other.IsShared && weak.IsWithin(other) && weak.Facts.All(fact => other.Cause.Signs.Any(sign => sign.Kind == fact.Kind)));
            if (stronger is null) continue;
            indications.Remove(weak);
            Into(ruledOut, stronger.Cause.Id, weak.Cause.Id);
        }

        return ruledOut;
    }

    /// <summary>Of causes that show themselves by the same facts alone, the most likely one is told, with the names of the others.</summary>
    private static void FoldRivals(List<Indication> indications, Dictionary<string, List<string>> rivals)
    {
        foreach (var weak in indications.Where(indication => indication.IsShared).Reverse().ToList())
        {
            var stronger = indications.Find(other => other != weak && other.Certainty >= weak.Certainty && weak.Facts.All(other.Facts.Contains));
            if (stronger is null) continue;
            indications.Remove(weak);
            Into(rivals, stronger.Cause.Id, weak.Cause.Id);
        }
    }

    /// <summary>What shows itself in exactly the same way as a cause for which nothing of its own speaks is told beside it.</summary>
    private static void NameTwins(List<Indication> indications, Dictionary<string, List<string>> rivals)
    {
        foreach (var open in indications.Where(indication => indication.IsShared))
        {
            foreach (var twin in open.Cause.Twins.Where(twin => !indications.Exists(other => other.Cause.Id == twin))) Into(rivals, open.Cause.Id, twin);
        }
    }

    private static Dictionary<string, List<string>> Hide(List<Indication> indications)
    {
        var hidden = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var root in indications.ToList())
        {
            if (root.Certainty < Explaining || !indications.Contains(root)) continue;
            foreach (var symptom in indications.Where(other => other != root && IsSymptom(other, root)).ToList())
            {
                // Of two that explain each other the more certain one stands.
                if (symptom.Certainty > root.Certainty && symptom.Cause.Hides.Contains(root.Cause.Id)) continue;
                indications.Remove(symptom);
                Into(hidden, root.Cause.Id, symptom.Cause.Id);
                foreach (var further in hidden.GetValueOrDefault(symptom.Cause.Id) ?? []) Into(hidden, root.Cause.Id, further);
            }
        }

        return hidden;
    }

    private static bool IsSymptom(Indication symptom, Indication root) =>
        (root.Cause.Hides.Contains(symptom.Cause.Id) || (symptom.Cause.GivesWay && !root.Cause.GivesWay)) && symptom.IsWithin(root);

    private static void Into(Dictionary<string, List<string>> lists, string key, string value)
    {
        if (!lists.TryGetValue(key, out var list)) lists[key] = list = [];
        list.Add(value);
    }

    private static Finding Make(Indication indication, EvidenceStore evidence, List<string> hides, List<string> ruledOut, List<string> rivals)
    {
        var entry = CauseCatalogue.Find(indication.Cause.Id) ?? throw new InvalidOperationException($"The cause '{indication.Cause.Id}' is not in the catalogue.");
        var facts = indication.Facts.DistinctBy(fact => (fact.Source, fact.Line, fact.Text, fact.Line is null ? fact.Scope : "")).OrderByDescending(fact => fact.IsOrigin).ThenBy(fact => fact.Sequence).ToList();
        var tunnels = facts.Select(fact => fact.Tunnel ?? (evidence.Tunnels.TryGetValue(fact.Scope, out var known) ? known : null)).Distinct().ToList();
        var action = indication.Cause.ActionFor(indication.Facts) ?? (entry.Owner, entry.Remedy);
        return new Finding(
            entry.Id,
            tunnels.Count == 1 ? tunnels[0] : null,
            Math.Round(indication.Certainty, 2),
            entry.Title,
            [.. facts.Take(ShownLines).Select(fact => new EvidenceLine(fact.Source, fact.Line, fact.Text))],
            action.Remedy,
            action.Owner,
            hides,
            indication.IsShared ? indication.Cause.DecidedBy : null,
            ruledOut)
        {
            Rivals = rivals,
        };
    }
}
