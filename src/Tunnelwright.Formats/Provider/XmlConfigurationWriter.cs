using System.Globalization;
using System.Text;
using System.Xml;
using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>Writes a connection as the provider's XML (CustomerGatewayConfiguration). Registered ranges have no place in it.</summary>
/// <remarks>Three elements are ours and other readers pass over them: <c>ike_version</c>, <c>pseudo_random_function</c>, <c>tunnel_interface_mtu</c>. They stand only where the customary ones cannot say it.</remarks>
public static class XmlConfigurationWriter
{
    /// <summary>Writes a connection. The text holds the keys: give it a file of mode 0600.</summary>
    /// <param name="connection">The connection.</param>
    /// <returns>The document with its declaration, lines ended by LF.</returns>
    public static string Write(VpnConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var text = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", 8192);
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, IndentChars = "  ", NewLineChars = "\n", OmitXmlDeclaration = true }))
        {
            xml.WriteStartElement("vpn_connection");
            xml.WriteAttributeString("id", connection.Id);
            xml.WriteElementString("customer_gateway_id", connection.CustomerGatewayId);
            xml.WriteElementString("vpn_gateway_id", connection.CloudGatewayId ?? "");
            xml.WriteElementString("vpn_connection_type", "ipsec.1");
            if (connection.Routing == Routing.Static) xml.WriteElementString("vpn_connection_attributes", "NoBGPVPNConnection");
            foreach (var tunnel in connection.Tunnels) Tunnel(xml, tunnel);
            xml.WriteEndElement();
        }

        return text.Append('\n').ToString();
    }

    private static void Tunnel(XmlWriter xml, Tunnel tunnel)
    {
        xml.WriteStartElement("ipsec_tunnel");
        Gateway(xml, "customer_gateway", tunnel.CustomerOutside, tunnel.CustomerInside, tunnel.Bgp, tunnel.Bgp?.CustomerAsn);
        Gateway(xml, "vpn_gateway", tunnel.CloudOutside, tunnel.CloudInside, tunnel.Bgp, tunnel.Bgp?.CloudAsn);
        Phase1(xml, tunnel.Ike);
        Phase2(xml, tunnel);
        xml.WriteEndElement();
    }

    private static void Gateway(XmlWriter xml, string name, Ipv4Address? outside, InterfaceAddress inside, BgpSettings? bgp, Asn? asn)
    {
        xml.WriteStartElement(name);
        xml.WriteStartElement("tunnel_outside_address");
        xml.WriteElementString("ip_address", outside?.ToString() ?? "");
        xml.WriteEndElement();
        xml.WriteStartElement("tunnel_inside_address");
        xml.WriteElementString("ip_address", inside.Address.ToString());
        xml.WriteElementString("network_mask", new Ipv4Address(Cidr.MaskOf(inside.PrefixLength)).ToString());
        xml.WriteElementString("network_cidr", Number(inside.PrefixLength));
        xml.WriteEndElement();
        if (bgp is not null)
        {
            xml.WriteStartElement("bgp");
            xml.WriteElementString("asn", asn?.ToString() ?? "");
            xml.WriteElementString("hold_time", Number(bgp.HoldSeconds));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void Phase1(XmlWriter xml, IkeSettings ike)
    {
        xml.WriteStartElement("ike");
        if (ike.Version == IkeVersion.V2) xml.WriteElementString("ike_version", "ikev2");
        if (ike.Authentication == AuthenticationMethod.Certificate) xml.WriteElementString("authentication_method", "certificate");
        xml.WriteElementString("authentication_protocol", ProviderSpelling.Phase1Hash(ike.Proposal) ?? "none");
        if (ike.Proposal is { Integrity: not null, PseudoRandomFunction: { } function }) xml.WriteElementString("pseudo_random_function", ProviderSpelling.OfHash(function));
        xml.WriteElementString("encryption_protocol", ProviderSpelling.Of(ike.Proposal.Encryption));
        xml.WriteElementString("lifetime", Number(ike.Lifetime.Seconds));
        xml.WriteElementString("perfect_forward_secrecy", $"group{ike.Proposal.Group.Number}");
        xml.WriteElementString("mode", ike.Mode == IkeMode.Aggressive ? "aggressive" : "main");
        xml.WriteElementString("pre_shared_key", ike.PreSharedKey?.Reveal() ?? "");
        xml.WriteEndElement();
    }

    private static void Phase2(XmlWriter xml, Tunnel tunnel)
    {
        var proposal = tunnel.Ipsec.Proposal;
        xml.WriteStartElement("ipsec");
        xml.WriteElementString("protocol", "esp");
        xml.WriteElementString("authentication_protocol", proposal.Integrity is { } integrity ? ProviderSpelling.OfAuthenticator(integrity) : "none");
        xml.WriteElementString("encryption_protocol", ProviderSpelling.Of(proposal.Encryption));
        xml.WriteElementString("lifetime", Number(tunnel.Ipsec.Lifetime.Seconds));
        xml.WriteElementString("perfect_forward_secrecy", proposal.PfsGroup is { } group ? $"group{group.Number}" : "none");
        xml.WriteElementString("mode", "tunnel");
        xml.WriteElementString("clear_df_bit", tunnel.ClearDontFragment ? "true" : "false");
        xml.WriteElementString("fragmentation_before_encryption", tunnel.FragmentBeforeEncryption ? "true" : "false");
        if (tunnel.MssBytes is { } mss) xml.WriteElementString("tcp_mss_adjustment", Number(mss));
        if (tunnel.MtuBytes is { } mtu) xml.WriteElementString("tunnel_interface_mtu", Number(mtu));
        xml.WriteStartElement("dead_peer_detection");
        xml.WriteElementString("interval", Number(tunnel.DeadPeerDetection.IntervalSeconds));
        xml.WriteElementString("retries", Number(tunnel.DeadPeerDetection.Retries));
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
