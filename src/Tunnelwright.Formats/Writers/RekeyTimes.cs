using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>When an SA is replaced and when it expires, in seconds after it was made (RFC 7296 section 2.8).</summary>
/// <param name="LifeSeconds">The hard limit: the SA is deleted.</param>
/// <param name="RekeySeconds">The latest moment of the replacement.</param>
/// <param name="RandomSeconds">By how much the replacement may come earlier, at random, so that both ends and both tunnels do not collide.</param>
public sealed record RekeyTimes(int LifeSeconds, int RekeySeconds, int RandomSeconds)
{
    /// <summary>Seconds between the latest replacement and expiry.</summary>
    public int MarginSeconds => LifeSeconds - RekeySeconds;

    /// <summary>The times of phase 1.</summary>
    /// <param name="tunnel">The tunnel.</param>
    /// <param name="profile">Where margin and fuzz come from.</param>
    public static RekeyTimes OfIke(Tunnel tunnel, RequirementProfile profile)
    {
        ArgumentNullException.ThrowIfNull(tunnel);
        ArgumentNullException.ThrowIfNull(profile);
        return Of(tunnel.Ike.Lifetime.Seconds, profile, int.MaxValue);
    }

    /// <summary>The times of phase 2. With IKEv2 and a lifetime of 3,600 s the replacement comes after 51 minutes at the latest, which cures the 60-minute drop.</summary>
    /// <param name="tunnel">The tunnel.</param>
    /// <param name="profile">Where margin and fuzz come from.</param>
    public static RekeyTimes OfIpsec(Tunnel tunnel, RequirementProfile profile)
    {
        ArgumentNullException.ThrowIfNull(tunnel);
        ArgumentNullException.ThrowIfNull(profile);
        var drops = tunnel.Ike.Version == IkeVersion.V2 && tunnel.Ipsec.Lifetime.Seconds == 3600;
        return Of(tunnel.Ipsec.Lifetime.Seconds, profile, drops ? profile.Rekey.SixtyMinuteDropLifetimeSeconds : int.MaxValue);
    }

    private static RekeyTimes Of(int life, RequirementProfile profile, int latest)
    {
        var margin = Math.Clamp(profile.Rekey.DefaultMarginSeconds, 0, life / 4);
        var random = (int)((long)margin * profile.Rekey.FuzzPercent.Default / 100);
        return new RekeyTimes(life, Math.Min(life - margin, latest), random);
    }
}
