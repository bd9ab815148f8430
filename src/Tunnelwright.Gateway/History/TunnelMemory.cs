namespace Tunnelwright.Gateway;

/// <summary>What the chronicle remembers of a tunnel between two looks.</summary>
internal sealed class TunnelMemory
{
    public bool Up { get; set; }

    /// <summary>Up as the history says, not yet as a look says.</summary>
    public bool Adopting { get; set; }

    public DateTimeOffset Since { get; set; }

    public LastDown? LastDown { get; set; }

    public string? IkeSpi { get; set; }

    public string? ChildSpi { get; set; }

    /// <summary>When the IKE SA was first seen with the tunnel up.</summary>
    public DateTimeOffset IkeSince { get; set; }

    /// <summary>Why this agent is about to end the SAs itself, and when it said so.</summary>
    public (string Cause, DateTimeOffset At)? Intent { get; set; }

    public bool? Session { get; set; }

    public int? Pid { get; set; }

    public string? LogFile { get; set; }
}
