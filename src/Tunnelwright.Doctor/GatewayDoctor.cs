using Tunnelwright.Diagnosis;

namespace Tunnelwright.Doctor;

/// <summary>
/// Looks at a live gateway and out over the wire, and comes to a verdict. Everything is looked at side by side; nothing is changed. What a right, a program or an
/// agent that is missing keeps from being seen is said as a skipped check.
/// </summary>
public static class GatewayDoctor
{
    /// <summary>Examines this host.</summary>
    /// <param name="request">What to look at.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>healthy when everything that was to be seen was seen and nothing is wrong; unknown when too little could be seen.</returns>
    public static async Task<DiagnosisReport> RunAsync(DoctorRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        await using var scene = await Scene.ReadAsync(request, cancellationToken);
        var gate = new Lock();
        var results = await Task.WhenAll(Examination.All.Select(examination => ExamineAsync(examination, scene, request, gate, cancellationToken)));
        var evidence = new EvidenceStore();
        foreach (var tunnel in scene.Tunnels) evidence.Tunnels.TryAdd(tunnel.Name, tunnel.Number);
        foreach (var result in results) result.Pour?.Invoke(evidence);
        foreach (var fact in results.SelectMany(result => result.Facts)) evidence.Add(fact);
        var findings = Judge.Findings(evidence, foldsRivals: true);
        List<Check> checks = [.. results.SelectMany(result => result.Checks)];
        return new DiagnosisReport(Verdict(findings, scene, results), findings, checks);
    }

    private static string Verdict(IReadOnlyList<Finding> findings, Scene scene, IReadOnlyList<ExaminationResult> results)
    {
        if (findings.Count > 0) return "faulty";
        return scene.Tunnels.Count > 0 && results.All(result => !result.LeavesOpen) ? "healthy" : "unknown";
    }

    private static async Task<ExaminationResult> ExamineAsync(Examination examination, Scene scene, DoctorRequest request, Lock gate, CancellationToken cancellationToken)
    {
        var result = new ExaminationResult();
        try
        {
            await examination.LookAsync(scene, result, cancellationToken);
        }
        catch (Exception problem) when (Examination.IsObstacle(problem) && !cancellationToken.IsCancellationRequested)
        {
            result.Skip(examination.Name, problem.Message);
            result.LeavesOpen |= examination.IsEssential;
        }

        foreach (var check in result.Checks)
        {
            lock (gate) request.Progress?.Invoke(check);
        }

        return result;
    }
}
