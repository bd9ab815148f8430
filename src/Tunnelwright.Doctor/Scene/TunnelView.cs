using Tunnelwright.Gateway;
using Tunnelwright.Model;
using Tunnelwright.Vici;

namespace Tunnelwright.Doctor;

/// <summary>One tunnel: what runs, what its provider's file says, and what is seen of it.</summary>
internal sealed record TunnelView
{
    public required DesiredConnection Connection { get; init; }

    /// <summary>The settings that are in service.</summary>
    public required DesiredTunnel Settings { get; init; }

    /// <summary>The provider's file that the connection came from; null when none is known.</summary>
    public required DoctorConnection? File { get; init; }

    /// <summary>The tunnel of the provider's file; null when none is known.</summary>
    public required Tunnel? Agreed { get; init; }

    public required ObservedCharon? Charon { get; init; }

    public required IkeSaStatus? Ike { get; init; }

    public required ChildSaStatus? Child { get; init; }

    /// <summary>The tunnel's interface; null without one.</summary>
    public required string? Device { get; init; }

    /// <summary>Bytes of the interface's MTU.</summary>
    public required int? Mtu { get; init; }

    /// <summary>What the agent says; null without an agent.</summary>
    public required TunnelStatus? Status { get; init; }

    public int Number => Settings.Number;

    /// <summary>Its name in charon, which logs call it by.</summary>
    public string Name => GatewayNames.Connection(Connection.Id, Number);

    /// <summary>How checks and progress call it.</summary>
    public string Title => $"tunnel {Number}";

    /// <summary>Whether an SA pair is installed.</summary>
    public bool HasPair => Child is not null;

    /// <summary>The line of a field in the provider's file.</summary>
    public (string File, int? Line)? Place(string field) => File is null ? null : (File.File, File.Read.Lines.LineOf(Number, field));
}
