namespace Tunnelwright.Diagnosis;

/// <summary>What a phrase in a line means, given the rest of the line and the state of its connection.</summary>
internal readonly ref partial struct LineMeaning(ReadOnlySpan<byte> line, ReadOnlySpan<byte> before, Exchange exchange)
{
    /// <summary>From this size in bytes an IKE message may be cut into IP fragments.</summary>
    private const int LargeMessage = 1300;

    /// <summary>So many times a first message is sent again before it counts as unanswered; less is ordinary loss.</summary>
    private const int ManyRetransmissions = 3;

    /// <summary>So many bytes before the text of a record of BGP that stands on many lines is its type.</summary>
    private const int BgpRecord = 500;

    /// <summary>So many times a peer sends its first message again before our answers count as lost.</summary>
    private const int RepeatedOften = 2;

    /// <summary>So many bytes before the text stand the lines that belong to it.</summary>
    private const int JustBefore = 150;

    /// <summary>Bytes in which what charon wrote of the message stands, also when other threads wrote something between.</summary>
    private const int SameMessage = 1500;

    private readonly ReadOnlySpan<byte> _line = line;
    private readonly ReadOnlySpan<byte> _before = before;

    /// <summary>The fact; null when there is none, or when the line only moves the connection's state.</summary>
    public FactKind? Of(Hit hit, DateTime? time)
    {
        var kind = hit.Phrase.Kind;
        if (hit.Phrase.Product == Product.Bird) return Bgp(hit);
        if ((hit.Phrase.Detail == Detail.OfIpsec && !IsOfIpsec()) || (hit.Phrase.Detail == Detail.NotFound && !_line.Has("not found"u8))) return null;
        if ((hit.Phrase.Detail == Detail.CheckFailed && !_line.HasAny("FAILED"u8, "PARSE ERROR"u8)) || (hit.Phrase.Detail == Detail.InTunnel && !exchange.ChildIsUp)) return null;
        if (!IsBorneOut(hit)) return null;
        if (hit.Phrase.Detail == Detail.Counted && LineText.Counter(_line[(hit.At + hit.Length)..]) is not > 0) return null;
        var told = FactKinds.PhaseOf(kind) == Phase.Progress ? Progress(hit, time) : Fault(hit, kind, time);
        if (told == FactKind.ChildUnanswered && exchange.OffersWidely) told = FactKind.WideChildUnanswered;
        exchange.WasJudged |= told is >= FactKind.NoProposal and <= FactKind.CertificateOutOfTime;
        return told;
    }

    private FactKind? Progress(Hit hit, DateTime? time)
    {
        var phrase = hit.Phrase;
        switch (phrase.Kind)
        {
            case FactKind.Responding when phrase.Detail == Detail.State || (phrase.Detail == Detail.Quiet && _line.Has(" KE "u8) && !_line.Has(" SA "u8)):
                exchange.WasAnswered = true;
                return null;
            case FactKind.Initiating or FactKind.Responding when phrase.Detail != Detail.Quiet:
                if (phrase.Product is Product.Charon or Product.Pluto) exchange.StartAgain(IfBarren(phrase));
                exchange.Start(aggressive: false);
                break;
            case FactKind.InitiatingAggressive or FactKind.RespondingAggressive:
                exchange.Start(aggressive: true);
                break;
            case FactKind.FirstAnswer:
                exchange.WasAnswered = true;
                break;
            case FactKind.AuthSent when phrase.Detail == Detail.Quiet && _line.Has("failed"u8):
                return null;
            case FactKind.AuthSent:
                exchange.AuthSent = exchange.WasAnswered = true;
                exchange.WithCertificate |= _line.HasAny("digital-signature"u8, " CERT "u8, "sending my cert"u8) || _line.Has("because I do not have one"u8);
                exchange.HasNat |= _line.Has(":UDP/4500"u8);
                exchange.StaysOnPort500 |= _line.Has(":UDP/500"u8);
                exchange.AsksBetweenHosts |= phrase.Product == Product.Pluto && AsksBetweenHosts();
                break;
            case FactKind.PeerAuthenticated:
                exchange.PeerHadCertificate = _line.HasAny("certificate"u8, "using RSA"u8, "using ECDSA"u8);
                break;
            case FactKind.QuickModeSent or FactKind.CreateChildSent or FactKind.ChildRequested:
                exchange.ChildAsked = true;
                if (_line.Has(" to replace #"u8)) exchange.ChildCount = Math.Max(1, exchange.ChildCount);
                exchange.IsRekey = exchange.ChildIsUp || (phrase.Kind == FactKind.CreateChildSent && !exchange.FirstPairRefused);
                exchange.WithGroup = phrase.Product == Product.Charon && _line.Has(" KE "u8);
                exchange.OffersWidely = phrase.Product == Product.Pluto && OffersWidely();
                exchange.IkeStands();
                break;
            case FactKind.IkeUp when phrase.Detail == Detail.Quiet:
                exchange.IkeStands();
                return null;
            case FactKind.IkeUp when phrase.Detail == Detail.PhaseNamed && HasSecondPhaseWord():
                exchange.ChildComesUp(time);
                return FactKind.ChildUp;
            case FactKind.IkeUp:
                exchange.IkeComesUp();
                break;
            case FactKind.ChildUp when phrase.Detail == Detail.PhaseOfConnection && (exchange.ChildIsUp || !(exchange.SawStart || exchange.IkeUp)):
                return null;
            case FactKind.ChildUp when phrase.Detail == Detail.ThirdOfQuickMode && !(exchange.ChildAsked && EndsList(hit)):
                return null;
            case FactKind.ChildUp:
                exchange.ChildComesUp(time);
                break;
            case FactKind.NatFound:
                exchange.HasNat = true;
                exchange.SendsKeepAlives |= _line.Has("sending keep alive"u8);
                break;
            case FactKind.KeepAliveSent:
                exchange.SendsKeepAlives = true;
                break;
            case FactKind.DataPassed:
                exchange.CarriesData = true;
                break;
            case FactKind.ProposalsReceived:
                Proposals(hit, received: true);
                break;
            case FactKind.ProposalsConfigured:
                Proposals(hit, received: false);
                break;
            case FactKind.WeDeleted:
                exchange.IsEndedByUs = exchange.WasAnswered = true;
                return exchange.EndsAfterAnHour(time) ? FactKind.EndedAfterAnHour : null;
        }

        return phrase.Detail == Detail.Quiet ? null : phrase.Kind;
    }

    /// <summary>What an attempt shows that comes to nothing. The answer to main mode's first message is lost on port 500; what follows the first exchange of IKEv2 may be lost on port 4500, too.</summary>
    private static FactKind IfBarren(Phrase phrase) => phrase.Kind != FactKind.Responding ? FactKind.NegotiationAbandoned
        : phrase.Words.Contains("Main Mode", StringComparison.Ordinal) ? FactKind.FirstAnswerLost : FactKind.HalfOpenExpired;

    /// <summary>Whether a list of payloads in brackets has none behind this.</summary>
    private bool EndsList(Hit hit) => hit.At + hit.Length == _line.Length || _line[hit.At + hit.Length] is not ((byte)'<' or (byte)'[');

    private FactKind? Fault(Hit hit, FactKind kind, DateTime? time)
    {
        if (hit.Phrase.Detail == Detail.Errno) return Errno(kind);
        if (hit.Phrase.Detail == Detail.State && !Holds(kind)) return null;
        if (hit.Phrase.Detail == Detail.Plain) return Plain(hit);
        if (hit.Phrase.Detail == Detail.Quiet)
        {
            if (kind is FactKind.FirstMessageUnanswered or FactKind.AuthUnanswered) exchange.Unanswered = kind;
            if (kind == FactKind.NegotiationAbandoned) exchange.SentFirst();
            if (kind == FactKind.MethodRefused) exchange.RefusedByMethod = true;
            exchange.MissedGroup |= kind == FactKind.GroupDiffers;
            exchange.WasJudged |= kind == FactKind.AuthenticationFailed;
            return null;
        }

        switch (kind)
        {
            case FactKind.Retransmission:
                return Retransmission(hit);
            case FactKind.GaveUp when hit.Phrase.IsFallback:
                return Silent(hit);
            case FactKind.GaveUp:
                return GaveUp();
            case FactKind.NoProposal:
            case FactKind.IkeProposalRefused when hit.Phrase.Detail == Detail.PhaseNamed:
                return NoProposal(hit.Phrase);
            case FactKind.IdRefused:
                return exchange.IkeUp || exchange.ChildAsked || HasSecondPhaseWord() ? FactKind.SelectorsRefused
                    : exchange.WithCertificate ? FactKind.CertificateAuthRefused : FactKind.NoConnectionForIdentity;
            case FactKind.SelectorsRefused:
                exchange.IkeStands();
                return kind;
            case FactKind.CertificateOutOfTime or FactKind.CertificateRefused when hit.Phrase.Product != Product.Pluto && (_line.HasAny("not yet valid"u8, "not valid yet"u8, "NOT_YET_VALID"u8) || _line.Has("period start later"u8)):
                return FactKind.CertificateTooEarly;
            case FactKind.NegotiationAbandoned when hit.Phrase.Product == Product.Pluto:
                return exchange is { SawStart: true, WasAnswered: false, WasRefused: false, IkeUp: false } ? kind : null;
            case FactKind.ChildProposalRefused:
                return ChildProposal();
            case FactKind.GroupDiffers when hit.Phrase.Detail == Detail.PhaseOfConnection && !exchange.IkeUp && !exchange.AuthSent:
                return null;
            case FactKind.GroupDiffers when hit.Phrase.Detail == Detail.PhaseNamed && !exchange.IkeUp && !exchange.AuthSent && !HasSecondPhaseWord():
                return FactKind.IkeProposalRefused;
            case FactKind.GroupDiffers when hit.Phrase.Words.StartsWith("received KE type", StringComparison.Ordinal) && !exchange.IkeUp && !exchange.AuthSent && !HasSecondPhaseWord():
                return FactKind.IkeProposalRefused;
            case FactKind.OfferRefused when hit.Phrase.Product == Product.CiscoIos:
                exchange.RefusedByValue |= !hit.Phrase.Words.StartsWith("atts", StringComparison.Ordinal);
                return kind;
            // FortiOS ends every negotiation that it refuses with words about proposals.
            case FactKind.IkeProposalRefused when exchange.NameIsUnknown && hit.Phrase.Product == Product.Fortinet:
                return null;
            case FactKind.IkeProposalRefused when exchange.RefusedByMethod && !exchange.RefusedByValue:
                return FactKind.MethodRefused;
            // Windows has one error for keys and certificates; two gateways mostly have a key, and who dials in a certificate.
            case FactKind.CertificateAuthRefused when hit.Phrase.Words.StartsWith("IKE authentication", StringComparison.Ordinal) && IsOfGateway():
            case FactKind.AuthenticationFailed:
                return Authentication();
            case FactKind.EncapsulationDiffers when _line.HasAny("phase 1 mode"u8, "phase1 mode"u8, "ike mode"u8) || _line.Has("ike: mode"u8):
                return FactKind.ModeRefused;
            case FactKind.NoFirewallPolicy when _line.Has("failure reason"u8):
                return FactKind.NoConnectionForPeer;
            case FactKind.ConfigurationError when _line.Has("certificate"u8) && hit.Phrase.Product == Product.Pluto:
                return FactKind.CertificateRefused;
            case FactKind.ConfigurationError when _line.Has("does not appear to be an interface"u8):
                return null;
            case FactKind.WideProposalRefused or FactKind.IkeProposalRefusedAlone when exchange.IkeUp && hit.Phrase.Product == Product.Pluto:
                return FactKind.UnknownSpi;
            // The peer took our offer and then knows nothing of it: between the two it looks for the key.
            case FactKind.WideProposalRefused when exchange.WasAnswered && hit.Phrase.Product == Product.CiscoAsa:
                return FactKind.KeyMissingAtPeer;
            case FactKind.WideProposalRefused:
            case FactKind.IkeProposalRefusedAlone when hit.Phrase.Product == Product.Pluto:
                exchange.WasRefused = true;
                return kind;
            // Of a message with a hash the keys were agreed before, also where the log begins after that (RFC 2409 section 5.7).
            case FactKind.KeyMissingAtPeer when exchange.IkeUp || Before(SameMessage).Has("[ HASH N(INVAL_KE)"u8):
                return FactKind.GroupDiffers;
            // What pluto sends when a signature does not hold is encrypted already; a missing key is told in the clear.
            case FactKind.KeyMissingAtPeer when exchange.WithCertificate || _line.Has("ignoring secured"u8):
                return FactKind.CertificateAuthRefused;
            case FactKind.KeyMissing when exchange.NameIsUnknown && hit.Phrase.Product == Product.CiscoIos:
                return null;
            case FactKind.IdentityDiffers when _line.HasAny("proxy id"u8, "proxy-id"u8, "proxy identit"u8) || _line.HasAny("phase 2 id"u8, "phase-2 id"u8, "phase2 id"u8):
                return FactKind.SelectorsRefused;
            case FactKind.IdentityDiffers when hit.Phrase.Product is Product.CiscoIos or Product.CiscoAsa or Product.Fortinet:
            case FactKind.NoConnectionForIdentity:
                exchange.NameIsUnknown = true;
                return kind;
            case FactKind.MalformedForPeer when exchange.IkeUp || _before.Has("generating TRANSACTION"u8):
                return null;
            case FactKind.Undecryptable when exchange.IkeUp && hit.Phrase.Product == Product.Pluto:
                return null;
            case FactKind.KeyDiffers when exchange.IkeUp && hit.Phrase.Words.EndsWith("INVALID_HASH_INFORMATION", StringComparison.Ordinal):
                return FactKind.ChildFailed;
            case FactKind.KeyDiffers when !exchange.SawStart && hit.Phrase.Words.EndsWith("INVALID_HASH_INFORMATION", StringComparison.Ordinal):
                return FactKind.AuthenticationFailed;
            case FactKind.EspSilent when exchange.CarriesData:
            case FactKind.SuspectedFilter when exchange.IkeUp:
                return null;
            case FactKind.FirstAnswerLost:
                return exchange.IkeUp || exchange.AuthSent || ++exchange.RepeatedRequests < RepeatedOften ? null : kind;
            case FactKind.HalfOpenExpired when hit.Phrase.Product == Product.Aws && !exchange.HasNat:
                return FactKind.FirstAnswerLost;
            case FactKind.EncryptedMessageUnanswered or FactKind.AuthUnanswered when hit.Phrase.Product == Product.Pluto && (exchange.WasJudged || exchange.IkeUp):
                return null;
            case FactKind.AuthUnanswered when hit.Phrase.Product == Product.Pluto:
                return AuthUnanswered();
            case FactKind.EncryptedMessageUnanswered:
                return EncryptedUnanswered();
            case FactKind.PeerStoppedAnswering when hit.Phrase.Words.StartsWith("restarting", StringComparison.Ordinal):
                return exchange.GaveUpUnseen ? kind : null;
            case FactKind.PeerStoppedAnswering:
                return Stopped();
            case FactKind.PeerDeletedIke when exchange.IsEndedByUs && hit.Phrase.Detail == Detail.PhaseOfConnection:
                Deleted(kind, time);
                return null;
            case FactKind.PeerDeletedIke:
                return Deleted(kind, time);
            case FactKind.SaNotInstalled when hit.Phrase.Detail == Detail.PhaseOfConnection && !exchange.ChildAsked:
                return null;
            case FactKind.PeerDeletedChild:
                exchange.ChildCount = Math.Max(0, exchange.ChildCount - 1);
                return exchange.EndsAfterAnHour(time) ? FactKind.EndedAfterAnHour : exchange.ChildIsUp ? null : kind;
            case FactKind.Expired:
                return exchange.EndsAfterAnHour(time) ? FactKind.EndedAfterAnHour : kind;
            case FactKind.ChildFailed when exchange.ReceivedProposals is not null && exchange.ProposalPhase == 2:
                return ChildProposal();
        }

        return kind;
    }

    /// <summary>The last bytes before the line.</summary>
    private ReadOnlySpan<byte> Before(int most) => _before.Length > most ? _before[^most..] : _before;

    private FactKind? Errno(FactKind kind)
    {
        if (_line.HasAny("address already in use"u8, "errno 98"u8)) return FactKind.PortTaken;
        if (_line.HasAny("cannot assign requested address"u8, "errno 99"u8, "can't assign requested address"u8)) return FactKind.NoSuchLocalAddress;
        if (_line.HasAny("no route to host"u8, "network is unreachable"u8, "host is unreachable"u8)) return FactKind.HostUnreachable;
        if (_line.HasAny("message too long"u8, "errno 90"u8)) return FactKind.LargePacketsVanish;
        if (kind == FactKind.PortUnreachable && _line.HasAny("operation not permitted"u8, "errno 1:"u8)) return FactKind.NoFirewallPolicy;
        if (kind == FactKind.PortUnreachable) return _line.HasAny("connection refused"u8, "errno 111"u8) ? kind : null;
        if (kind is not (FactKind.NetlinkError or FactKind.SaNotInstalled)) return null;
        if (_line.HasAny("protocol not supported"u8, "requested type not found"u8)) return FactKind.KernelLacks;

        // ENOSYS and ENOENT are of the algorithm (attach_auth in net/xfrm/xfrm_user.c, esp_init_authenc in net/ipv4/esp4.c); a missing ESP is EPROTONOSUPPORT.
        if (_line.HasAny("function not implemented"u8, "no such file or directory"u8)) return FactKind.KernelLacksAlgorithm;
        if (kind == FactKind.SaNotInstalled) return kind;
        if (_line.Has("operation not supported"u8)) return FactKind.KernelLacks;
        if (_line.HasAny("no such process"u8, "no such device"u8)) return null;
        return _line.Has("file exists"u8) ? FactKind.PolicyNotInstalled : _line.HasAny("error: "u8, "errno"u8) ? kind : null;
    }
}
