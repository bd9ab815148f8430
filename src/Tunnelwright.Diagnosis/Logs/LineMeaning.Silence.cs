namespace Tunnelwright.Diagnosis;

/// <summary>What it means that something is sent again, given up, or ended by the other end.</summary>
internal readonly ref partial struct LineMeaning
{
    /// <summary>From this wait in seconds on pluto has sent a message again several times.</summary>
    private const int LongWait = 4;

    /// <summary>From this wait on a peer of an SA that is up has been silent for longer than loss explains.</summary>
    private const int VeryLongWait = 8;

    private FactKind? Retransmission(Hit hit)
    {
        if (hit.Phrase.Product == Product.Fortinet) return exchange.WasAnswered ? EncryptedUnanswered() : FactKind.FirstMessageUnanswered;
        if (hit.Phrase.Product == Product.Pluto) return PlutoRetransmission(hit);
        if (hit.Phrase.Detail == Detail.State)
        {
            if (++exchange.Resent < ManyRetransmissions) return null;
            if (exchange.IkeUp) return FactKind.ChildUnanswered;

            // SonicWall tells the ports: on 4500 the first messages were answered, and there is NAT.
            return _line.Has(", 4500"u8) ? FactKind.AuthUnansweredBehindNat : FactKind.FirstMessageUnanswered;
        }

        var tries = LineText.Number(_line[(hit.At + hit.Length)..]);
        if (tries is null) return null;
        if (LineText.NumberAfter(_line, ", seq "u8) is { } sequence)
        {
            exchange.Unanswered = sequence switch
            {
                1 => FactKind.FirstMessageUnanswered,
                _ when exchange.IkeUp => exchange.ChildAsked ? FactKind.ChildUnanswered : FactKind.PeerStoppedAnswering,
                2 => FactKind.AuthUnanswered,
                3 => EncryptedUnanswered(),
                _ => FactKind.ChildUnanswered,
            };
            return tries >= ManyRetransmissions && !exchange.IkeUp ? exchange.Unanswered : null;
        }

        if (LineText.NumberAfter(_line, "message ID "u8) is not { } message) return null;

        // With a pre-shared key or certificates the negotiation has messages 0 and 1; from 2 on there is an IKE SA, also where the log begins later.
        if (message >= 2) exchange.IkeStands();
        exchange.Unanswered = exchange.IkeUp ? FactKind.PeerStoppedAnswering : message == 0 ? FactKind.FirstMessageUnanswered : AuthUnanswered();
        return tries >= ManyRetransmissions && !exchange.IkeUp ? exchange.Unanswered : null;
    }

    /// <summary>"STATE_QUICK_I1: retransmission; will wait 4 seconds for response": pluto begins with half a second and doubles it.</summary>
    private FactKind? PlutoRetransmission(Hit hit)
    {
        FactKind? unanswered = _line.HasAny("MAIN_I1:"u8, "AGGR_I1:"u8, "PARENT_I1:"u8) || _line.Has("IKE_SA_INIT_I:"u8) ? FactKind.FirstMessageUnanswered
            : _line.Has("MAIN_I3:"u8) ? EncryptedUnanswered()
            : _line.HasAny("PARENT_I2:"u8, "IKE_AUTH_I:"u8) ? AuthUnanswered()
            : _line.Has("QUICK_I1:"u8) ? FactKind.ChildUnanswered
            : _line.HasAny("MAIN_R1:"u8, "MAIN_R2:"u8, "AGGR_R1:"u8) ? FactKind.HalfOpenExpired
            : _line.HasAny("XAUTH_R0:"u8, "XAUTH_I0:"u8, "XAUTH_I1:"u8) ? FactKind.MethodRefused
            : null;
        var wait = LineText.Number(_line[(hit.At + hit.Length)..]);
        if (unanswered is null)
        {
            if (!IsOfStandingIkeSa() || wait is null or < LongWait) return null;
            exchange.Unanswered = FactKind.PeerStoppedAnswering;
            return wait >= VeryLongWait ? FactKind.PeerStoppedAnswering : null;
        }

        if (!exchange.WasRefused) exchange.Unanswered = unanswered;
        return wait >= LongWait && !exchange.WasRefused ? unanswered : null;
    }

    /// <summary>Whether pluto waits in a state of an IKE SA of version 2 that is up. Such a peer answers every request, and be it with a refusal
    /// (RFC 7296 section 2.1): where nothing comes it is gone, whatever was asked.</summary>
    private bool IsOfStandingIkeSa() => _line.HasAny("ESTABLISHED_IKE_SA:"u8, "V2_CREATE_I:"u8, "REKEY_IKE_I"u8) || _line.HasAny("NEW_CHILD_I"u8, "REKEY_CHILD_I"u8);

    /// <summary>The second exchange (message ID 1) is not answered: over port 4500 when there is NAT, and perhaps too large.</summary>
    private FactKind AuthUnanswered()
    {
        var at = _before.LastIndexOf("sending packet: from "u8);
        if (at >= 0)
        {
            var sent = _before[at..];
            var end = sent.IndexOf((byte)'\n');
            if (end > 0) sent = sent[..end];
            if (sent.Has("[4500] ("u8)) exchange.HasNat = true;
            if (LineText.NumberAfter(sent, "] ("u8) is >= LargeMessage) return FactKind.LargeMessageUnanswered;
        }

        if (exchange.HasNat) return FactKind.AuthUnansweredBehindNat;
        if (exchange is { WithCertificate: true, WasJudged: false } && _line.HasAny("PARENT_I2"u8, "IKE_AUTH"u8)) return FactKind.LargeMessageUnanswered;
        return exchange.StaysOnPort500 ? FactKind.EncryptedMessageUnanswered : FactKind.AuthUnanswered;
    }

    /// <summary>The first encrypted message of IKEv1 is not answered: lost on port 4500, or thrown away because it decrypts to nonsense. Who does not like a
    /// certificate says so to pluto; where not a word comes back, the message that carries it was too large for the path.</summary>
    private FactKind EncryptedUnanswered()
    {
        if (exchange.WithCertificate) return exchange is { WasJudged: false, HasNat: false } && _line.HasAny("MAIN_I3"u8, "IKE_AUTH_I"u8) ? FactKind.LargeMessageUnanswered : FactKind.CertificateAuthRefused;
        return exchange.HasNat ? FactKind.AuthUnansweredBehindNat : FactKind.EncryptedMessageUnanswered;
    }

    private FactKind? GaveUp()
    {
        if (LastTry()) return FactKind.StoppedTrying;
        if (_line.Has("STATE_XAUTH_"u8)) return FactKind.MethodRefused;
        if (_line.Has("STATE_MODE_CFG_"u8)) return null;
        if (_line.HasAny("our first ike"u8, "MAIN_I1"u8, "PARENT_I1"u8)) return FactKind.FirstMessageUnanswered;
        if (_line.HasAny("IKE_SA_INIT_I"u8, "AGGR_I1"u8, ":0000000000000000"u8)) return FactKind.FirstMessageUnanswered;
        if (_line.HasAny("MM_NO_STATE"u8, "main_i_1"u8, "(R) MM_SA_SETUP"u8)) return FactKind.FirstMessageUnanswered;
        if (_line.HasAny("first encrypted message"u8, "MAIN_I3"u8, "MM_KEY_EXCH"u8)) return EncryptedUnanswered();
        if (_line.HasAny("IKE_AUTH_I"u8, "PARENT_I2"u8, "MAIN_I2"u8)) return AuthUnanswered();
        if (IsOfStandingIkeSa()) return Stopped();
        if (_line.HasAny("QUICK_I1"u8, "phase-2"u8, "phase2"u8) || _line.HasAny("child sa"u8, "QM_IDLE"u8)) return FactKind.ChildUnanswered;
        if (_line.HasAny("as responder"u8, "(R) MM_"u8, "_R1"u8) || _line.HasAny("MAIN_R"u8, "PARENT_R"u8)) return FactKind.HalfOpenExpired;
        if (exchange.Unanswered is { } message) return message == FactKind.PeerStoppedAnswering ? Stopped() : message;
        if (exchange.IkeUp) return exchange.ChildAsked && !exchange.ChildIsUp ? FactKind.ChildUnanswered : Stopped();
        if (exchange.AuthSent) return _line.HasAny("main mode"u8, "phase-1"u8, "phase1"u8) ? EncryptedUnanswered() : AuthUnanswered();
        if (exchange.WasAnswered) return EncryptedUnanswered();
        exchange.GaveUpUnseen = !exchange.SawStart;
        return FactKind.FirstMessageUnanswered;
    }

    /// <summary>"trying again (3/3)".</summary>
    private bool LastTry()
    {
        var at = LineText.Where(_line, "trying again ("u8);
        if (at < 0) return false;
        var rest = _line[(at + "trying again ("u8.Length)..];
        var slash = rest.IndexOf((byte)'/');
        return slash > 0 && LineText.Number(rest) is { } tried && LineText.Number(rest[(slash + 1)..]) == tried;
    }

    private FactKind Stopped()
    {
        var behindNat = exchange.HasNat && !exchange.SendsKeepAlives && exchange.ChildIsUp;
        exchange.Ends();
        return behindNat ? FactKind.PeerStoppedBehindNat : FactKind.PeerStoppedAnswering;
    }

    private FactKind? Deleted(FactKind kind, DateTime? time)
    {
        exchange.IkeCount = Math.Max(0, exchange.IkeCount - 1);
        if (exchange.EndsAfterAnHour(time)) return FactKind.EndedAfterAnHour;
        if (exchange.IkeCount > 0) return null;
        exchange.Ends();
        return kind;
    }
}
