namespace Tunnelwright.Formats;

/// <content>Which field a value belongs to, by its label and by the section and side it stands under.</content>
internal sealed partial class GenericTextReader
{
    private static void Ranges(ReadOnlyMemory<char> value, int line, List<RawValue> into)
    {
        var rest = value;
        while (rest.Length > 0 && into.Count < 1000)
        {
            var end = rest.Span.IndexOfAny(',', ';', ' ');
            var part = (end < 0 ? rest : rest[..end]).Trim();
            rest = end < 0 ? ReadOnlyMemory<char>.Empty : rest[(end + 1)..];
            if (part.Length > 0 && !TextScan.IsPlaceholder(part.Span)) into.Add(new RawValue(part, line));
        }
    }

    private TunnelField? Destination(GenericLabel label, ReadOnlySpan<char> value)
    {
        switch (label)
        {
            case GenericLabel.IkeVersion:
                _section = Section.Ike;
                return TunnelField.IkeVersion;
            case GenericLabel.Version:
                return _section == Section.Ike ? TunnelField.IkeVersion : null;
            case GenericLabel.Authentication:
                _section = Section.Ike;
                return TunnelField.Authentication;
            case GenericLabel.PreSharedKey:
                _section = Section.Ike;
                return TunnelField.PreSharedKey;
            case GenericLabel.PseudoRandomFunction:
                return TunnelField.IkePseudoRandomFunction;
            case GenericLabel.Integrity:
                return _section == Section.Ike ? TunnelField.IkeIntegrity : TunnelField.IpsecIntegrity;
            case GenericLabel.Encryption:
                return _section == Section.Ike ? TunnelField.IkeEncryption : TunnelField.IpsecEncryption;
            case GenericLabel.Lifetime:
                return _section == Section.Ike ? TunnelField.IkeLifetime : TunnelField.IpsecLifetime;
            case GenericLabel.Phase1Mode:
                return TunnelField.IkeMode;
            case GenericLabel.Mode:
                return _section == Section.Ike && !value.StartsWith("t", StringComparison.OrdinalIgnoreCase) ? TunnelField.IkeMode : TunnelField.IpsecMode;
            case GenericLabel.DiffieHellman or GenericLabel.PerfectForwardSecrecy:
                return _section == Section.Ike ? TunnelField.IkeGroup : TunnelField.PfsGroup;
            case GenericLabel.Protocol:
                _section = Section.Ipsec;
                return TunnelField.IpsecProtocol;
            case GenericLabel.DpdInterval:
                return TunnelField.DpdInterval;
            case GenericLabel.DpdRetries:
                return TunnelField.DpdRetries;
            case GenericLabel.DpdTimeout:
                return TunnelField.DpdTimeout;
            case GenericLabel.Mss:
                return TunnelField.Mss;
            case GenericLabel.Mtu:
                return TunnelField.Mtu;
            case GenericLabel.ClearDontFragment:
                return TunnelField.ClearDontFragment;
            case GenericLabel.Fragmentation:
                return TunnelField.Fragmentation;
            case GenericLabel.CustomerGateway:
                return OnSide(value, TunnelField.CustomerOutside, TunnelField.CustomerInside);
            case GenericLabel.CloudGateway:
                return OnSide(value, TunnelField.CloudOutside, TunnelField.CloudInside);
            case GenericLabel.CustomerAsn or GenericLabel.CloudAsn or GenericLabel.Neighbor or GenericLabel.HoldTime:
                if (value.Contains("::", StringComparison.Ordinal)) return null;
                MarkRouting(bgp: true);
                return label switch
                {
                    GenericLabel.CustomerAsn => TunnelField.CustomerAsn,
                    GenericLabel.CloudAsn => TunnelField.CloudAsn,
                    GenericLabel.Neighbor => TunnelField.Neighbor,
                    _ => TunnelField.HoldTime,
                };
            case GenericLabel.NextHop:
                if (value.Contains("::", StringComparison.Ordinal)) return null;
                MarkRouting(bgp: false);
                return TunnelField.NextHop;
            default:
                return null;
        }
    }

    /// <summary>An address with a prefix length, or a link-local one, is an inside address wherever it stands; IPv6 inside addresses are not used.</summary>
    private TunnelField? OnSide(ReadOnlySpan<char> value, TunnelField outside, TunnelField inside)
    {
        if (_side == Side.Ignored || value.Count(':') >= 2) return null;
        if (value.Length == 0) return _side switch { Side.Outside => outside, Side.Inside => inside, _ => null };
        if (value.Contains('/') || value.StartsWith("169.254.", StringComparison.Ordinal)) return inside;
        return _side == Side.Inside ? inside : outside;
    }
}
