namespace Tunnelwright.Model.Tests;

/// <summary>One way to break a connection, and what the rules have to say about it.</summary>
/// <param name="Name">What was broken, in words.</param>
/// <param name="Connection">The broken connection.</param>
/// <param name="Severity">How grave the problem is.</param>
/// <param name="Cause">Its cause.</param>
/// <param name="Tunnel">The tunnel it concerns.</param>
/// <param name="Field">The field it names.</param>
/// <param name="Says">What the message has to hold.</param>
internal sealed record RuleCase(string Name, VpnConnection Connection, Severity Severity, string Cause, int? Tunnel, string Field, string Says);

internal static class RuleCases
{
    private const Severity E = Severity.Error;
    private const Severity W = Severity.Warning;

    public static IReadOnlyList<RuleCase> All { get; } = [.. Shape(), .. Ike(), .. Ipsec(), .. Addresses(), .. Sizes(), .. BgpCases(), .. Ranges()];

    private static IEnumerable<RuleCase> Shape()
    {
        var bgp = Samples.Bgp();
        yield return new("one tunnel", bgp with { Tunnels = [bgp.Tunnels[0]] }, E, Causes.BothTunnelsNotConfigured, null, "tunnels", "one tunnel only");
        yield return new("no tunnel", bgp with { Tunnels = [] }, E, Causes.BothTunnelsNotConfigured, null, "tunnels", "no tunnel");
        yield return new("tunnel number 7", bgp.With(2, t => t with { Number = 7 }), E, Causes.ConfigSyntax, 7, "number", "1 to 2");
        yield return new("a number twice", bgp.With(2, t => t with { Number = 1 }), E, Causes.ConfigSyntax, 1, "number", "Two tunnels");
        yield return new("BGP without a session", bgp.With(2, t => t with { Bgp = null }), E, Causes.BgpNotEstablished, 2, "bgp", "no BGP session");
        yield return new("static with a session", Samples.Static().With(1, t => t with { Bgp = bgp.Tunnels[0].Bgp }), E, Causes.BgpNotEstablished, 1, "bgp", "statically");
        yield return new("no next hop", Samples.Static().With(1, t => t with { StaticNextHop = null }), W, Causes.RouteMissing, 1, "staticNextHop", "169.254.10.1");
        yield return new("wrong next hop", Samples.Static().With(2, t => t with { StaticNextHop = t.CustomerInside.Address }), E, Causes.RouteMissing, 2, "staticNextHop", "169.254.20.1");
    }

    private static IEnumerable<RuleCase> Ike()
    {
        var bgp = Samples.Bgp();
        yield return new("IKEv3", bgp.With(1, t => t.WithIke(i => i with { Version = (IkeVersion)3 })), E, Causes.IkeProposalMismatch, 1, "ike.version", "IKEv1 or IKEv2");
        yield return new("aggressive mode", bgp.With(1, t => t.WithIke(i => i with { Mode = IkeMode.Aggressive })), E, Causes.IkeModeMismatch, 1, "ike.mode", "main mode only");
        yield return new(
            "certificates",
            bgp.With(2, t => t.WithIke(i => i with { Authentication = AuthenticationMethod.Certificate })),
            E,
            Causes.AuthMethodUnsupported,
            2,
            "ike.authentication",
            "pre-shared key");
        yield return new("no key", bgp.With(1, t => t.WithIke(i => i with { PreSharedKey = null })), E, Causes.PskMissing, 1, "ike.preSharedKey", "missing");
        yield return new("a short key", bgp.With(1, t => t.WithIke(i => i with { PreSharedKey = new("short.7") })), E, Causes.PskMismatch, 1, "ike.preSharedKey", "7 characters");
        yield return new(
            "a long key", bgp.With(1, t => t.WithIke(i => i with { PreSharedKey = new(new string('k', 65)) })), E, Causes.PskMismatch, 1, "ike.preSharedKey", "65 characters");
        yield return new(
            "a key with a dash", bgp.With(2, t => t.WithIke(i => i with { PreSharedKey = new("a-key-with-dashes") })), E, Causes.PskMismatch, 2, "ike.preSharedKey", "'.' '_'");
        yield return new(
            "a key that starts with 0", bgp.With(2, t => t.WithIke(i => i with { PreSharedKey = new("0123456789") })), E, Causes.PskMismatch, 2, "ike.preSharedKey", "starts with '0'");
        yield return new(
            "one key for both",
            bgp.With(2, t => t.WithIke(i => i with { PreSharedKey = bgp.Tunnels[0].Ike.PreSharedKey })),
            W,
            Causes.PskMismatch,
            2,
            "ike.preSharedKey",
            "Tunnels 1 and 2");
        yield return Phase1("3des", p => p with { Encryption = EncryptionAlgorithm.TripleDes }, "ike.encryption", "3des");
        yield return Phase1("aes192", p => p with { Encryption = EncryptionAlgorithm.Aes192 }, "ike.encryption", "aes128, aes256, aes128gcm16 or aes256gcm16");
        yield return new(
            "GCM with IKEv1",
            bgp.With(1, t => t.WithIke(i => i with { Version = IkeVersion.V1, Proposal = new(EncryptionAlgorithm.Aes256Gcm16, null, new(14)) })),
            E,
            Causes.IkeProposalMismatch,
            1,
            "ike.encryption",
            "RFC 5282");
        yield return Phase1("md5", p => p with { Integrity = IntegrityAlgorithm.Md5 }, "ike.integrity", "md5");
        yield return Phase1("no integrity", p => p with { Integrity = null }, "ike.integrity", "no integrity");
        yield return Phase1("group 5", p => p with { Group = new(5) }, "ike.dhGroup", "group 2 or 14–24");
        yield return Phase1("group 31", p => p with { Group = new(31) }, "ike.dhGroup", "group 31");
        foreach (var seconds in new[] { 899, 28801 })
        {
            yield return new(
                $"phase 1 for {seconds} s",
                bgp.With(1, t => t.WithIke(i => i with { Lifetime = new(seconds) }) with { Ipsec = t.Ipsec with { Lifetime = new(Math.Min(3060, seconds - 1)) } }),
                E,
                Causes.IkeLifetimeOutOfRange,
                1,
                "ike.lifetimeSeconds",
                "900–28800 s");
        }

        RuleCase Phase1(string name, Func<IkeProposal, IkeProposal> change, string field, string says) =>
            new($"phase 1 {name}", bgp.With(2, t => t.WithIkeProposal(change)), E, Causes.IkeProposalMismatch, 2, field, says);
    }

    private static IEnumerable<RuleCase> Ipsec()
    {
        var bgp = Samples.Bgp();
        yield return Phase2("3des", p => p with { Encryption = EncryptionAlgorithm.TripleDes }, Causes.EspProposalMismatch, "ipsec.encryption", "3des");
        yield return Phase2("md5", p => p with { Integrity = IntegrityAlgorithm.Md5 }, Causes.EspProposalMismatch, "ipsec.integrity", "md5");
        yield return Phase2("no integrity", p => p with { Integrity = null }, Causes.EspProposalMismatch, "ipsec.integrity", "no integrity");
        yield return Phase2("no PFS", p => p with { PfsGroup = null }, Causes.PfsMismatch, "ipsec.pfsGroup", "group 2, 5 or 14–24");
        yield return Phase2("PFS group 31", p => p with { PfsGroup = new DhGroup(31) }, Causes.PfsMismatch, "ipsec.pfsGroup", "group 31");
        foreach (var seconds in new[] { 899, 3601, 7200 })
        {
            yield return new(
                $"phase 2 for {seconds} s", bgp.With(1, t => Life(t, seconds)), E, Causes.Phase2LifetimeOutOfRange, 1, "ipsec.lifetimeSeconds", "900–3600 s");
        }

        yield return new(
            "phase 2 as long as phase 1",
            bgp.With(2, t => Life(t, 2000).WithIke(i => i with { Lifetime = new(2000) })),
            E,
            Causes.Phase2LifetimeOutOfRange,
            2,
            "ipsec.lifetimeSeconds",
            "not below");
        yield return new("IKEv2 for 3600 s", bgp.With(1, t => Life(t, 3600)), W, Causes.Rekey60MinuteDrop, 1, "ipsec.lifetimeSeconds", "3060 s");
        yield return Dpd("interval 0", new(0, 3), E, "dpd.intervalSeconds", "switches the check off");
        yield return Dpd("interval 60", new(60, 3), W, "dpd.intervalSeconds", "10 s and 3 retries");
        yield return Dpd("no retries", new(10, 0), E, "dpd.retries", "0 retries");
        yield return Dpd("too quick", new(5, 3), W, "dpd.retries", "15 s");

        RuleCase Phase2(string name, Func<EspProposal, EspProposal> change, string cause, string field, string says) =>
            new($"phase 2 {name}", bgp.With(1, t => t.WithEsp(change)), E, cause, 1, field, says);
        RuleCase Dpd(string name, DeadPeerDetection dpd, Severity severity, string field, string says) =>
            new($"DPD {name}", bgp.With(2, t => t with { DeadPeerDetection = dpd }), severity, Causes.DpdTimeout, 2, field, says);
        static Tunnel Life(Tunnel tunnel, int seconds) => tunnel with { Ipsec = tunnel.Ipsec with { Lifetime = new(seconds) } };
    }

    private static IEnumerable<RuleCase> Addresses()
    {
        var bgp = Samples.Bgp();
        yield return new("private customer", Customer("10.0.0.5"), E, Causes.SourceAddressMismatch, 1, "outside.customer", "behind NAT");
        yield return new("carrier NAT customer", Customer("100.64.3.4"), E, Causes.SourceAddressMismatch, 2, "outside.customer", "RFC 6598");
        yield return new("documentation customer", Customer("203.0.113.2"), W, Causes.SourceAddressMismatch, 1, "outside.customer", "lab only");
        yield return new(
            "two customers", bgp.With(2, t => t with { CustomerOutside = Ipv4Address.Parse("98.80.93.59") }), E, Causes.SourceAddressMismatch, 2, "outside.customer", "98.80.93.58");
        yield return new("private cloud", Cloud("192.168.1.1"), E, Causes.StalePeerAddress, 2, "outside.cloud", "RFC 1918");
        yield return new("documentation cloud", Cloud("198.51.100.2"), W, Causes.StalePeerAddress, 2, "outside.cloud", "lab only");
        yield return new("one endpoint for both", Cloud("3.7.174.1"), W, Causes.StalePeerAddress, 2, "outside.cloud", "both end at 3.7.174.1");
        yield return new("one address for both ends", Cloud("98.80.93.58"), E, Causes.StalePeerAddress, 2, "outside.cloud", "both have");
        yield return new("inside /29", Inside("169.254.10.2/29", "169.254.10.1/29"), E, Causes.OverlappingNetworks, 1, "inside.cloud", "/30");
        yield return new("inside elsewhere", Inside("10.9.9.2/30", "10.9.9.1/30"), E, Causes.OverlappingNetworks, 1, "inside.customer", "169.254.0.0/16");
        yield return new("inside forbidden", Inside("169.254.5.2/30", "169.254.5.1/30"), E, Causes.OverlappingNetworks, 1, "inside.cloud", "169.254.5.0/30");
        yield return new("inside metadata", Inside("169.254.169.254/30", "169.254.169.253/30"), E, Causes.OverlappingNetworks, 1, "inside.cloud", "169.254.169.252/30");
        yield return new("ends swapped", Inside("169.254.10.1/30", "169.254.10.2/30"), E, Causes.RouteMissing, 1, "inside.cloud", "the cloud has 169.254.10.1");
        yield return new("customer at the broadcast", Inside("169.254.10.3/30", "169.254.10.1/30"), E, Causes.RouteMissing, 1, "inside.customer", "the customer 169.254.10.2");
        yield return new("ends apart", Inside("169.254.10.6/30", "169.254.10.1/30"), E, Causes.RouteMissing, 1, "inside.customer", "different networks");
        yield return new("one inside network for both", Inside("169.254.20.2/30", "169.254.20.1/30"), E, Causes.OverlappingNetworks, 2, "inside.cloud", "one of its own");

        VpnConnection Customer(string address) =>
            bgp with { Tunnels = bgp.Tunnels.Select(t => t with { CustomerOutside = Ipv4Address.Parse(address) }).ToValueList() };
        VpnConnection Cloud(string address) => bgp.With(2, t => t with { CloudOutside = Ipv4Address.Parse(address) });
        VpnConnection Inside(string customer, string cloud) => bgp.With(1, t => (t with
        {
            CustomerInside = InterfaceAddress.Parse(customer),
            CloudInside = InterfaceAddress.Parse(cloud),
        }).WithBgp(b => b with { Neighbor = InterfaceAddress.Parse(cloud).Address }));
    }

    private static IEnumerable<RuleCase> Sizes()
    {
        var bgp = Samples.Bgp();
        yield return Size("MTU 1500", t => t with { MtuBytes = 1500 }, E, "mtuBytes", "1438");
        yield return Size("MTU 1436 with SHA2-512", t => t.WithEsp(p => p with { Integrity = IntegrityAlgorithm.Sha512 }), W, "mtuBytes", "set 1422");
        yield return Size("MTU 200", t => t with { MtuBytes = 200, MssBytes = null }, E, "mtuBytes", "576");
        yield return Size("MSS 1400 in 1436", t => t with { MssBytes = 1400 }, E, "mssBytes", "1396");
        yield return Size("MSS 1399 without MTU", t => t with { MssBytes = 1399, MtuBytes = null }, W, "mssBytes", "1398");
        yield return Size("MSS 100", t => t with { MssBytes = 100 }, E, "mssBytes", "536");
        yield return Size("DF kept", t => t with { ClearDontFragment = false }, W, "clearDf", "Don't Fragment");

        RuleCase Size(string name, Func<Tunnel, Tunnel> change, Severity severity, string field, string says) =>
            new(name, bgp.With(1, change), severity, Causes.MtuBlackhole, 1, field, says);
    }

    private static IEnumerable<RuleCase> BgpCases()
    {
        var bgp = Samples.Bgp();
        yield return Session("wrong neighbour", b => b with { Neighbor = Ipv4Address.Parse("169.254.20.2") }, E, Causes.BgpNotEstablished, "bgp.neighbor", "169.254.20.1");
        yield return Session("hold time 90", b => b with { HoldSeconds = 90 }, W, Causes.BgpHoldTimer, "bgp.holdSeconds", "30 s");
        yield return Session("hold time 2", b => b with { HoldSeconds = 2 }, E, Causes.BgpHoldTimer, "bgp.holdSeconds", "does not exist");
        yield return Customer("0", "reserved");
        yield return Customer("64500", "reserved");
        yield return Customer("23456", "reserved");
        yield return Customer("7224", "reserved by Amazon");
        yield return Customer("200000", "between 0 and 65535");
        yield return Session("reserved cloud", b => b with { CloudAsn = new(65535) }, E, Causes.BgpAsnMismatch, "bgp.cloudAsn", "by a peer");
        yield return Customer("64512", "both have");
        yield return Session("another customer ASN", b => b with { CustomerAsn = new Asn(65001) }, E, Causes.BgpAsnMismatch, "bgp.customerAsn", "65000 in tunnel 1");
        yield return Session("another cloud ASN", b => b with { CloudAsn = new(64513) }, E, Causes.BgpAsnMismatch, "bgp.cloudAsn", "64512 in tunnel 1");

        RuleCase Session(string name, Func<BgpSettings, BgpSettings> change, Severity severity, string cause, string field, string says) =>
            new(name, bgp.With(2, t => t.WithBgp(change)), severity, cause, 2, field, says);
        RuleCase Customer(string asn, string says) => new(
            $"customer ASN {asn}",
            bgp with { Tunnels = bgp.Tunnels.Select(t => t.WithBgp(b => b with { CustomerAsn = Asn.Parse(asn) })).ToValueList() },
            E,
            Causes.BgpAsnMismatch,
            1,
            "bgp.customerAsn",
            says);
    }

    private static IEnumerable<RuleCase> Ranges()
    {
        yield return Range("default route", null, "customerRanges", "is no customer range", Cidr.Any);
        yield return Range("overlapping ranges", null, "customerRanges", "overlaps 10.1.0.0/16", Cidr.Parse("10.1.0.0/16"), Cidr.Parse("10.1.4.0/24"));
        yield return Range("link-local range", null, "customerRanges", "169.254.0.0/16", Cidr.Parse("169.254.20.0/24"));
        yield return Range("the endpoint's own network", 1, "outside.cloud", "3.7.174.1", Cidr.Parse("3.7.174.0/24"));
        yield return Range("the cloud's range", null, "customerRanges", "the cloud's range 10.8.2.0/24", Cidr.Parse("10.8.0.0/16"));
        yield return new(
            "21 ranges",
            Samples.Static() with { CustomerRanges = Enumerable.Range(1, 21).Select(i => Cidr.Parse($"172.16.{i}.0/24")).ToValueList() },
            E,
            Causes.RouteMissing,
            null,
            "customerRanges",
            "takes 20 at most");

        static RuleCase Range(string name, int? tunnel, string field, string says, params Cidr[] ranges) =>
            new(name, Samples.Bgp() with { CustomerRanges = ranges.ToValueList() }, E, Causes.OverlappingNetworks, tunnel, field, says);
    }
}
