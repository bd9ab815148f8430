namespace Tunnelwright.Ike.Tests.Protocol;

/// <summary>Reads everything that a message holds, with every reader that fits.</summary>
internal static class Walker
{
    /// <summary>How much was read, and the first fault anywhere.</summary>
    internal static (int Things, IkeFault? Fault) Walk(ReadOnlySpan<byte> message)
    {
        var things = 0;
        IkeFault? first = null;
        var reader = new IkeMessageReader(message);
        while (reader.Read())
        {
            things++;
            var payload = reader.Current;
            Check(payload.Offset <= message.Length && payload.Offset + payload.Body.Length <= message.Length);
            first ??= WalkPayload(payload, ref things);
        }

        return (things, first ?? reader.Fault);
    }

    private static IkeFault? WalkPayload(IkePayload payload, ref int things)
    {
        IkeFault? fault = null;
        switch (payload.Type)
        {
            case IkePayloadType.Sa or IkePayloadType.SaV1:
                return WalkProposals(payload, ref things);
            case IkePayloadType.Notify or IkePayloadType.NotificationV1:
                if (IkeNotifyPayload.TryRead(payload, out var notify, out fault)) Check(notify.Data.Length + notify.Spi.Length <= payload.Body.Length);
                break;
            case IkePayloadType.KeyExchange or IkePayloadType.KeyExchangeV1:
                if (IkeKeyExchangePayload.TryRead(payload, out var exchange, out fault)) Check(exchange.Data.Length <= payload.Body.Length);
                break;
            case IkePayloadType.IdentificationInitiator or IkePayloadType.IdentificationResponder or IkePayloadType.IdentificationV1:
                if (IkeIdentificationPayload.TryRead(payload, out var identification, out fault)) Check(identification.Data.Length == payload.Body.Length - 4);
                break;
            case IkePayloadType.Delete or IkePayloadType.DeleteV1:
                if (IkeDeletePayload.TryRead(payload, out var delete, out fault)) Check(delete.Spis.Length == delete.SpiBytes * delete.Count);
                break;
            case IkePayloadType.Certificate or IkePayloadType.CertificateRequest or IkePayloadType.Authentication or IkePayloadType.CertificateV1 or IkePayloadType.CertificateRequestV1:
                if (IkeKindAndData.TryRead(payload, out var kind, out fault)) Check(kind.Data.Length < payload.Body.Length);
                break;
            case IkePayloadType.EncryptedFragment or IkePayloadType.FragmentV1:
                if (IkeFragmentPayload.TryRead(payload, out var fragment, out fault)) Check(fragment.Data.Length == payload.Body.Length - 4);
                break;
            case IkePayloadType.TrafficSelectorInitiator or IkePayloadType.TrafficSelectorResponder:
                var selectors = new IkeTrafficSelectorReader(payload);
                while (selectors.Read()) things++;
                return selectors.Fault;
            case IkePayloadType.Configuration or IkePayloadType.AttributesV1:
                if (!IkeConfigurationPayload.TryRead(payload, out var configuration, out fault)) break;
                var attributes = configuration.ReadAttributes();
                while (attributes.Read()) things++;
                return attributes.Fault;
        }

        return fault;
    }

    private static IkeFault? WalkProposals(IkePayload payload, ref int things)
    {
        IkeFault? first = null;
        var proposals = new IkeProposalReader(payload);
        while (proposals.Read())
        {
            things++;
            var transforms = proposals.Current.ReadTransforms();
            while (transforms.Read())
            {
                things++;
                _ = transforms.Current.KeyBits;
                var attributes = transforms.Current.ReadAttributes();
                while (attributes.Read()) things++;
                first ??= attributes.Fault;
            }

            first ??= transforms.Fault;
        }

        return first ?? proposals.Fault;
    }

    private static void Check(bool holds)
    {
        if (!holds) throw new InvalidOperationException("A reader gave something that is not in the message.");
    }
}
