using System.Globalization;
using System.Text;
using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>Values in strongSwan's notations.</summary>
internal static class StrongSwanText
{
    /// <summary>A phase 1 proposal (swanctl.conf(5), "proposals").</summary>
    public static string Proposal(IkeProposal proposal)
    {
        Known(proposal.Group);
        return (proposal.Encryption.IsAead() ? proposal with { Integrity = null, PseudoRandomFunction = proposal.EffectivePseudoRandomFunction } : Whole(proposal)).ToString();
    }

    /// <summary>A phase 2 proposal (swanctl.conf(5), "esp_proposals").</summary>
    public static string Proposal(EspProposal proposal)
    {
        if (proposal.PfsGroup is { } group) Known(group);
        if (!proposal.Encryption.IsAead() && proposal.Integrity is null) throw NoIntegrity("Phase 2", proposal.Encryption);
        return (proposal.Encryption.IsAead() ? proposal with { Integrity = null } : proposal).ToString();
    }

    /// <summary>The key of a tunnel; swanctl reads what starts with 0x or 0s as encoded, so a key that starts with 0 is written in hexadecimal digits.</summary>
    public static string QuotedKey(Tunnel tunnel)
    {
        var key = Key(tunnel).Reveal();
        return key[0] == '0' ? $"0x{Convert.ToHexString(Encoding.UTF8.GetBytes(key))}" : $"\"{key}\"";
    }

    /// <summary>The key of a tunnel.</summary>
    public static PreSharedKey Key(Tunnel tunnel)
    {
        if (tunnel.Ike.Authentication != AuthenticationMethod.PreSharedKey) throw new WriterException($"Tunnel {tunnel.Number} authenticates by certificate, which is not written; use a pre-shared key.");
        return tunnel.Ike.PreSharedKey ?? throw new WriterException($"Tunnel {tunnel.Number} has no pre-shared key.", "take the key from the provider's file");
    }

    /// <summary>The settings of the daemon itself: routes are not its business, and a silent peer is given up after the tunnel's DPD time-out.</summary>
    /// <remarks>Five repetitions that are each 1.4 times as long as the one before make 16.324 times the first (strongswan.conf(5), "retransmission").</remarks>
    public static string DaemonSettings(VpnConnection connection, RequirementProfile profile)
    {
        const double growth = 16.324;
        var timeout = Math.Max(profile.DeadPeerDetection.MinimumTimeoutSeconds, connection.Tunnels.Max(tunnel => tunnel.DeadPeerDetection.TimeoutSeconds));
        var text = new ConfigurationText();
        text.Comment($"The IKE daemon's settings for {Printable.Comment(connection.Id)}: put this file into /etc/strongswan.d.");
        text.Comment("Routes are made with the interfaces, not by the daemon.");
        text.Comment($"IKEv2 gives a silent peer up after {timeout} s, with five retransmissions at growing intervals.");
        text.Braces("charon", () =>
        {
            text.Line("install_routes = no");
            text.Line("retransmit_tries = 5");
            text.Line("retransmit_base = 1.4");
            text.Line(string.Create(CultureInfo.InvariantCulture, $"retransmit_timeout = {timeout / growth:0.00}"));
        });
        return text.ToString();
    }

    private static IkeProposal Whole(IkeProposal proposal) => proposal.Integrity is null ? throw NoIntegrity("Phase 1", proposal.Encryption) : proposal;

    private static WriterException NoIntegrity(string phase, EncryptionAlgorithm encryption) => new($"{phase} has no integrity algorithm, which {encryption.Name()} needs.");

    private static void Known(DhGroup group)
    {
        if (group.Keyword is null) throw new WriterException($"strongSwan knows no Diffie-Hellman {group}.");
    }
}
