using System.Globalization;
using Tunnelwright.Model;

namespace Tunnelwright.Diagnosis;

/// <summary>A device's connection beside the tunnel of the provider's file that it is for.</summary>
/// <param name="Device">What the device has.</param>
/// <param name="Tunnel">What the provider's file says; null when there is no such file, or it has no tunnel to this address.</param>
/// <param name="Keys">The keys of the device's configuration.</param>
/// <param name="Profile">The provider's limits.</param>
internal sealed record Pairing(DeviceConnection Device, Tunnel? Tunnel, DeviceConfiguration Keys, RequirementProfile Profile);

/// <summary>One way in which a device's configuration can be wrong by itself or against the provider's file.</summary>
internal abstract class Contradiction
{
    /// <summary>Every contradiction that is looked for.</summary>
    public static IReadOnlyList<Contradiction> All { get; } =
    [
        new VersionDiffers(), new ModeIsAggressive(), new IkeProposalDiffers(), new EspProposalDiffers(), new PfsDiffers(), new IkeLifetimeDiffers(), new EspLifetimeDiffers(),
        new RekeysAtTheHour(), new KeyDiffersFromFile(), new IdentityIsNotRegistered(), new IsTransportMode(), new HasNoDeadPeerDetection(), new NeverInitiates(), new AsksForManyPairs(),
        new MethodIsNotKey(), new UnknownAlgorithm(),
    ];

    /// <summary>Adds what is wrong to the faults.</summary>
    public abstract void Look(Pairing pair, ConfigurationFaults faults);

    protected static void Report(Pairing pair, ConfigurationFaults faults, string cause, int line, string text, bool isMinor = false) =>
        faults.Add(cause, pair.Device.Source, line, $"connection '{pair.Device.Name}': {text}", pair.Tunnel?.Number, isMinor);

    protected static int? Number(Setting? setting) => setting is { } value && int.TryParse(value.Text, NumberStyles.None, null, out var number) ? number : null;
}

internal sealed class VersionDiffers : Contradiction
{
    public override void Look(Pairing pair, ConfigurationFaults faults)
    {
        if (pair.Tunnel is not { } tunnel || pair.Device.Version is not { } version || version == (int)tunnel.Ike.Version) return;
        Report(pair, faults, "ike-version-mismatch", pair.Device.VersionSetting?.Line ?? pair.Device.Line, $"IKEv{version}, where the provider's file says IKEv{(int)tunnel.Ike.Version}");
    }
}

internal sealed class ModeIsAggressive : Contradiction
{
    public override void Look(Pairing pair, ConfigurationFaults faults)
    {
        if (pair.Device.Aggressive is { Text: "yes" or "1" or "true" or "on" } aggressive) Report(pair, faults, Model.Causes.IkeModeMismatch, aggressive.Line, "aggressive mode, where the provider takes main mode only");
    }
}

internal sealed class IkeProposalDiffers : Contradiction
{
    public override void Look(Pairing pair, ConfigurationFaults faults)
    {
        if (pair.Tunnel is not { } tunnel || pair.Device.IkeProposals is not { } setting) return;
        var list = ProposalList.Parse(setting.Text);
        var wanted = tunnel.Ike.Proposal;
        if (list.Offers(wanted.Encryption, wanted.Integrity) && (list.HasGroup(wanted.Group) || !list.NamesGroups)) return;
        Report(pair, faults, Model.Causes.IkeProposalMismatch, setting.Line, $"phase 1 offers {setting.Text}, where the provider's file says {wanted}");
    }
}

internal sealed class EspProposalDiffers : Contradiction
{
    public override void Look(Pairing pair, ConfigurationFaults faults)
    {
        if (pair.Tunnel is not { } tunnel || pair.Device.EspProposals is not { } setting) return;
        var wanted = tunnel.Ipsec.Proposal;
        if (ProposalList.Parse(setting.Text).Offers(wanted.Encryption, wanted.Integrity)) return;
        Report(pair, faults, Model.Causes.EspProposalMismatch, setting.Line, $"phase 2 offers {setting.Text}, where the provider's file says {wanted}");
    }
}

internal sealed class PfsDiffers : Contradiction
{
    public override void Look(Pairing pair, ConfigurationFaults faults)
    {
        if (pair.Tunnel?.Ipsec.Proposal.PfsGroup is not { } wanted) return;
        if (pair.Device.Pfs is { Text: "no" } off)
        {
            Report(pair, faults, Model.Causes.PfsMismatch, off.Line, $"PFS is off, where the provider's file says {wanted}");
            return;
        }

        // Libreswan takes the group of phase 1 when phase 2 names none.
        if (pair.Device.EspProposals is not { } setting || pair.Device.Pfs is { Text: "yes" }) return;
        var list = ProposalList.Parse(setting.Text);
        if (list.HasGroup(wanted)) return;
        Report(pair, faults, Model.Causes.PfsMismatch, setting.Line, list.NamesGroups ? $"phase 2 offers {setting.Text}, where the provider's file says {wanted}" : $"phase 2 offers {setting.Text} without a group, where the provider's file wants PFS with {wanted}");
    }
}

internal sealed class IkeLifetimeDiffers : Contradiction
{
    public override void Look(Pairing pair, ConfigurationFaults faults)
    {
        if (Number(pair.Device.IkeSeconds) is not { } seconds) return;
        var bounds = pair.Profile.Ike.LifetimeSeconds;
        var most = pair.Tunnel?.Ike.Lifetime.Seconds ?? bounds.Maximum;
        if (seconds <= most && seconds >= bounds.Minimum) return;
        Report(pair, faults, Model.Causes.IkeLifetimeOutOfRange, pair.Device.IkeSeconds!.Value.Line, $"phase 1 lives {seconds} s, where {(pair.Tunnel is null ? $"the provider allows {bounds} s" : $"the provider's file says {most} s")}");
    }
}

internal sealed class EspLifetimeDiffers : Contradiction
{
    public override void Look(Pairing pair, ConfigurationFaults faults)
    {
        if ((pair.Device.EspSeconds ?? pair.Device.EspRekeySeconds) is not { } setting || Number(setting) is not { } seconds || seconds == 0) return;
        var bounds = pair.Profile.Ipsec.LifetimeSeconds;
        var most = pair.Tunnel?.Ipsec.Lifetime.Seconds ?? bounds.Maximum;
        if (seconds <= most && seconds >= bounds.Minimum) return;
        Report(pair, faults, Model.Causes.Phase2LifetimeOutOfRange, setting.Line, $"phase 2 lives {seconds} s, where {(pair.Tunnel is null ? $"the provider allows {bounds} s" : $"the provider's file says {most} s")}");
    }
}

internal sealed class RekeysAtTheHour : Contradiction
{
    public override void Look(Pairing pair, ConfigurationFaults faults)
    {
        var hour = pair.Profile.Ipsec.LifetimeSeconds.Maximum;
        if ((pair.Device.Version ?? (int?)pair.Tunnel?.Ike.Version) != 2 || Number(pair.Device.EspRekeySeconds) != hour) return;
        Report(pair, faults, Model.Causes.Rekey60MinuteDrop, pair.Device.EspRekeySeconds!.Value.Line, $"IKEv2 renews phase 2 at exactly {hour} s, when the provider's end lets it expire");
    }
}

internal sealed class KeyDiffersFromFile : Contradiction
{
    public override void Look(Pairing pair, ConfigurationFaults faults)
    {
        if (pair.Tunnel is not { Ike.PreSharedKey: { } wanted } tunnel || !pair.Keys.HasKeyFile) return;
        var peer = tunnel.CloudOutside.ToString();
        var keys = pair.Keys.Keys.Where(key => key.Owners.Contains(peer) || (pair.Device.RemoteId is { } id && key.Owners.Contains(id.Text))).ToList();
        if (keys.Count == 0) keys = [.. pair.Keys.Keys.Where(key => key.Owners.Count == 0 || key.Owners.Contains("%any"))];
        if (keys.Count == 0)
        {
            Report(pair, faults, Model.Causes.PskMissing, pair.Device.Line, $"no key is given for {peer}");
            return;
        }

        if (keys.Exists(key => PreSharedKey.IsUsable(key.Key) && wanted.Equals(new PreSharedKey(key.Key)))) return;
        faults.Add(Model.Causes.PskMismatch, keys[0].Source, keys[0].Line, $"the key for {peer} is not that of the provider's file ({keys[0].Key.Length} characters, the file's has {wanted.Length})", tunnel.Number);
    }
}

internal sealed class IdentityIsNotRegistered : Contradiction
{
    public override void Look(Pairing pair, ConfigurationFaults faults)
    {
        if (pair.Tunnel is not { CustomerOutside: { } registered } tunnel) return;
        var identity = pair.Device.LocalId ?? pair.Device.Local;
        if (identity is { } mine && Ipv4Address.TryParse(mine.Text, out var address) && address != registered)
            Report(pair, faults, "identity-mismatch", mine.Line, $"introduces itself as {address}, where the provider's file has {registered}");
        if (pair.Device.RemoteId is { } theirs && Ipv4Address.TryParse(theirs.Text, out var remote) && remote != tunnel.CloudOutside)
            Report(pair, faults, "identity-mismatch", theirs.Line, $"expects the peer to be {remote}, where the provider's file has {tunnel.CloudOutside}");
    }
}

internal sealed class IsTransportMode : Contradiction
{
    public override void Look(Pairing pair, ConfigurationFaults faults)
    {
        if (pair.Device.Mode is { Text: "transport" or "beet" } mode) Report(pair, faults, Model.Causes.EncapsulationModeMismatch, mode.Line, $"{mode.Text} mode, where the provider takes tunnel mode");
    }
}

internal sealed class HasNoDeadPeerDetection : Contradiction
{
    public override void Look(Pairing pair, ConfigurationFaults faults)
    {
        if (pair.Tunnel is null || (Number(pair.Device.Dpd) ?? (pair.Device.Dpd is { } written && Lifetime.TryParse(written.Text, out var delay) ? delay.Seconds : 0)) > 0) return;
        Report(pair, faults, Model.Causes.DpdTimeout, pair.Device.Dpd?.Line ?? pair.Device.Line, "dead peer detection is off, so that a dead endpoint is not noticed", isMinor: true);
    }
}

internal sealed class NeverInitiates : Contradiction
{
    public override void Look(Pairing pair, ConfigurationFaults faults)
    {
        if (pair.Tunnel is null || pair.Device.Start is { Text: not ("none" or "add") }) return;
        Report(pair, faults, "not-initiating", pair.Device.Start?.Line ?? pair.Device.Line, "nothing starts the negotiation, and the provider's end only answers", isMinor: true);
    }
}

internal sealed class AsksForManyPairs : Contradiction
{
    public override void Look(Pairing pair, ConfigurationFaults faults)
    {
        if (pair.Tunnel is null || pair.Device.Children.Count < 2) return;
        Report(pair, faults, "multiple-sa-pairs", pair.Device.Children[1].Line, $"{pair.Device.Children.Count} children ask for an SA pair each; the provider's end keeps one");
    }
}

internal sealed class MethodIsNotKey : Contradiction
{
    public override void Look(Pairing pair, ConfigurationFaults faults)
    {
        if (pair.Tunnel is not { Ike.Authentication: AuthenticationMethod.PreSharedKey } || pair.Device.Authentication is not { } method) return;
        if (method.Text is "psk" or "secret" or "%secret" or "") return;
        Report(pair, faults, Model.Causes.AuthMethodUnsupported, method.Line, $"authenticates by {method.Text}, where the provider's file has a pre-shared key");
    }
}

internal sealed class UnknownAlgorithm : Contradiction
{
    public override void Look(Pairing pair, ConfigurationFaults faults)
    {
        foreach (var setting in new[] { pair.Device.IkeProposals, pair.Device.EspProposals })
        {
            if (setting is not { } written) continue;
            foreach (var word in ProposalList.Parse(written.Text).Unknown) Report(pair, faults, Model.Causes.ConfigSyntax, written.Line, $"there is no algorithm '{word}'");
        }
    }
}
