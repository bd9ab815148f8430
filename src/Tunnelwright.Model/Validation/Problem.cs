namespace Tunnelwright.Model;

/// <summary>How grave a problem is.</summary>
public enum Severity
{
    /// <summary>It will hurt, but the connection can come up.</summary>
    Warning,

    /// <summary>The connection cannot come up or stay up as it stands.</summary>
    Error,
}

/// <summary>One thing that is wrong with a connection or with the file it came from.</summary>
/// <param name="Severity">How grave.</param>
/// <param name="Cause">A cause id, such as phase2-lifetime-out-of-range.</param>
/// <param name="Tunnel">The tunnel's number; null when it concerns the whole connection.</param>
/// <param name="Message">One sentence: what is wrong and what would be right. Never holds a secret.</param>
/// <param name="Field">The field as in the contract's JSON, relative to the tunnel ("ipsec.lifetimeSeconds") or the connection ("id"); null when no field is meant.</param>
/// <param name="Line">Line of the file, counted from 1; null when not known.</param>
public sealed record Problem(Severity Severity, string Cause, int? Tunnel, string Message, string? Field = null, int? Line = null);
