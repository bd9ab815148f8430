using System.Collections.Frozen;

namespace Tunnelwright.Formats;

/// <summary>What a label of the generic text means before its place in the file is known.</summary>
internal enum GenericLabel
{
    None,
    ConnectionId,
    CloudGatewayId,
    CustomerGatewayId,
    CustomerRanges,
    CloudRanges,
    IkeVersion,
    Version,
    Authentication,
    PreSharedKey,
    PseudoRandomFunction,
    Integrity,
    Encryption,
    Lifetime,
    Phase1Mode,
    Mode,
    DiffieHellman,
    PerfectForwardSecrecy,
    Protocol,
    DpdInterval,
    DpdRetries,
    DpdTimeout,
    Mss,
    Mtu,
    ClearDontFragment,
    Fragmentation,
    CustomerGateway,
    CloudGateway,
    CustomerAsn,
    CloudAsn,
    Neighbor,
    HoldTime,
    NextHop,
}

/// <summary>The labels of the generic text in all spellings that its eras use, squeezed to letters and digits.</summary>
internal static class GenericLabels
{
    private static readonly FrozenDictionary<string, GenericLabel> Known = All().ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, GenericLabel>.AlternateLookup<ReadOnlySpan<char>> Lookup = Known.GetAlternateLookup<ReadOnlySpan<char>>();

    public static GenericLabel Find(ReadOnlySpan<char> squeezed) => Lookup.TryGetValue(squeezed, out var label) ? label : GenericLabel.None;

    private static Dictionary<string, GenericLabel> All()
    {
        var labels = new Dictionary<string, GenericLabel>(StringComparer.Ordinal);
        Add(GenericLabel.ConnectionId, "yourvpnconnectionid", "vpnconnectionid", "vpnconnectionidentifier", "connectionid", "vpnid", "yourvpnid");
        Add(GenericLabel.CloudGatewayId, "yourvirtualprivategatewayid", "virtualprivategatewayid", "yourvpngatewayid", "vpngatewayid", "yourtransitgatewayid", "transitgatewayid", "vgwid", "tgwid", "yourcloudgatewayid", "cloudgatewayid", "yourgatewayid");
        Add(GenericLabel.CustomerGatewayId, "yourcustomergatewayid", "customergatewayid", "cgwid", "customergatewayidentifier");
        Add(GenericLabel.CustomerRanges, "localipv4networkcidr", "yourregisteredranges", "registeredranges", "customerranges", "staticipprefixes");
        Add(GenericLabel.CloudRanges, "remoteipv4networkcidr", "yourcloudranges", "cloudranges", "cloudnetwork");
        Add(GenericLabel.IkeVersion, "ikeversion", "ikeprotocolversion", "ikeversions", "internetkeyexchangeversion", "keyexchangeversion", "keyexchange");
        Add(GenericLabel.Version, "version");
        Add(GenericLabel.Authentication, "authenticationmethod", "authmethod", "authentication", "authenticationtype");
        Add(GenericLabel.PreSharedKey, "presharedkey", "psk", "sharedsecret", "presharedsecret", "presharedkeypsk", "sharedkey", "ikepresharedkey");
        Add(GenericLabel.PseudoRandomFunction, "pseudorandomfunction", "prf", "prfalgorithm", "pseudorandomfunctionprf");
        Add(GenericLabel.Integrity, "authenticationalgorithm", "integrityalgorithm", "hashalgorithm", "authalgorithm", "authenticationprotocol", "integrity", "hash", "hashingalgorithm", "authenticationalgorithms", "integrityalgorithms", "phase1integrityalgorithm", "phase2integrityalgorithm");
        Add(GenericLabel.Encryption, "encryptionalgorithm", "encryption", "encryptionprotocol", "cipher", "encryptionalgorithms", "phase1encryptionalgorithm", "phase2encryptionalgorithm");
        Add(GenericLabel.Lifetime, "lifetime", "salifetime", "lifetimeseconds", "lifetimesec", "lifetimeinseconds", "phase1lifetime", "phase2lifetime", "ikelifetime", "ipseclifetime", "keylifetime", "lifetimes");
        Add(GenericLabel.Phase1Mode, "phase1negotiationmode", "negotiationmode", "phase1mode", "exchangemode", "ikemode", "phaseinegotiationmode", "phaseonenegotiationmode");
        Add(GenericLabel.Mode, "mode", "encapsulationmode", "ipsecmode", "tunnelmode");
        Add(GenericLabel.DiffieHellman, "diffiehellman", "diffiehellmangroup", "dhgroup", "diffiehellmangroups", "dhgroups", "dh", "diffiehellmandhgroup", "phase1dhgroup", "phase1diffiehellmangroup");
        Add(GenericLabel.PerfectForwardSecrecy, "perfectforwardsecrecy", "pfs", "pfsgroup", "perfectforwardsecrecypfs", "perfectforwardsecrecygroup", "phase2dhgroup", "phase2diffiehellmangroup");
        Add(GenericLabel.Protocol, "protocol", "ipsecprotocol", "transformprotocol");
        Add(GenericLabel.DpdInterval, "dpdinterval", "deadpeerdetectioninterval", "dpddelay", "dpdthreshold", "dpdintervalseconds");
        Add(GenericLabel.DpdRetries, "dpdretries", "dpdretry", "dpdretrycount", "deadpeerdetectionretries", "dpdmaxretries", "dpdfailures");
        Add(GenericLabel.DpdTimeout, "dpdtimeout", "deadpeerdetectiontimeout", "dpdtimeoutseconds");
        Add(GenericLabel.Mss, "tcpmssadjustment", "mssadjustment", "tcpmss", "mss", "tcpmssclamp", "tcpmssclamping", "adjusttcpmss", "tcpmaximumsegmentsize");
        Add(GenericLabel.Mtu, "tunnelinterfacemtu", "interfacemtu", "mtu", "tunnelmtu", "tunnelinterfacemaximumtransmissionunit");
        Add(GenericLabel.ClearDontFragment, "cleardontfragmentbit", "cleardfbit", "cleardf", "cleardontfragment", "cleardontfragmentdfbit", "clearthedontfragmentbit");
        Add(GenericLabel.Fragmentation, "fragmentation", "packetfragmentation", "fragment");
        Add(GenericLabel.CustomerGateway, "customergateway", "customergatewayaddress", "customergatewayip", "customergatewayipaddress", "yourcustomergateway", "cgw");
        Add(GenericLabel.CloudGateway, "virtualprivategateway", "vpngateway", "transitgateway", "virtualprivategatewayaddress", "virtualprivategatewayip", "virtualprivategatewayipaddress", "vgw", "tgw", "awsgateway", "awsendpoint", "awsvpnendpoint", "cloudgateway", "vpnendpoint", "awsvpngateway");
        Add(GenericLabel.CustomerAsn, "customergatewayasn", "customerasn", "yourasn", "customergatewaybgpasn", "localasn", "cgwasn");
        Add(GenericLabel.CloudAsn, "virtualprivategatewayasn", "vpngatewayasn", "transitgatewayasn", "amazonsideasn", "awsasn", "virtualprivategatewaybgpasn", "cloudgatewayasn", "vgwasn", "tgwasn", "remoteasn", "amazonasn");
        Add(GenericLabel.Neighbor, "neighboripaddress", "neighbouripaddress", "neighborip", "neighbor", "neighbour", "neighboraddress", "neighbouraddress", "bgpneighbor", "bgpneighboripaddress", "bgpneighborip", "bgppeerip", "neighboripv4address");
        Add(GenericLabel.HoldTime, "neighborholdtime", "neighbourholdtime", "holdtime", "bgpholdtime", "holdtimer", "neighborholdtimer");
        Add(GenericLabel.NextHop, "nexthop", "nexthopip", "nexthopaddress", "nexthopipaddress", "staticroutenexthop");
        return labels;

        void Add(GenericLabel label, params ReadOnlySpan<string> spellings)
        {
            foreach (var spelling in spellings) labels.Add(spelling, label);
        }
    }
}
