using Tunnelwright.Model;

namespace Tunnelwright.Diagnosis;

/// <summary>A value of a configuration file and its line.</summary>
internal readonly record struct Setting(string Text, int Line);

/// <summary>One connection of a device's configuration, in the words of IKE, whatever its format.</summary>
internal sealed class DeviceConnection(string source, string name, int line)
{
    public string Source { get; } = source;

    public string Name { get; } = name;

    public int Line { get; } = line;

    public Setting? Local { get; set; }

    public Setting? Remote { get; set; }

    public Setting? LocalId { get; set; }

    public Setting? RemoteId { get; set; }

    /// <summary>1 or 2; null when the configuration leaves it open.</summary>
    public int? Version { get; set; }

    public Setting? VersionSetting { get; set; }

    public Setting? IkeProposals { get; set; }

    public Setting? EspProposals { get; set; }

    public Setting? IkeSeconds { get; set; }

    /// <summary>Seconds after which a CHILD_SA ends.</summary>
    public Setting? EspSeconds { get; set; }

    /// <summary>Seconds after which a CHILD_SA is renewed.</summary>
    public Setting? EspRekeySeconds { get; set; }

    public Setting? Dpd { get; set; }

    public Setting? Mode { get; set; }

    public Setting? Aggressive { get; set; }

    public Setting? Start { get; set; }

    public Setting? Pfs { get; set; }

    public Setting? Authentication { get; set; }

    /// <summary>Ranges on this side (traffic selectors), several in one setting and in several; none where the daemon's default holds.</summary>
    public List<Setting> LocalSelectors { get; private set; } = [];

    /// <summary>Ranges on the peer's side.</summary>
    public List<Setting> RemoteSelectors { get; private set; } = [];

    /// <summary>The if_id of the XFRM interface that its packets go through.</summary>
    public Setting? InterfaceId { get; set; }

    /// <summary>Names of the children; each asks for an SA pair of its own.</summary>
    public List<Setting> Children { get; } = [];

    /// <summary>The peer's addresses that are written as addresses.</summary>
    public IReadOnlyList<Ipv4Address> Peers => [.. (Remote?.Text ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries)
        .Select(word => Ipv4Address.TryParse(word, out var address) ? address : (Ipv4Address?)null).OfType<Ipv4Address>()];

    /// <summary>Turns the sides round: an ipsec.conf may have this host on the right (ipsec.conf(5), "left or right").</summary>
    public void TurnRound()
    {
        (Local, Remote) = (Remote, Local);
        (LocalId, RemoteId) = (RemoteId, LocalId);
        (LocalSelectors, RemoteSelectors) = (RemoteSelectors, LocalSelectors);
    }
}

/// <summary>A pre-shared key of a configuration and whom it is for.</summary>
internal sealed record DeviceKey(string Source, int Line, IReadOnlyList<string> Owners, string Key);

/// <summary>What all configuration files of a device say together.</summary>
internal sealed class DeviceConfiguration
{
    public List<DeviceConnection> Connections { get; } = [];

    public List<DeviceKey> Keys { get; } = [];

    /// <summary>Whether a file was given in which keys would stand.</summary>
    public bool HasKeyFile { get; set; }
}
