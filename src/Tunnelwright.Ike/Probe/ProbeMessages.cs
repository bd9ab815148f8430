using System.Net;
using System.Security.Cryptography;

namespace Tunnelwright.Ike;

/// <summary>A proposal as it goes on the wire in IKEv2: for each type all that the peer may choose from (RFC 7296 section 3.3).</summary>
internal sealed record Offer(IReadOnlyList<IkeCipher> Ciphers, IReadOnlyList<IkeIntegrity> Integrities, IReadOnlyList<IkePseudoRandomFunction> Functions, IReadOnlyList<int> Groups)
{
    internal static Offer Of(IkeSuite suite) => new([suite.Cipher], suite.Integrity is { } integrity ? [integrity] : [], [suite.PseudoRandomFunction], [suite.Group]);

    /// <summary>AEADs do not stand beside ciphers that need an integrity algorithm (RFC 7296 section 3.3), so they make proposals of their own.</summary>
    internal static IReadOnlyList<Offer> Of(IkeSuiteSpace space)
    {
        var functions = space.Integrities.Select(IkeSuite.PrfOf).Distinct().ToList();
        var plain = space.Ciphers.Where(cipher => !cipher.IsAead).ToList();
        var aeads = space.Ciphers.Where(cipher => cipher.IsAead).ToList();
        var offers = new List<Offer>(2);
        if (plain.Count > 0 && space.Integrities.Count > 0) offers.Add(new Offer(plain, space.Integrities, functions, space.Groups));
        if (aeads.Count > 0) offers.Add(new Offer(aeads, [], functions.Count > 0 ? functions : [IkePseudoRandomFunction.Sha256], space.Groups));
        return offers;
    }
}

/// <summary>Writes the first message of either version.</summary>
internal static class ProbeMessages
{
    private const int Room = 8192;
    private const int NonceBytes = 32;
    private const int KeyLengthAttribute = 14;

    // A cipher from the range for private use (IANA "Transform Type 1": 1024 and up; IKEv1: 65001 and up) that nobody has: no responder may take what it is in.
    private const int NobodysCipher = 65_001;

    // Its public values are any 32 octets, and no closed set of a provider has it.
    private const int AskingGroup = 31;

    internal static ulong NewSpi()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        bytes[0] |= 1;
        return BitConverter.ToUInt64(bytes);
    }

    internal static byte[] NewNonce() => RandomNumberGenerator.GetBytes(NonceBytes);

    /// <summary>
    /// IKE_SA_INIT that a responder can take (RFC 7296 section 1.2). All but the cookie and the key exchange stays the same when it is repeated with them.
    /// </summary>
    internal static byte[] SaInit(ulong spi, byte[] nonce, IReadOnlyList<Offer> offers, int group, byte[] publicValue, byte[]? cookie, IPEndPoint local, IPEndPoint remote)
    {
        var writer = new IkeMessageWriter(new byte[Room], Header(spi, 2));
        return Write(ref writer, offers, asks: false, group, publicValue, nonce, cookie, spi, local, remote);
    }

    /// <summary>
    /// IKE_SA_INIT that asks whether an offer is acceptable and leaves nothing behind: its public value belongs to a second proposal that nobody can take, so a
    /// responder that takes the first has to ask for another one (INVALID_KE_PAYLOAD, RFC 7296 section 1.3) and one that does not says NO_PROPOSAL_CHOSEN.
    /// </summary>
    internal static byte[] Question(ulong spi, byte[] nonce, IReadOnlyList<Offer> offers, byte[]? cookie, IPEndPoint local, IPEndPoint remote, int padding = 0)
    {
        var writer = new IkeMessageWriter(new byte[Room], Header(spi, 2));
        return Write(ref writer, offers, asks: true, AskingGroup, IkeGroups.CreatePublicValue(AskingGroup), nonce, cookie, spi, local, remote, padding);
    }

    /// <summary>The first message of main mode (RFC 2409 section 5): one proposal, a transform for each suite, and the vendor IDs that make a responder show its own.</summary>
    internal static byte[] MainMode(ulong spi, IReadOnlyList<IkeSuite> suites)
    {

        var buffer = new byte[Room];
        var writer = new IkeMessageWriter(buffer, Header(spi, 1));
        writer.BeginPayload(IkePayloadType.SaV1);
        writer.WriteUInt32(1);
        writer.WriteUInt32(1);
        writer.BeginProposal(1);
        for (var number = 1; number <= suites.Count; number++)
        {
            var suite = suites[number - 1];
            writer.BeginTransform(number, MainModeNumbers.KeyIke);
            writer.WriteAttribute(MainModeNumbers.EncryptionAttribute, MainModeNumbers.Encryption(suite.Cipher.Algorithm));
            if (suite.Cipher.KeyBits > 0) writer.WriteAttribute(MainModeNumbers.KeyLengthAttribute, suite.Cipher.KeyBits);
            writer.WriteAttribute(MainModeNumbers.HashAttribute, MainModeNumbers.Hash(suite.Integrity!.Value));
            writer.WriteAttribute(MainModeNumbers.GroupAttribute, suite.Group);
            writer.WriteAttribute(MainModeNumbers.AuthenticationAttribute, MainModeNumbers.PreSharedKey);
            writer.WriteAttribute(MainModeNumbers.LifeTypeAttribute, MainModeNumbers.Seconds);
            writer.WriteAttribute(MainModeNumbers.LifeDurationAttribute, 28_800);
        }

        foreach (var name in (string[])[VendorIdList.NatTraversal, VendorIdList.NatTraversal03, VendorIdList.NatTraversal02])
            writer.WritePayload(IkePayloadType.VendorIdV1, IkeVendorIds.Get(name));
        writer.WritePayload(IkePayloadType.VendorIdV1, [.. IkeVendorIds.Get(VendorIdList.DeadPeerDetection), 1, 0]);
        writer.WritePayload(IkePayloadType.VendorIdV1, [.. IkeVendorIds.Get(VendorIdList.Fragmentation), 0x80, 0, 0, 0]);
        return buffer[..writer.Finish()];
    }

    /// <summary>The first message of main mode with a cipher that nobody has: a responder refuses it and keeps nothing.</summary>
    internal static byte[] MainModeQuestion(ulong spi) =>
        MainMode(spi, [new IkeSuite(new IkeCipher((IkeEncryption)NobodysCipher, 0), IkeIntegrity.Sha256, IkePseudoRandomFunction.Sha256, 14)]);

    private static byte[] Write(ref IkeMessageWriter writer, IReadOnlyList<Offer> offers, bool asks, int group, byte[] publicValue, byte[] nonce, byte[]? cookie, ulong spi, IPEndPoint local, IPEndPoint remote, int padding = 0)
    {
        // The cookie comes first when there is one (RFC 7296 section 2.6).
        if (cookie is not null) writer.WriteNotify(IkeNotifyType.Cookie, cookie);
        writer.BeginPayload(IkePayloadType.Sa);
        var number = 0;
        foreach (var offer in offers) WriteProposal(ref writer, ++number, offer);
        if (asks) WriteNobodysProposal(ref writer, ++number);
        writer.BeginPayload(IkePayloadType.KeyExchange);
        writer.WriteUInt16(group);
        writer.WriteUInt16(0);
        writer.Write(publicValue);
        writer.WritePayload(IkePayloadType.Nonce, nonce);
        writer.WriteNotify(IkeNotifyType.NatDetectionSourceIp, IkeNatDetection.Hash(spi, 0, local.Address, local.Port));
        writer.WriteNotify(IkeNotifyType.NatDetectionDestinationIp, IkeNatDetection.Hash(spi, 0, remote.Address, remote.Port));
        writer.WriteNotify(IkeNotifyType.FragmentationSupported, []);
        writer.WriteNotify(IkeNotifyType.RedirectSupported, []);
        if (padding > 0) writer.WritePayload(IkePayloadType.VendorId, new byte[padding]);
        var length = writer.Finish();
        return writer.Written[..length].ToArray();
    }

    private static void WriteProposal(ref IkeMessageWriter writer, int number, Offer offer)
    {
        writer.BeginProposal(number);
        foreach (var cipher in offer.Ciphers)
        {
            writer.BeginTransform((int)IkeTransformType.Encryption, (int)cipher.Algorithm);
            if (cipher.KeyBits > 0) writer.WriteAttribute(KeyLengthAttribute, cipher.KeyBits);
        }

        foreach (var integrity in offer.Integrities) writer.BeginTransform((int)IkeTransformType.Integrity, (int)integrity);
        foreach (var function in offer.Functions) writer.BeginTransform((int)IkeTransformType.PseudoRandomFunction, (int)function);
        foreach (var one in offer.Groups) writer.BeginTransform((int)IkeTransformType.KeyExchange, one);
    }

    private static void WriteNobodysProposal(ref IkeMessageWriter writer, int number)
    {
        writer.BeginProposal(number);
        writer.BeginTransform((int)IkeTransformType.Encryption, NobodysCipher);
        writer.BeginTransform((int)IkeTransformType.Integrity, (int)IkeIntegrity.Sha256);
        writer.BeginTransform((int)IkeTransformType.PseudoRandomFunction, (int)IkePseudoRandomFunction.Sha256);
        writer.BeginTransform((int)IkeTransformType.KeyExchange, AskingGroup);
    }

    private static IkeHeader Header(ulong spi, int version) => new()
    {
        InitiatorSpi = spi,
        MajorVersion = version,
        Exchange = version == 1 ? IkeExchangeType.MainModeV1 : IkeExchangeType.SaInit,
        Flags = version == 1 ? IkeHeaderBits.None : IkeHeaderBits.Initiator,
    };
}
