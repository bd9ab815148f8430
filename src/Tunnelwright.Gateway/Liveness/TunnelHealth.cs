namespace Tunnelwright.Gateway;

/// <summary>Whether traffic passes through a tunnel, as the monitor sees it.</summary>
public enum TunnelHealth
{
    /// <summary>Nothing has come back yet since the SA was installed, or the peer does not answer echo requests.</summary>
    Unknown,

    /// <summary>Answers come back.</summary>
    Alive,

    /// <summary>Answers come back again, not for long enough yet to prefer the tunnel to another.</summary>
    Recovering,

    /// <summary>Too many answers are missing.</summary>
    Degraded,

    /// <summary>Answers came back once and have stopped.</summary>
    Dead,

    /// <summary>Dead for so long that its SA is replaced.</summary>
    GivenUp,
}
