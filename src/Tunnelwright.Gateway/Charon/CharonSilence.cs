namespace Tunnelwright.Gateway;

/// <summary>
/// Tells a charon that hangs from one that is busy: it has not answered for twenty seconds, and none of its tunnels carries anything. One whose
/// tunnels still carry is left alone, however silent it is.
/// </summary>
internal sealed class CharonSilence(TimeProvider time)
{
    /// <summary>How long a charon may be silent.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Dictionary<int, long> _silentSince = [];

    /// <summary>The same look, with the charons marked that hang.</summary>
    /// <param name="observed">The look.</param>
    /// <param name="health">What the monitors say of each tunnel.</param>
    public ObservedGateway Judge(ObservedGateway observed, IReadOnlyDictionary<string, TunnelHealth> health)
    {
        foreach (var pid in _silentSince.Keys.Where(pid => !observed.Charons.Any(charon => charon.Process.Pid == pid && !charon.Answers)).ToList()) _silentSince.Remove(pid);
        return observed with { Charons = [.. observed.Charons.Select(charon => charon with { Hangs = Hangs(charon, health) })] };
    }

    private bool Hangs(ObservedCharon charon, IReadOnlyDictionary<string, TunnelHealth> health)
    {
        if (charon.Answers) return false;
        var now = time.GetTimestamp();
        if (_silentSince.TryAdd(charon.Process.Pid, now)) return false;
        return time.GetElapsedTime(_silentSince[charon.Process.Pid]) >= Patience
            && !health.Any(tunnel => (charon.Carries is null || charon.Carries == tunnel.Key) && tunnel.Value is TunnelHealth.Alive or TunnelHealth.Recovering or TunnelHealth.Degraded);
    }
}
