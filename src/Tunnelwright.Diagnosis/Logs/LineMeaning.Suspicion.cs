namespace Tunnelwright.Diagnosis;

/// <summary>What a line is about that says that something went wrong, where its words are too unclear for <see cref="Plain"/>: no more than a suspicion.</summary>
internal readonly ref partial struct LineMeaning
{
    /// <summary>What a line speaks of. The first that it speaks of counts; common words only in a line of IPsec.</summary>
    private static readonly (FactKind Kind, bool IsCommon, byte[][] Words)[] Subjects =
    [
        (FactKind.SuspectedDeath, false, Words("dpd", "dead peer", "keepalive timeout", "keep-alive timeout")),
        (FactKind.SuspectedSilence, true, Words("timeout", "timed out", "time out", "no response", "not respond", "no reply", "unreachable", "not reachable", "no answer")),
        (FactKind.SuspectedCertificate, true, Words("certificate", " cert ", "x.509", "x509", " crl", "ocsp", "trustpoint", "issuer")),
        (FactKind.SuspectedKey, false, Words("pre-shared", "preshared", "pre shared", "shared secret", "shared key", " psk")),
        (FactKind.SuspectedSelectors, false, Words("traffic selector", "proxy id", "proxy-id", "proxyid", "proxy identit", "encryption domain", "interesting traffic")),
        (FactKind.SuspectedSelectors, true, Words("selector", "subnet", "local network", "remote network", "protected network", "netmask", "address range")),
        (FactKind.SuspectedGroup, false, Words(" pfs", "pfs ", "perfect forward")),
        (FactKind.SuspectedMethod, true, Words("authentication method", "auth method", "authentication type", "xauth", " eap")),
        (FactKind.SuspectedVersion, true, Words("version")),
        (FactKind.SuspectedMode, true, Words("aggressive mode", "main mode", "exchange mode")),
        (FactKind.SuspectedOffer, true, Words("proposal", "transform", "algorithm", "dh group", "diffie", "cipher", "ike policy", "isakmp policy", "crypto policy", "phase 1 policy", "phase1 policy", "phase 2 policy", "phase2 policy")),
        (FactKind.SuspectedName, true, Words("peer id", "peer-id", "remote id", "local id", "identit", "identifier", "id type", "id payload", "peer's id", "id mismatch")),
        (FactKind.SuspectedPeer, true, Words("unknown peer", "unknown gateway", "unknown remote", "no matching peer", "no matching gateway", "no matching connection", "no matching policy", "peer not found", "gateway not found")),
        (FactKind.SuspectedKey, true, Words("authentication")),
    ];

    private static byte[][] Words(params string[] words) => [.. words.Select(System.Text.Encoding.ASCII.GetBytes)];

    /// <summary>What the line's trouble is with; null when it is with nothing of IPsec's.</summary>
    /// <param name="hit">The word of trouble.</param>
    public FactKind? Suspicion(Hit hit)
    {
        if (IsOfAnotherTunnel() || IsSetting(hit)) return null;
        var isOfIpsec = NamesIpsec() || _line.HasAny("charon"u8, "pluto"u8, "racoon"u8);
        foreach (var (kind, isCommon, words) in Subjects)
        {
            if ((!isCommon || isOfIpsec) && SpeaksOf(words)) return InItsPhase(kind);
        }

        return null;
    }

    private bool SpeaksOf(byte[][] words)
    {
        foreach (var word in words)
        {
            if (_line.Has(word)) return true;
        }

        return false;
    }

    private FactKind? InItsPhase(FactKind kind) => kind switch
    {
        FactKind.SuspectedSilence when _line.Has("idle"u8) => null,
        FactKind.SuspectedSilence when exchange.IkeUp => FactKind.SuspectedDeath,
        FactKind.SuspectedKey when _line.HasAny("missing"u8, "not found"u8, "no matching"u8) || _line.HasAny("not configured"u8, "not defined"u8, "not set"u8) || _line.HasAny("cannot find"u8, "could not find"u8, "unable to find"u8) => FactKind.SuspectedKeyMissing,
        FactKind.SuspectedOffer when _line.HasAny("dh group"u8, "diffie"u8) && IsOfSecondPhase() => FactKind.SuspectedGroup,
        FactKind.SuspectedOffer when IsOfSecondPhase() => FactKind.SuspectedChildOffer,
        _ => kind,
    };

    private bool IsOfSecondPhase() => !HasFirstPhaseWord() && (HasSecondPhaseWord() || exchange.IkeUp);
}
