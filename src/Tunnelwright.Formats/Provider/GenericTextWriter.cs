using System.Globalization;
using System.Text;
using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>Writes a connection as the provider's generic text: the customary sections and labels, with short sentences of our own between them.</summary>
public static class GenericTextWriter
{
    /// <summary>Writes a connection. The text holds the keys: give it a file of mode 0600.</summary>
    /// <param name="connection">The connection.</param>
    /// <returns>The text, lines ended by LF.</returns>
    public static string Write(VpnConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var text = new StringBuilder(8192);
        text.Append("VPN Connection Configuration\n").Append('=', 80).Append('\n');
        text.Append("These names identify the connection; quote them when you ask for help.\n\n");
        Header("Your VPN Connection ID", connection.Id);
        Header(connection.CloudGatewayId?.StartsWith("tgw-", StringComparison.Ordinal) == true ? "Your Transit Gateway ID" : "Your Virtual Private Gateway ID", connection.CloudGatewayId ?? "");
        Header("Your Customer Gateway ID", connection.CustomerGatewayId);
        if (connection.CustomerRanges.Count > 0) Header("Your Registered Ranges", connection.CustomerRanges.ToString());
        if (connection.CloudRanges.Count > 0) Header("Cloud Ranges", connection.CloudRanges.ToString());
        text.Append("\nThe connection consists of the tunnels below. Configure every one of them.\n");
        foreach (var tunnel in connection.Tunnels) Tunnel(text, tunnel, connection.Routing);
        return text.ToString();

        void Header(string label, string value) => text.Append(label.PadRight(41)).Append(": ").Append(value).Append('\n');
    }

    private static void Tunnel(StringBuilder text, Tunnel tunnel, Routing routing)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n\nIPSec Tunnel #{tunnel.Number}\n").Append('=', 80).Append('\n');
        Phase1(text, tunnel.Ike);
        Phase2(text, tunnel);
        Interface(text, tunnel);
        Routes(text, tunnel, routing);
    }

    private static void Phase1(StringBuilder text, IkeSettings ike)
    {
        text.Append("#1: Internet Key Exchange Configuration\n\n");
        text.Append("Your gateway begins: set up the IKE SA with these values. Behind NAT, let UDP port 4500 pass.\n");
        Line(text, "IKE version", ike.Version == IkeVersion.V2 ? "IKEv2" : "IKEv1");
        var usesKey = ike.Authentication == AuthenticationMethod.PreSharedKey;
        Line(text, "Authentication Method", usesKey ? "Pre-Shared Key" : "Certificate");
        if (usesKey || ike.PreSharedKey is not null) Line(text, "Pre-Shared Key", ike.PreSharedKey?.Reveal() ?? ProviderSpelling.KeyPlaceholder);
        Line(text, "Authentication Algorithm", ProviderSpelling.Phase1Hash(ike.Proposal) ?? "none");
        if (ike.Proposal is { Integrity: not null, PseudoRandomFunction: { } function }) Line(text, "Pseudo-Random Function", ProviderSpelling.OfHash(function));
        Line(text, "Encryption Algorithm", ProviderSpelling.Of(ike.Proposal.Encryption));
        Line(text, "Lifetime", $"{ike.Lifetime.Seconds} seconds");
        Line(text, "Phase 1 Negotiation Mode", ike.Mode == IkeMode.Aggressive ? "aggressive" : "main");
        Line(text, "Diffie-Hellman", $"Group {ike.Proposal.Group.Number}");
    }

    private static void Phase2(StringBuilder text, Tunnel tunnel)
    {
        var proposal = tunnel.Ipsec.Proposal;
        text.Append("\n#2: IPSec Configuration\n\nUse one SA pair for all traffic, with these values.\n");
        Line(text, "Protocol", "esp");
        Line(text, "Authentication Algorithm", proposal.Integrity is { } integrity ? ProviderSpelling.OfAuthenticator(integrity) : "none");
        Line(text, "Encryption Algorithm", ProviderSpelling.Of(proposal.Encryption));
        Line(text, "Lifetime", $"{tunnel.Ipsec.Lifetime.Seconds} seconds");
        Line(text, "Mode", "tunnel");
        Line(text, "Perfect Forward Secrecy", proposal.PfsGroup is { } group ? $"Diffie-Hellman Group {group.Number}" : "none");
        text.Append("\nBoth ends watch each other by dead peer detection.\n");
        Line(text, "DPD Interval", tunnel.DeadPeerDetection.IntervalSeconds.ToString(CultureInfo.InvariantCulture));
        Line(text, "DPD Retries", tunnel.DeadPeerDetection.Retries.ToString(CultureInfo.InvariantCulture));
        text.Append("\nESP adds bytes to every packet; these settings keep packets small enough.\n");
        if (tunnel.MssBytes is { } mss) Line(text, "TCP MSS Adjustment", $"{mss} bytes");
        Line(text, "Clear Don't Fragment Bit", tunnel.ClearDontFragment ? "enabled" : "disabled");
        Line(text, "Fragmentation", tunnel.FragmentBeforeEncryption ? "Before encryption" : "After encryption");
    }

    private static void Interface(StringBuilder text, Tunnel tunnel)
    {
        text.Append("\n#3: Tunnel Interface Configuration\n\n");
        text.Append("Encrypted packets travel between the outside addresses, traffic in the tunnel between the inside ones.\n\n");
        text.Append("Outside IP Addresses:\n");
        Line(text, "Customer Gateway", tunnel.CustomerOutside?.ToString() ?? ProviderSpelling.AddressPlaceholder, 36);
        Line(text, "Virtual Private Gateway", tunnel.CloudOutside.ToString(), 36);
        text.Append("\nInside IP Addresses\n");
        Line(text, "Customer Gateway", tunnel.CustomerInside.ToString(), 36);
        Line(text, "Virtual Private Gateway", tunnel.CloudInside.ToString(), 36);
        if (tunnel.MtuBytes is not { } mtu) return;
        text.Append("\nThe largest packet that fits:\n");
        Line(text, "Tunnel interface MTU", $"{mtu} bytes");
    }

    private static void Routes(StringBuilder text, Tunnel tunnel, Routing routing)
    {
        if (routing == Routing.Bgp)
        {
            text.Append("\n#4: Border Gateway Protocol (BGP) Configuration:\n\nRoutes are exchanged by BGP between the inside addresses.\n\nBGP Configuration Options:\n");
            if (tunnel.Bgp is not { } bgp) return;
            Line(text, "Customer Gateway ASN", bgp.CustomerAsn?.ToString() ?? ProviderSpelling.AsnPlaceholder, 36);
            Line(text, "Virtual Private  Gateway ASN", bgp.CloudAsn.ToString(), 36);
            Line(text, "Neighbor IP Address", bgp.Neighbor.ToString(), 36);
            Line(text, "Neighbor Hold Time", bgp.HoldSeconds.ToString(CultureInfo.InvariantCulture), 36);
            return;
        }

        text.Append("\n#4: Static Routing Configuration:\n\nSend the cloud's range to the next hop below.\n\nStatic Route Configuration Options:\n\n");
        if (tunnel.StaticNextHop is { } nextHop) Line(text, "Next hop", nextHop.ToString(), 15);
    }

    private static void Line(StringBuilder text, string label, string value, int width = 25) =>
        text.Append("  - ").Append(label.PadRight(width)).Append(": ").Append(value).Append('\n');
}
