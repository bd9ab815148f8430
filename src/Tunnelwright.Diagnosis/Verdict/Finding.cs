namespace Tunnelwright.Diagnosis;

/// <summary>A place that a finding rests on.</summary>
/// <param name="Source">The file.</param>
/// <param name="Line">The line, counted from 1; null where there are no lines.</param>
/// <param name="Text">What stands there, without secrets.</param>
public sealed record EvidenceLine(string Source, long? Line, string Text);

/// <summary>One thing that is wrong.</summary>
/// <param name="Cause">The cause's id.</param>
/// <param name="Tunnel">1 or 2 where it is known; null when it is not, or when both are meant.</param>
/// <param name="Certainty">0 to 1.</param>
/// <param name="Title">A few words.</param>
/// <param name="Evidence">What it rests on.</param>
/// <param name="Remedy">What to do.</param>
/// <param name="Owner">Who must act: customer, path, provider or nobody.</param>
/// <param name="Hides">Causes that are only symptoms of this one here.</param>
/// <param name="DecidedBy">What would decide between this cause and its rivals; null when nothing is open.</param>
/// <param name="RuledOut">Rivals with the same signs that are ruled out, because this cause has a sign of its own.</param>
public sealed record Finding(
    string Cause,
    int? Tunnel,
    double Certainty,
    string Title,
    IReadOnlyList<EvidenceLine> Evidence,
    string Remedy,
    string Owner,
    IReadOnlyList<string> Hides,
    string? DecidedBy,
    IReadOnlyList<string> RuledOut)
{
    /// <summary>Less likely causes with exactly the same signs, which cannot be told apart from this one with what is known here.</summary>
    public IReadOnlyList<string> Rivals { get; init; } = [];
}

/// <summary>Something that was looked at.</summary>
/// <param name="Name">What.</param>
/// <param name="Result">pass, fail or skip.</param>
/// <param name="Detail">What came out.</param>
public sealed record Check(string Name, string Result, string Detail);

/// <summary>What a diagnosis came to.</summary>
/// <param name="Verdict">healthy, faulty or unknown.</param>
/// <param name="Findings">What is wrong, most likely first.</param>
/// <param name="Checks">What was looked at.</param>
public sealed record DiagnosisReport(string Verdict, IReadOnlyList<Finding> Findings, IReadOnlyList<Check> Checks);
