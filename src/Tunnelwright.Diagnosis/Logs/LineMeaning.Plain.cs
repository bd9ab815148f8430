namespace Tunnelwright.Diagnosis;

/// <summary>
/// Plain words of a product that nobody knows: the phrase says what kind of trouble it is ("does not match", "timed out"), the rest of the line who has it
/// ("pre-shared key", "DPD"). It is looked at only where nobody's own words mean anything.
/// </summary>
internal readonly ref partial struct LineMeaning
{
    private FactKind? Plain(Hit hit)
    {
        if (!SpeaksOfTunnels()) return null;
        return hit.Phrase.Kind switch
        {
            FactKind.NoProposal => Different(),
            FactKind.NoConnectionForPeer => NotThere(),
            FactKind.VersionRefused => Forbidden(),
            FactKind.SelectorsOverlap when IsOfNetworks() || _line.Has("policy"u8) => FactKind.SelectorsOverlap,
            FactKind.GaveUp => Silent(hit),
            FactKind.PeerDeletedIke when _line.HasAny("clos"u8, "delet"u8, "terminat"u8) || _line.HasAny("disconnect"u8, "torn down"u8, "teardown"u8) => FactKind.PeerDeletedIke,
            _ => null,
        };
    }

    /// <summary>Whether a line is of IPsec and not of another kind of tunnel.</summary>
    private bool SpeaksOfTunnels()
    {
        if (IsOfAnotherTunnel() || _line.HasAny("pluto["u8, "charon"u8) || _line.HasAny("type=\"traffic"u8, "type=traffic"u8)) return false;
        return NamesIpsec();
    }

    private bool IsOfAnotherTunnel() => _line.HasAny("ssl vpn"u8, "ssl-vpn"u8, "sslvpn"u8) || _line.HasAny("openvpn"u8, "wireguard"u8, "radius"u8) || _line.HasAny("wpa"u8, "802.1x"u8);

    private bool NamesIpsec() =>
        _line.HasAny("ipsec"u8, "isakmp"u8, "vpn"u8) || _line.HasAny("phase 1"u8, "phase 2"u8, "phase1"u8) || _line.HasAny("phase2"u8, "phase-1"u8, "phase-2"u8)
            || _line.HasAny("quick mode"u8, "main mode"u8, "aggressive mode"u8) || _line.HasAny("child sa"u8, "child_sa"u8, "traffic selector"u8) || IsOfKey() || NamesIke();

    /// <summary>"IKE", but not "like".</summary>
    private bool NamesIke()
    {
        var rest = _line;
        for (var at = LineText.Where(rest, "ike"u8); at >= 0; at = LineText.Where(rest, "ike"u8))
        {
            if (at == 0 || !char.IsAsciiLetter((char)rest[at - 1])) return true;
            rest = rest[(at + 1)..];
        }

        return false;
    }

    /// <summary>Two ends have something of their own, or the one does not take the other's.</summary>
    private FactKind? Different()
    {
        if (_line.HasAny("authentication method"u8, "auth method"u8, "authentication type"u8)) return FactKind.MethodRefused;
        if (IsOfKey() || _line.HasAny("hash payload"u8, "hash verif"u8, "shared secret"u8)) return FactKind.KeyDiffers;
        if (_line.Has("certificate"u8)) return FactKind.CertificateRefused;
        if (IsOfNetworks()) return FactKind.SelectorsRefused;
        if (_line.HasAny("pfs"u8, "forward secrecy"u8)) return FactKind.GroupDiffers;
        if (_line.HasAny("encapsulation"u8, "transport mode"u8)) return FactKind.EncapsulationDiffers;
        if (IsOfOffer()) return Offer();
        if (_line.HasAny("exchange mode"u8, "main mode"u8, "aggressive mode"u8) || _line.HasAny("exchange type"u8, "ike mode"u8, "phase 1 mode"u8)) return FactKind.ModeRefused;
        if (_line.Has("version"u8)) return FactKind.VersionRefused;
        return IsOfName() ? HasSecondPhaseWord() ? FactKind.SelectorsRefused : FactKind.IdentityDiffers : null;
    }

    /// <summary>What is looked for is not there, or nothing there suits.</summary>
    private FactKind? NotThere()
    {
        if (IsOfKey() || _line.Has("shared secret"u8)) return FactKind.KeyMissing;
        if (_line.HasAny("certificate"u8, "trustpoint"u8)) return FactKind.CertificateRefused;
        if (_line.HasAny("spi "u8, "spi:"u8, "for esp"u8) || (_line.Has("packet"u8) && _line.HasAny(" sa "u8, " esp "u8))) return FactKind.UnknownSpi;
        if (IsOfNetworks()) return FactKind.SelectorsRefused;
        if (_line.HasAny("proposal"u8, "transform"u8, "algorithm"u8)) return Offer();
        if (_line.HasAny("peer"u8, "gateway"u8, "initiator"u8) && !IsOfName()) return FactKind.NoConnectionForPeer;
        return _line.HasAny("ike policy"u8, "isakmp policy"u8) ? FactKind.IkeProposalRefused : null;
    }

    /// <summary>One end may not or cannot do what the other wants.</summary>
    private FactKind? Forbidden()
    {
        if (_line.HasAny("fragment"u8, "mobike"u8, "redirect"u8) || _line.HasAny("vendor"u8, "extension"u8, "childless"u8)) return null;
        if (_line.HasAny("aggressive mode"u8, "main mode"u8)) return FactKind.ModeRefused;
        if (_line.HasAny("authentication method"u8, "xauth"u8)) return FactKind.MethodRefused;
        if (_line.Has("transport mode"u8)) return FactKind.EncapsulationDiffers;
        if (_line.HasAny("pfs"u8, "forward secrecy"u8)) return FactKind.GroupDiffers;
        return _line.HasAny("ikev1"u8, "ikev2"u8, " version"u8) ? FactKind.VersionRefused : null;
    }

    /// <summary>Nothing comes back: to what, as far as the line says it.</summary>
    private FactKind? Silent(Hit hit)
    {
        if (IsSetting(hit) || _line.HasAny("lifetime"u8, "dns"u8, "resolv"u8) || _line.HasAny("ocsp"u8, "ldap"u8, "crl"u8)) return null;
        if (hit.Phrase.Words == "unreachable" && !_line.HasAny("peer"u8, "gateway"u8, "remote"u8)) return null;
        if (_line.HasAny("idle"u8, "inactiv"u8)) return FactKind.ClosedIdle;
        if (_line.HasAny("dpd"u8, "dead peer"u8, "liveness"u8) || _line.HasAny("keepalive"u8, "keep-alive"u8, "heartbeat"u8)) return Stopped();
        if (_line.Has("SA_INIT"u8)) return FactKind.FirstMessageUnanswered;
        if (_line.Has("IKE_AUTH"u8)) return AuthUnanswered();
        return HasSecondPhaseWord() ? FactKind.ChildUnanswered : GaveUp();
    }

    /// <summary>"timeout 30", "timeout value": how long it may take, not that it did.</summary>
    private bool IsSetting(Hit hit)
    {
        if (!hit.Phrase.Words.EndsWith("timeout", StringComparison.Ordinal)) return false;
        var rest = _line[(hit.At + hit.Length)..].TrimStart(" :='\"["u8);
        return rest.StartsWith("value"u8) || (rest.Length > 0 && rest[0] is >= (byte)'0' and <= (byte)'9');
    }

    private bool IsOfKey() => _line.HasAny("pre-shared"u8, "preshared"u8, "pre shared"u8) || _line.HasAny("psk "u8, " psk"u8);

    private bool IsOfNetworks() => _line.HasAny("selector"u8, "proxy id"u8, "proxy-id"u8) || _line.HasAny("encryption domain"u8, "interesting traffic"u8, "subnet"u8) || _line.HasAny("network"u8, "id information"u8, "netmask"u8);

    private bool IsOfOffer() => _line.HasAny("proposal"u8, "transform"u8, "algorithm"u8) || _line.HasAny("cipher"u8, "crypto"u8, "policy"u8) || _line.HasAny("parameter"u8, "dh group"u8, "diffie"u8);

    private bool IsOfName() => _line.HasAny(" id "u8, " id,"u8, "identi"u8) || _line.HasAny(" id:"u8, "fqdn"u8) || _line.EndsWith(" ID"u8);

    private FactKind Offer()
    {
        var isFirst = _line.HasAny("phase 1"u8, "phase1"u8, "SA_INIT"u8) || _line.HasAny("ike p"u8, "ike crypto"u8, "isakmp"u8);
        if (isFirst || !(HasSecondPhaseWord() || _line.HasAny("esp "u8, "ipsec p"u8, "ipsec crypto"u8) || exchange.IkeUp || exchange.ChildAsked)) return FactKind.IkeProposalRefused;
        return _line.HasAny("dh group"u8, "diffie"u8) ? FactKind.GroupDiffers : ChildProposal();
    }
}
