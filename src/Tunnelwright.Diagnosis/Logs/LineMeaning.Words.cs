namespace Tunnelwright.Diagnosis;

/// <summary>Which words of the rest of a line bear a phrase out.</summary>
internal readonly ref partial struct LineMeaning
{
    /// <summary>Whether the rest of the line bears out what a short phrase suggests.</summary>
    private bool Holds(FactKind kind) => kind switch
    {
        FactKind.SelectorsRefused => _line.Has("traffic selectors"u8),
        FactKind.IdentityDiffers => _line.Has("but require"u8) || (_line.HasAny("mismatch"u8, "not match"u8) && IsOfIpsec()),
        FactKind.ModeRefused => _line.HasAny("no connection has been"u8, "connection has been configured"u8),
        FactKind.DaemonDied => _line.HasAny("pluto"u8, "charon"u8, "racoon"u8) || _line.HasAny("strongswan"u8, "ipsec.service"u8),
        FactKind.KeyMissing => IsOfIpsec(),
        FactKind.MethodRefused => _line.Has("PAM: authentication of user"u8) ? _line.HasAny("failed after"u8, "aborted"u8) : _line.HasAny("failed"u8, "not supported"u8) && IsOfIpsec(),
        FactKind.BgpRouteDenied => _line.Has("RouteStatus"u8) || Before(BgpRecord).Has("RouteStatus"u8),
        FactKind.CertificateRefused => _line.Has("public key found"u8) || (!_line.Has("no trusted"u8) && IsOfIpsec()),
        FactKind.CertificateOutOfTime => IsOfIpsec() || _line.Has("certificate '"u8),
        FactKind.GaveUp => IsOfIpsec(),
        FactKind.HostUnreachable => _line.HasAny("initiate aborted"u8, "retrying"u8),
        FactKind.ConfigurationError => _line.HasAny("failed"u8, "error"u8, " algorithm '"u8) || _line.Has("misses"u8) || (_line.Has("ipsec.secrets\" line "u8) && !_line.Has("WARNING"u8)),
        FactKind.EncapsulationDiffers => _line.Has(" mode"u8),
        FactKind.IkeProposalRefused or FactKind.OfferRefused => _line.HasAny("refused"u8, "not supported"u8),
        FactKind.ChildProposalRefused => _line.HasAny("refused"u8, "not implemented or allowed"u8, "forbids it"u8),
        FactKind.EspSilent => LineText.NumberAfter(_line, _line.Has("inBytes="u8) ? "inBytes="u8 : " in="u8) == 0 && LineText.NumberAfter(_line, _line.Has("outBytes="u8) ? "outBytes="u8 : " out="u8) > 0,
        FactKind.RouteElsewhere => _line.HasAny("is unreachable"u8, "invalid gateway"u8, "Cannot find device"u8),
        FactKind.NoConnectionForPeer => _line.Has("not found"u8),
        FactKind.GroupDiffers => _line.Has("expected"u8),
        FactKind.AuthenticationFailed => _line.HasAny("ike"u8, "isakmp"u8, "ipsec"u8),
        FactKind.PeerStoppedAnswering => false,
        FactKind.ClosedIdle or FactKind.PortTaken or FactKind.NoSuchLocalAddress or FactKind.KernelLacks => IsOfIpsec(),
        FactKind.NoFirewallPolicy => IsOfIpsec() || _line.Has("failure reason"u8),
        _ => true,
    };

    /// <summary>Whether a line of words that any program may write is one of an IKE daemon.</summary>
    private bool IsOfIpsec() => _line.HasAny("ike"u8, "ipsec"u8, "isakmp"u8) || _line.HasAny("vpn"u8, "charon"u8, "pluto"u8) || _line.HasAny("racoon"u8, "xfrm"u8, "\" #"u8) || _line.Has("l2tp"u8) || _line.HasAny("%CRYPTO"u8, "%ASA"u8, "%PKI"u8) || _line.HasAny("NSS"u8, "X509"u8, "phase"u8);

    /// <summary>Whether Windows speaks of a tunnel between gateways: an interface that is dialled on demand, or the trace of Azure's gateway.</summary>
    private bool IsOfGateway() => _line.HasAny("[ikeext]"u8, "demand dial"u8, "demand-dial"u8) || Before(SameMessage).HasAny("demand dial"u8, "demand-dial"u8);

    /// <summary>Whether we called ourselves by a private address, from behind NAT, to a peer that has a public one (charon's words before the line).</summary>
    private bool NamedOurselvesPrivately()
    {
        if (!_before.Has("local host is behind NAT"u8)) return false;
        var named = _before.LastIndexOf("' (myself) with "u8);
        var sent = _before.LastIndexOf("sending packet: from "u8);
        if (named < 0 || sent < 0) return false;
        var name = _before[..named];
        var peer = _before[sent..];
        var to = peer.IndexOf("] to "u8);
        return to >= 0 && IsPrivate(name[(name.LastIndexOf((byte)'\'') + 1)..]) && !IsPrivate(peer[(to + "] to "u8.Length)..]);
    }

    /// <summary>Whether a text begins with an IPv4 address that no router of the Internet takes (RFC 1918, RFC 6598).</summary>
    private static bool IsPrivate(ReadOnlySpan<byte> text)
    {
        if (LineText.Number(text) is not { } first) return false;
        var dot = text.IndexOf((byte)'.');
        var second = dot < 0 ? null : LineText.Number(text[(dot + 1)..]);
        return first == 10 || (first, second) is (192, 168) or (172, >= 16 and <= 31) or (100, >= 64 and <= 127);
    }

    private bool HasSecondPhaseWord() => _line.HasAny("phase 2"u8, "phase-2"u8, "phase2"u8) || _line.HasAny("QUICK"u8, "QM_"u8, "ESP:"u8) || _line.HasAny("CHILD"u8, "IKE_AUTH"u8, "IPSEC_ESP"u8) || _line.HasAny("IPsec SA"u8, "protocol 3"u8, "\"0205-"u8) || _line.Has("proto_id=3"u8);

    private bool HasFirstPhaseWord() => _line.HasAny("phase 1"u8, "phase-1"u8, "phase1"u8) || _line.HasAny("IKE_SA_INIT"u8, "IKE:"u8, "ISAKMP"u8) || _line.HasAny("SA_INIT"u8, "MM_NO_STATE"u8);

    /// <summary>IKEv1 says that authentication failed only after it could decrypt: then the keys are the same, unless it was aggressive mode.</summary>
    private FactKind Authentication()
    {
        if ((exchange.WithCertificate || exchange.PeerHadCertificate) && !exchange.IkeUp) return FactKind.CertificateAuthRefused;
        if (!_line.HasAny("error notify"u8, "INFORMATIONAL_V1"u8)) return NamedOurselvesPrivately() ? FactKind.PrivateNameRefused : FactKind.AuthenticationFailed;
        return exchange.IsAggressive ? FactKind.AggressiveRefused : FactKind.RefusedAfterDecryption;
    }
}
