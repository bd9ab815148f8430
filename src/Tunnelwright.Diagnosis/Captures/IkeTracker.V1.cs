using Tunnelwright.Ike;

namespace Tunnelwright.Diagnosis;

/// <content>IKEv1 (RFC 2408, RFC 2409): no flag tells request from answer, the order does.</content>
internal sealed partial class IkeTracker
{
    private const int ManyInformational = 4;
    private const uint KeyExchangeStep = 2;
    private const uint EncryptedStep = 3;

    private void V1(IkeSa sa, SeenMessage seen)
    {
        var header = seen.Header;
        var direction = seen.Path.Direction;
        if (header.ResponderSpi == 0 && header.Exchange is IkeExchangeType.MainModeV1 or IkeExchangeType.AggressiveModeV1) sa.Initiator = direction;
        if (seen.Path.IsNatTraversal && sa.Ports[1 - direction] != 0 && header.Exchange == IkeExchangeType.MainModeV1) sa.Conversation.HasNat = true;
        switch (header.Exchange)
        {
            case IkeExchangeType.MainModeV1 or IkeExchangeType.AggressiveModeV1:
                FirstPhase(sa, seen, direction);
                break;
            case IkeExchangeType.QuickModeV1:
                QuickMode(sa, seen, direction);
                break;
            case IkeExchangeType.InformationalV1:
                InformationalV1(sa, seen, direction);
                break;
        }
    }

    private void FirstPhase(IkeSa sa, SeenMessage seen, int direction)
    {
        var header = seen.Header;
        var step = header.IsEncrypted || header.NextPayload is IkePayloadType.HashV1 or IkePayloadType.SignatureV1 ? EncryptedStep : header.NextPayload == IkePayloadType.SaV1 ? 1 : KeyExchangeStep;
        if (sa.Initiator == direction)
        {
            // The last message of aggressive mode has no answer.
            if (header.Exchange == IkeExchangeType.AggressiveModeV1 && step != 1) Up(sa, seen, child: false);
            else if (Sent(sa, seen, step) && step == 1)
            {
                SeeOffers(sa, seen);
                SeeAttempt(sa, seen);
            }

            return;
        }

        var waiting = Answered(sa, seen, step);
        if (waiting is not null && step == EncryptedStep) Up(sa, seen, child: false);
    }

    private void QuickMode(IkeSa sa, SeenMessage seen, int direction)
    {
        if (Answered(sa, seen, seen.Header.MessageId) is not null)
        {
            sa.QuickMode = (direction, seen.Header.MessageId);
            return;
        }

        // The third message: the one who asked has the answer.
        if (sa.QuickMode is { } quick && quick.Id == seen.Header.MessageId)
        {
            if (quick.Answerer == direction) return;
            sa.QuickMode = null;
            sa.DoneQuickMode = seen.Header.MessageId;
            Up(sa, seen, child: true);
            return;
        }

        if (sa.DoneQuickMode == seen.Header.MessageId) return;
        sa.IsUp = true;
        Sent(sa, seen, seen.Header.MessageId);
    }

    private void InformationalV1(IkeSa sa, SeenMessage seen, int direction)
    {
        if (seen.Header.IsEncrypted)
        {
            Encrypted(sa, seen, direction);
            return;
        }

        var payloads = new IkeMessageReader(seen.Message);
        while (payloads.Read())
        {
            if (payloads.Current.Type != IkePayloadType.NotificationV1 || !IkeNotifyPayload.TryRead(payloads.Current, out var notify, out _) || !IkeNotifyNames.IsError(notify.Type)) continue;
            if (sa.Waiting[1 - direction] is { Exchange: IkeExchangeType.MainModeV1 or IkeExchangeType.AggressiveModeV1 }) Refused(sa, seen);
            TellError(sa, seen, notify.Type, "informational in the clear:");
        }
    }

    /// <summary>An encrypted informational: an objection to what waits, or one of dead peer detection (RFC 3706), which the peer answers with one.</summary>
    private void Encrypted(IkeSa sa, SeenMessage seen, int direction)
    {
        if (sa.Waiting[1 - direction] is { Exchange: IkeExchangeType.QuickModeV1 }) sa.PeerObjects = true;
        if (sa.Waiting[1 - direction] is { Exchange: IkeExchangeType.MainModeV1, Id: EncryptedStep } waiting)
        {
            sa.PeerObjects = true;
            Refused(sa, seen);
            var path = seen.Path;
            _facts.Add(FactKind.MalformedForPeer, path.Pair, seen.Place, () => $"{path} answers the first encrypted message (sent {waiting.Sends} times since {waiting.First}) with an informational message instead of its own");
        }

        sa.Informational[1 - direction] = 0;
        if (!sa.IsUp || ++sa.Informational[direction] != ManyInformational) return;
        sa.Conversation.Fail(seen.Place);
        sa.Conversation.LastRetransmission = seen.Place;
        var sender = seen.Path;
        _facts.Add(FactKind.PeerStoppedAnswering, sender.Pair, seen.Place, () => $"{sender} {ManyInformational} informational messages (dead peer detection) in a row, none came back");
    }

    /// <summary>What waits has had an answer, if not the one that it wanted.</summary>
    private static void Refused(IkeSa sa, SeenMessage seen)
    {
        sa.Waiting[1 - seen.Path.Direction] = null;
        sa.Conversation.LastAnswer = seen.Place;
        sa.Conversation.FirstMessagesAlone = 0;
    }

    private static FactKind LastOfMainMode(IkeSa sa, Waiting waiting) =>
        sa.PeerObjects ? FactKind.MalformedForPeer : waiting.Path.IsNatTraversal ? FactKind.AuthUnansweredBehindNat : FactKind.EncryptedMessageUnanswered;

    private static void SeeOffers(IkeSa sa, SeenMessage seen)
    {
        var payloads = new IkeMessageReader(seen.Message);
        while (payloads.Read())
        {
            if (payloads.Current.Type == IkePayloadType.SaV1) SeeOffer(sa, payloads.Current, seen.Path.SourcePort);
        }
    }
}
