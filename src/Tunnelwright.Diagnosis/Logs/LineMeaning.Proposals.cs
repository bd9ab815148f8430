namespace Tunnelwright.Diagnosis;

/// <summary>What the two ends offer each other, and in which phase an offer is refused.</summary>
internal readonly ref partial struct LineMeaning
{
    /// <summary>From so many commas in a list of proposals on it is no choice of anybody's, but what the product takes.</summary>
    private const int ManyProposals = 4;

    private void Proposals(Hit hit, bool received)
    {
        if (hit.Phrase.Detail is Detail.FirstPhase or Detail.SecondPhase)
        {
            exchange.ProposalPhase = hit.Phrase.Detail == Detail.FirstPhase ? 1 : 2;
            return;
        }

        if (hit.Phrase.Product != Product.Charon) return;
        var text = LineInterpreter.Rest(_line, hit.At + hit.Length);
        exchange.ProposalPhase = text.StartsWith("IKE:", StringComparison.Ordinal) ? 1 : 2;
        if (received) (exchange.ReceivedProposals, exchange.ConfiguredProposals) = (text, null);
        else exchange.ConfiguredProposals = text;
    }

    /// <summary>Whether more than a few ESP proposals are offered, such as pluto's default ones: it is seldom the algorithms then that the peer refuses.</summary>
    private bool OffersWidely()
    {
        var at = LineText.Where(_line, "proposal="u8);
        if (at < 0) return false;
        var offer = _line[at..];
        return offer.StartsWith("proposal=defaults"u8) || offer.Count(", "u8) >= ManyProposals;
    }

    /// <summary>Whether the selectors asked for are of one host each ("[192.0.2.1/32===198.51.100.1/32]"), as transport mode has them.</summary>
    private bool AsksBetweenHosts() => _line.Has("/32==="u8) ? _line.Has("/32]"u8) : _line.Has("/128==="u8) && _line.Has("/128]"u8);

    private bool IsSecondPhase(Phrase phrase)
    {
        switch (phrase.Detail)
        {
            case Detail.FirstPhase:
                return false;
            case Detail.SecondPhase:
                return true;
            case Detail.Payloads:
                return (_line.Has("HASH "u8) || HasSecondPhaseWord()) && !_line.Has("IKE_SA_INIT"u8);
            case Detail.PhaseNamed:
                if (HasFirstPhaseWord()) return false;
                if (HasSecondPhaseWord()) return true;
                if (exchange.ProposalPhase != 0) return exchange.ProposalPhase == 2;
                if (phrase.Product == Product.Fortinet && Before(JustBefore).HasAny("phase 2"u8, "quick"u8)) return true;
                break;
        }

        return exchange.IkeUp || exchange.ChildAsked || (exchange.AuthSent && phrase.Product is Product.CiscoIos or Product.Any);
    }

    private FactKind? NoProposal(Phrase phrase)
    {
        var isOurs = phrase.Words.StartsWith("sending", StringComparison.Ordinal) || _line.Has("incoming"u8)
            || phrase.Words.Contains("match", StringComparison.OrdinalIgnoreCase) || phrase.Words.Contains("found", StringComparison.OrdinalIgnoreCase)
            || phrase.Words.Contains("chosen", StringComparison.Ordinal) || phrase.Words.StartsWith("Reason=", StringComparison.Ordinal);

        // A debugging line of pluto: what came was encrypted, and that IKEv1 is only with an IKE SA.
        if (Before(JustBefore).Has("bytes of padding"u8)) exchange.IkeStands();
        if (!IsSecondPhase(phrase)) return isOurs ? FactKind.IkeProposalRefused : FactKind.IkeProposalRefusedAlone;
        if (_line.HasAny("group description"u8, "pfs"u8, "DH group"u8)) return FactKind.GroupDiffers;
        return ChildProposal();
    }

    private FactKind ChildProposal()
    {
        switch (exchange.ProposalPhase == 2 ? ProposalText.Compare(exchange.ReceivedProposals, exchange.ConfiguredProposals) : ProposalText.Difference.Unknown)
        {
            case ProposalText.Difference.Group:
                return FactKind.GroupDiffers;
            case ProposalText.Difference.Algorithms:
                return FactKind.ChildAlgorithmsDiffer;
            case ProposalText.Difference.Unknown when exchange.MissedGroup:
                return FactKind.GroupDiffers;
        }

        if (exchange.IsRekey && exchange.WithGroup) return FactKind.ChildProposalRefusedAtRekey;
        if (exchange.FirstPairRefused) return FactKind.ChildProposalRefused;
        exchange.FirstPairRefused = !exchange.IsRekey && !exchange.WithGroup;
        return exchange.WithGroup ? FactKind.ChildProposalRefusedWithPfs : exchange.AsksBetweenHosts ? FactKind.ChildProposalRefusedBetweenHosts : FactKind.ChildProposalRefused;
    }
}
