using System.Buffers.Binary;
using Tunnelwright.Ike;

namespace Tunnelwright.Diagnosis;

/// <content>What stands in the clear: the first exchange, and refusals outside of an SA.</content>
internal sealed partial class IkeTracker
{
    /// <summary>Reads the payloads of a message of IKE_SA_INIT that both ends write: offers, and hashes that show a NAT.</summary>
    private void SeeFirst(IkeSa sa, SeenMessage seen, bool isRequest)
    {
        var payloads = new IkeMessageReader(seen.Message);
        bool hasSource = false, isSource = false, isDestination = true;
        while (payloads.Read())
        {
            var payload = payloads.Current;
            if (payload.Type == IkePayloadType.Sa)
            {
                if (isRequest) SeeOffer(sa, payload, seen.Path.SourcePort);
                else if (new IkeProposalReader(payload) is var proposals && proposals.Read()) sa.Sizes = SealedSizes.Of(proposals.Current);
            }
            else if (payload.Type == IkePayloadType.Notify && IkeNotifyPayload.TryRead(payload, out var notify, out _) && notify.Data.Length == IkeNatDetection.HashBytes)
            {
                if (notify.Type == IkeNotifyType.NatDetectionSourceIp)
                {
                    hasSource = true;
                    isSource |= IsHashOf(notify.Data, seen.Header, seen.Path.Source, seen.Path.SourcePort);
                }
                else if (notify.Type == IkeNotifyType.NatDetectionDestinationIp)
                {
                    isDestination = IsHashOf(notify.Data, seen.Header, seen.Path.Destination, seen.Path.DestinationPort);
                }
            }
        }

        if ((!hasSource || isSource) && isDestination) return;
        sa.Conversation.HasNat = true;
        var path = seen.Path;
        _facts.Add(FactKind.NatFound, path.Pair, seen.Place, () => $"{path} NAT detection: the hash of the {(isDestination ? "source" : "destination")} is of another address or port than the packet's");
    }

    private static void SeeOffer(IkeSa sa, IkePayload payload, int port)
    {
        sa.Offers = OfferWords.Of(payload);
        sa.IsProbe = port == sa.Conversation.ProbePort || OfferWords.IsQuestion(payload);
        if (sa.IsProbe) sa.Conversation.ProbePort = port;
    }

    private static bool IsHashOf(ReadOnlySpan<byte> hash, IkeHeader header, HostAddress address, int port) => hash.SequenceEqual(IkeNatDetection.Hash(header.InitiatorSpi, header.ResponderSpi, address.ToIPAddress(), port));

    private void InitAnswer(IkeSa sa, SeenMessage seen)
    {
        var payloads = new IkeMessageReader(seen.Message);
        var hasSa = false;
        while (payloads.Read())
        {
            hasSa |= payloads.Current.Type == IkePayloadType.Sa;
            if (payloads.Current.Type != IkePayloadType.Notify || !IkeNotifyPayload.TryRead(payloads.Current, out var notify, out _) || !IkeNotifyNames.IsError(notify.Type)) continue;
            if (notify.Type == IkeNotifyType.InvalidKeyExchange && !sa.IsProbe) sa.AskedGroup = (seen.Place, seen.Path, notify.Data.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(notify.Data) : 0);
            else TellError(sa, seen, notify.Type, "IKE_SA_INIT answered with");
        }

        if (hasSa) SeeFirst(sa, seen, isRequest: false);
    }

    /// <summary>An IKEv2 INFORMATIONAL that is not encrypted reports an error about something unknown (RFC 7296 section 1.5).</summary>
    private bool HasErrorInTheClear(IkeSa sa, SeenMessage seen)
    {
        var payloads = new IkeMessageReader(seen.Message);
        var found = false;
        while (payloads.Read())
        {
            if (payloads.Current.Type != IkePayloadType.Notify || !IkeNotifyPayload.TryRead(payloads.Current, out var notify, out _) || !IkeNotifyNames.IsError(notify.Type)) continue;
            TellError(sa, seen, notify.Type, "INFORMATIONAL in the clear:");
            found = true;
        }

        return found;
    }

    private void TellError(IkeSa sa, SeenMessage seen, int type, string what)
    {
        var version = seen.Header.MajorVersion;
        var name = IkeNotifyNames.Name(version, type);
        FactKind? kind = name switch
        {
            "NO_PROPOSAL_CHOSEN" when version == 1 && sa.IsUp => FactKind.ChildProposalRefused,
            "NO_PROPOSAL_CHOSEN" or "BAD_PROPOSAL_SYNTAX" or "ATTRIBUTES_NOT_SUPPORTED" => FactKind.IkeProposalRefusedAlone,
            "AUTHENTICATION_FAILED" => FactKind.AuthenticationFailed,
            "INVALID_MAJOR_VERSION" => FactKind.VersionRefused,
            "INVALID_EXCHANGE_TYPE" or "UNSUPPORTED_EXCHANGE_TYPE" => FactKind.ModeRefused,
            "INVALID_SPI" or "INVALID_IKE_SPI" or "INVALID_COOKIE" => FactKind.UnknownSpi,
            "PAYLOAD_MALFORMED" or "INVALID_HASH_INFORMATION" or "INVALID_PAYLOAD_TYPE" => FactKind.MalformedForPeer,
            "INVALID_ID_INFORMATION" => sa.IsUp ? FactKind.SelectorsRefused : FactKind.NoConnectionForIdentity,
            "INVALID_CERTIFICATE" or "INVALID_CERT_AUTHORITY" or "CERTIFICATE_UNAVAILABLE" => FactKind.CertificateRefused,
            "TS_UNACCEPTABLE" => FactKind.SelectorsRefused,
            "SINGLE_PAIR_REQUIRED" => FactKind.OnePairOnly,
            _ => null,
        };
        if (kind is not { } told || sa.IsProbe) return;
        sa.Conversation.Fail(seen.Place);
        var path = seen.Path;
        var offers = told == FactKind.IkeProposalRefusedAlone && sa.Offers.Length > 0 ? $"; offered: {sa.Offers}" : "";
        _facts.Add(told, path.Pair, seen.Place, () => $"{path} IKEv{version} {what} {name}{offers}");
    }
}
