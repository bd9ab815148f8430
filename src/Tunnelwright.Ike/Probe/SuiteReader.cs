namespace Tunnelwright.Ike;

/// <summary>Reads the suite that a responder chose.</summary>
internal static class SuiteReader
{
    /// <summary>IKEv2: one transform of each type. Null when one is missing.</summary>
    internal static IkeSuite? ReadV2(IkeProposal proposal)
    {
        IkeCipher? cipher = null;
        IkePseudoRandomFunction? function = null;
        IkeIntegrity? integrity = null;
        int? group = null;
        var transforms = proposal.ReadTransforms();
        while (transforms.Read())
        {
            var transform = transforms.Current;
            switch (transform.Type)
            {
                case IkeTransformType.Encryption:
                    cipher ??= new IkeCipher((IkeEncryption)transform.Id, transform.KeyBits ?? 0);
                    break;
                case IkeTransformType.PseudoRandomFunction:
                    function ??= (IkePseudoRandomFunction)transform.Id;
                    break;
                case IkeTransformType.Integrity when transform.Id != 0:
                    integrity ??= (IkeIntegrity)transform.Id;
                    break;
                case IkeTransformType.KeyExchange:
                    group ??= transform.Id;
                    break;
            }
        }

        return cipher is { } c && function is { } f && group is { } g ? new IkeSuite(c, integrity, f, g) : null;
    }

    /// <summary>IKEv1: the attributes of the one transform. Null when one is missing or has no counterpart.</summary>
    internal static IkeSuite? ReadV1(IkeProposal proposal)
    {
        var transforms = proposal.ReadTransforms();
        if (!transforms.Read()) return null;
        ulong? encryption = null, hash = null, group = null, keyBits = null;
        var attributes = transforms.Current.ReadAttributes();
        while (attributes.Read())
        {
            var attribute = attributes.Current;
            switch (attribute.Type)
            {
                case MainModeNumbers.EncryptionAttribute:
                    encryption = attribute.Number;
                    break;
                case MainModeNumbers.HashAttribute:
                    hash = attribute.Number;
                    break;
                case MainModeNumbers.GroupAttribute:
                    group = attribute.Number;
                    break;
                case MainModeNumbers.KeyLengthAttribute:
                    keyBits = attribute.Number;
                    break;
            }
        }

        IkeCipher? cipher = encryption switch
        {
            MainModeNumbers.TripleDes => new(IkeEncryption.TripleDes, 0),
            MainModeNumbers.AesCbc when keyBits is 128 or 192 or 256 => new(IkeEncryption.AesCbc, (int)keyBits.Value),
            _ => null,
        };
        return cipher is { } c && hash is { } h && MainModeNumbers.Integrity(h) is { } integrity && group is <= ushort.MaxValue and { } g
            ? new IkeSuite(c, integrity, IkeSuite.PrfOf(integrity), (int)g)
            : null;
    }
}

/// <summary>Numbers of IKEv1 phase 1 (RFC 2409 appendix A; IANA "Internet Key Exchange (IKE) Attributes").</summary>
internal static class MainModeNumbers
{
    internal const int EncryptionAttribute = 1;
    internal const int HashAttribute = 2;
    internal const int AuthenticationAttribute = 3;
    internal const int GroupAttribute = 4;
    internal const int LifeTypeAttribute = 11;
    internal const int LifeDurationAttribute = 12;
    internal const int KeyLengthAttribute = 14;

    internal const int TripleDes = 5;
    internal const int AesCbc = 7; // RFC 3602 section 5.1

    internal const int PreSharedKey = 1;
    internal const int Seconds = 1;
    internal const int KeyIke = 1;

    internal static int Encryption(IkeEncryption encryption) => encryption switch
    {
        IkeEncryption.TripleDes => TripleDes,
        IkeEncryption.AesCbc => AesCbc,
        _ => (int)encryption,
    };

    internal static int Hash(IkeIntegrity integrity) => integrity switch
    {
        IkeIntegrity.Md5 => 1,
        IkeIntegrity.Sha1 => 2,
        IkeIntegrity.Sha256 => 4,
        IkeIntegrity.Sha384 => 5,
        _ => 6,
    };

    internal static IkeIntegrity? Integrity(ulong hash) => hash switch
    {
        1 => IkeIntegrity.Md5,
        2 => IkeIntegrity.Sha1,
        4 => IkeIntegrity.Sha256,
        5 => IkeIntegrity.Sha384,
        6 => IkeIntegrity.Sha512,
        _ => null,
    };
}
