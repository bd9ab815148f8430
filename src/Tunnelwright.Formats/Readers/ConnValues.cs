using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>Takes the values of one <c>conn</c> section of ipsec.conf(5) into a tunnel.</summary>
internal sealed class ConnValues(ConnectionDraft draft, TunnelDraft tunnel, Func<string, RawValue?> find)
{
    public void Take()
    {
        Put(TunnelField.CloudOutside, "right");
        CustomerAddress();
        Version();
        Authentication();
        if (First("aggressive") is { } aggressive && Is(aggressive, "yes")) tunnel.Set(TunnelField.IkeMode, "aggressive", aggressive.Line);
        Put(TunnelField.IpsecMode, "type");
        Proposal("ike", isIke: true);
        Proposal(First("esp") is not null ? "esp" : "phase2alg", isIke: false);
        if (First("ah") is { } header) tunnel.Set(TunnelField.IpsecProtocol, "ah", header.Line);
        else Put(TunnelField.IpsecProtocol, "phase2");
        Put(TunnelField.IkeLifetime, "ikelifetime");
        Put(TunnelField.IpsecLifetime, "lifetime", "keylife", "salifetime");
        Put(TunnelField.DpdInterval, "dpddelay");
        Put(TunnelField.DpdTimeout, "dpdtimeout");
        Ranges(draft.CustomerRanges, "leftsubnet");
        Ranges(draft.CloudRanges, "rightsubnet");
    }

    /// <summary>The ranges of a narrowed traffic selector; what is not an IPv4 range (%dynamic, ::/0) is not one.</summary>
    private void Ranges(List<RawValue> into, string name)
    {
        if (First(name) is not { } value) return;
        foreach (var part in value.Text.Span.Split(','))
        {
            var text = value.Text[part].Trim();
            if (into.Count < 1000 && Cidr.TryParse(text.Span, out var range) && range != Cidr.Any) into.Add(new RawValue(text, value.Line));
        }
    }

    private static bool Is(RawValue value, string word) => value.Text.Span.Equals(word, StringComparison.OrdinalIgnoreCase);

    private RawValue? First(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (find(name) is { HasText: true } value) return value;
        }

        return null;
    }

    private void Put(TunnelField field, params ReadOnlySpan<string> names)
    {
        if (First(names) is { } value) tunnel.Set(field, value.Text, value.Line);
    }

    private void CustomerAddress()
    {
        foreach (var name in (ReadOnlySpan<string>)["leftid", "left"])
        {
            if (First(name) is not { } value) continue;
            var text = value.Text.TrimStart('@').Trim('"');
            if (text.Span.StartsWith("%", StringComparison.Ordinal)) continue;
            if (!Ipv4Address.TryParse(text.Span, out _) && !TextScan.IsPlaceholder(text.Span)) continue;
            tunnel.Set(TunnelField.CustomerOutside, text, value.Line);
            return;
        }
    }

    private void Version()
    {
        if (First("ikev2") is { } libreswan)
        {
            tunnel.Set(TunnelField.IkeVersion, Is(libreswan, "insist") || Is(libreswan, "yes") || Is(libreswan, "propose") ? "ikev2" : "ikev1", libreswan.Line);
            return;
        }

        // Openswan and Libreswan, whose files have phase2alg, mean IKEv1 by "ike"; strongSwan initiates IKEv2.
        if (First("keyexchange") is { } exchange) tunnel.Set(TunnelField.IkeVersion, Is(exchange, "ike") && First("phase2alg") is not null ? "ikev1".AsMemory() : exchange.Text, exchange.Line);
    }

    private void Authentication()
    {
        foreach (var name in (ReadOnlySpan<string>)["leftauth", "authby"])
        {
            if (First(name) is not { } value) continue;
            tunnel.Set(TunnelField.Authentication, value.Text, value.Line);
            return;
        }
    }

    /// <summary>A proposal such as aes128-sha1-modp1024! or aes256gcm16-prfsha384-ecp384; the first of several.</summary>
    private void Proposal(string name, bool isIke)
    {
        if (First(name) is not { } value) return;
        var text = value.Text;
        var comma = text.Span.IndexOf(',');
        if (comma > 0)
        {
            draft.Problems.Warning(Causes.ConfigSyntax, tunnel.Number, $"Tunnel {tunnel.Number} lists several proposals in {name} on line {value.Line}; the first is used.", isIke ? "ike.encryption" : "ipsec.encryption", value.Line);
            text = text[..comma];
        }

        text = text.Trim().TrimEnd('!');
        var (encryption, integrity, group) = isIke
            ? (TunnelField.IkeEncryption, TunnelField.IkeIntegrity, TunnelField.IkeGroup)
            : (TunnelField.IpsecEncryption, TunnelField.IpsecIntegrity, TunnelField.PfsGroup);
        for (var count = 0; text.Length > 0 && count < 8; count++)
        {
            var end = text.Span.IndexOfAny('-', ';');
            var token = (end < 0 ? text : text[..end]).Trim();
            text = end < 0 ? ReadOnlyMemory<char>.Empty : text[(end + 1)..];
            if (token.Length == 0 || token.Span is "esn" or "noesn") continue;
            if (count == 0 || (!tunnel[encryption].HasText && Algorithms.TryParse(token.Span, out EncryptionAlgorithm _))) tunnel.Set(encryption, token, value.Line);
            else if (isIke && token.Span.StartsWith("prf", StringComparison.OrdinalIgnoreCase)) tunnel.Set(TunnelField.IkePseudoRandomFunction, token[3..], value.Line);
            else if (DhGroup.TryParse(token.Span, out _)) tunnel.Set(group, token, value.Line);
            else if (!tunnel[integrity].HasText) tunnel.Set(integrity, token, value.Line);
            else tunnel.Set(group, token, value.Line);
        }
    }
}
