using System.Text;
using Tunnelwright.Ike;

namespace Tunnelwright.Diagnosis;

/// <summary>The proposals of an SA payload in strongSwan's words, as far as they fit into a line of evidence.</summary>
internal static class OfferWords
{
    private const int Longest = 240;
    private const int MaximumTransforms = 64;

    /// <summary>"aes256-sha256-modp2048, aes128gcm16-prfsha256-ecp256"; empty when the payload cannot be read.</summary>
    public static string Of(IkePayload payload)
    {
        var text = new StringBuilder();
        var proposals = new IkeProposalReader(payload);
        while (text.Length < Longest && proposals.Read())
        {
            var transforms = proposals.Current.ReadTransforms();
            var separator = text.Length > 0 ? ", " : "";
            for (var i = 0; i < MaximumTransforms && text.Length < Longest && transforms.Read(); i++)
            {
                text.Append(separator).Append(payload.Type == IkePayloadType.Sa ? V2(transforms.Current) : V1(transforms.Current));
                separator = payload.Type == IkePayloadType.Sa ? "-" : ", ";
            }
        }

        return text.Length > Longest ? text.ToString(0, Longest) + "…" : text.ToString();
    }

    /// <summary>
    /// Whether a cipher from the range for private use is offered (IANA "Transform Type 1" from 1024, IKEv1 from 65001): "tunnelwright probe" asks with one, and a
    /// refusal of that says nothing about a tunnel.
    /// </summary>
    public static bool IsQuestion(IkePayload payload)
    {
        var proposals = new IkeProposalReader(payload);
        while (proposals.Read())
        {
            var transforms = proposals.Current.ReadTransforms();
            while (transforms.Read())
            {
                if (transforms.Current.Type == IkeTransformType.Encryption && transforms.Current.Id >= 1024) return true;
                if (payload.Type == IkePayloadType.SaV1 && V1Cipher(transforms.Current) >= 65_001) return true;
            }
        }

        return false;
    }

    private static ulong V1Cipher(IkeTransform transform)
    {
        var attributes = transform.ReadAttributes();
        while (attributes.Read())
        {
            if (attributes.Current.Type == 1) return attributes.Current.Number ?? 0;
        }

        return 0;
    }

    private static string V2(IkeTransform transform) => transform.Type switch
    {
        IkeTransformType.Encryption => new IkeCipher((IkeEncryption)transform.Id, transform.KeyBits ?? 0).ToString(),
        IkeTransformType.Integrity => transform.Id == 0 ? "null" : IkeSuite.Name((IkeIntegrity)transform.Id),
        IkeTransformType.PseudoRandomFunction => $"prf{IkeSuite.Name((IkePseudoRandomFunction)transform.Id)}",
        IkeTransformType.KeyExchange => IkeGroups.Name(transform.Id),
        _ => $"transform{(int)transform.Type}.{transform.Id}",
    };

    /// <summary>IKEv1 tells all of a choice as attributes (RFC 2409 appendix A).</summary>
    private static string V1(IkeTransform transform)
    {
        ulong? encryption = null, hash = null, group = null, bits = null;
        var attributes = transform.ReadAttributes();
        while (attributes.Read())
        {
            switch (attributes.Current.Type)
            {
                case 1: encryption = attributes.Current.Number; break;
                case 2: hash = attributes.Current.Number; break;
                case 4: group = attributes.Current.Number; break;
                case 14: bits = attributes.Current.Number; break;
            }
        }

        var cipher = encryption switch { 5 => "3des", 7 => $"aes{bits ?? 128}", 1 => "des", { } other => $"encr{other}", null => "?" };
        var digest = hash switch { 1 => "md5", 2 => "sha1", 4 => "sha256", 5 => "sha384", 6 => "sha512", { } other => $"hash{other}", null => "?" };
        return $"{cipher}-{digest}-{(group is <= ushort.MaxValue and { } known ? IkeGroups.Name((int)known) : "?")}";
    }
}
