using Tunnelwright.Model;

namespace Tunnelwright.Cloud;

/// <summary>What may be chosen in the request form: what the provider's profile allows.</summary>
public sealed class RequestChoices
{
    internal RequestChoices(RequirementProfile profile)
    {
        Versions = [.. profile.Ike.Versions.Select(version => ($"{(int)version}", $"IKEv{(int)version}"))];
        IkeEncryption = Names(profile.Ike.Encryption.Select(algorithm => algorithm.Name()));
        IpsecEncryption = Names(profile.Ipsec.Encryption.Select(algorithm => algorithm.Name()));
        IkeIntegrity = [.. Names(profile.Ike.Integrity.Select(algorithm => algorithm.Name())), ("", "none (GCM)")];
        IpsecIntegrity = [.. Names(profile.Ipsec.Integrity.Select(algorithm => algorithm.Name())), ("", "none (GCM)")];
        IkeGroups = Groups(profile.Ike.Groups);
        PfsGroups = Groups(profile.Ipsec.PfsGroups);
        IkeLifetime = $"{profile.Ike.LifetimeSeconds.Minimum:N0} to {profile.Ike.LifetimeSeconds.Maximum:N0} seconds";
        IpsecLifetime = $"{profile.Ipsec.LifetimeSeconds.Minimum:N0} to {profile.Ipsec.LifetimeSeconds.Maximum:N0} seconds, below phase 1";
    }

    /// <summary>IKE versions.</summary>
    public IReadOnlyList<(string Value, string Text)> Versions { get; }

    /// <summary>Phase 1 encryption.</summary>
    public IReadOnlyList<(string Value, string Text)> IkeEncryption { get; }

    /// <summary>Phase 1 integrity.</summary>
    public IReadOnlyList<(string Value, string Text)> IkeIntegrity { get; }

    /// <summary>Phase 1 groups.</summary>
    public IReadOnlyList<(string Value, string Text)> IkeGroups { get; }

    /// <summary>Phase 1 lifetimes in words.</summary>
    public string IkeLifetime { get; }

    /// <summary>Phase 2 encryption.</summary>
    public IReadOnlyList<(string Value, string Text)> IpsecEncryption { get; }

    /// <summary>Phase 2 integrity.</summary>
    public IReadOnlyList<(string Value, string Text)> IpsecIntegrity { get; }

    /// <summary>Groups of perfect forward secrecy.</summary>
    public IReadOnlyList<(string Value, string Text)> PfsGroups { get; }

    /// <summary>Phase 2 lifetimes in words.</summary>
    public string IpsecLifetime { get; }

    /// <summary>Devices that files are written for.</summary>
    public static IReadOnlyList<(string Value, string Text)> Devices { get; } = [.. ConnectionFiles.All.Select(device => (device.Id, $"{device.Id} – {device.Name}"))];

    private static (string, string)[] Names(IEnumerable<string> names) => [.. names.Select(name => (name, name))];

    private static (string, string)[] Groups(IEnumerable<DhGroup> groups) => [.. groups.Select(group => ($"{group.Number}", $"group {group.Number}"))];
}
