using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>Reads the values of one tunnel and reports those that cannot be read.</summary>
internal sealed class ValueReader(TunnelDraft draft, FormatTraits traits, ProblemList problems)
{
    public bool Says(TunnelField field, string word)
    {
        Span<char> letters = stackalloc char[24];
        var length = TextScan.Squeeze(TextScan.WithoutRemark(draft[field].Text.Span), letters);
        if (length <= 0) return false;
        ReadOnlySpan<char> squeezed = letters[..length];
        if (squeezed.EndsWith("mode", StringComparison.Ordinal)) squeezed = squeezed[..^4];
        return squeezed.SequenceEqual(word);
    }

    public IkeVersion Version()
    {
        var value = draft[TunnelField.IkeVersion];
        if (!value.HasText) return IkeVersion.V1;
        Span<char> letters = stackalloc char[24];
        var length = TextScan.Squeeze(TextScan.WithoutRemark(value.Text.Span), letters);
        switch (letters[..Math.Max(length, 0)])
        {
            case "ikev1" or "ike1" or "v1" or "1" or "version1" or "ikeversion1" or "10" or "ikev1only":
                return IkeVersion.V1;
            case "ikev2" or "ike2" or "v2" or "2" or "version2" or "ikeversion2" or "20" or "ikev2only":
                return IkeVersion.V2;
            case "ikev1ikev2" or "ikev2ikev1" or "ikev1orikev2" or "ikev2orikev1" or "ikev1andikev2" or "ike" or "ikev1v2" or "12" or "any" or "both":
                problems.Warning(Causes.ConfigSyntax, draft.Number, $"Tunnel {draft.Number} allows both IKE versions on line {value.Line}; IKEv2 is used.", "ike.version", value.Line);
                return IkeVersion.V2;
            default:
                Unreadable(TunnelField.IkeVersion, "IKEv1 or IKEv2");
                return IkeVersion.V1;
        }
    }

    public AuthenticationMethod Authentication()
    {
        var value = draft[TunnelField.Authentication];
        if (!value.HasText) return AuthenticationMethod.PreSharedKey;
        Span<char> letters = stackalloc char[64];
        var length = TextScan.Squeeze(value.Text.Span, letters);
        ReadOnlySpan<char> squeezed = length > 0 ? letters[..length] : "";
        if (squeezed.Contains("presharedkey", StringComparison.Ordinal) || squeezed.Contains("psk", StringComparison.Ordinal) || squeezed.Contains("secret", StringComparison.Ordinal) || squeezed.StartsWith("preshare", StringComparison.Ordinal))
            return AuthenticationMethod.PreSharedKey;
        if (squeezed.Contains("cert", StringComparison.Ordinal) || squeezed.StartsWith("rsa", StringComparison.Ordinal) || squeezed.StartsWith("ecdsa", StringComparison.Ordinal) || squeezed.Contains("pubkey", StringComparison.Ordinal) || squeezed.Contains("x509", StringComparison.Ordinal) || squeezed.Contains("signature", StringComparison.Ordinal))
            return AuthenticationMethod.Certificate;
        problems.Error(Causes.AuthMethodUnsupported, draft.Number, $"Tunnel {draft.Number} asks for the authentication method {TextScan.Shown(value.Text.Span)} on line {value.Line}; pre-shared key and certificate are known.", "ike.authentication", value.Line);
        return AuthenticationMethod.PreSharedKey;
    }

    public PreSharedKey? Key(AuthenticationMethod authentication)
    {
        var value = draft[TunnelField.PreSharedKey];
        var text = Unquoted(value.Text.Span);
        if (text.Length == 0 || TextScan.IsPlaceholder(text))
        {
            if (authentication == AuthenticationMethod.PreSharedKey)
                problems.Error(Causes.PskMissing, draft.Number, $"Tunnel {draft.Number} has no pre-shared key{(value.IsPresent ? $" on line {value.Line}" : "")}; download the file again or put the key in.", "ike.preSharedKey", value.Line);
            return null;
        }

        if (PreSharedKey.IsUsable(text)) return new PreSharedKey(text.ToString());
        problems.Error(Causes.ConfigSyntax, draft.Number, $"Tunnel {draft.Number} has a pre-shared key on line {value.Line} that cannot be read: a key is 1 to 1024 printable characters without spaces, quotes and backslashes.", "ike.preSharedKey", value.Line);
        return null;
    }

    public EncryptionAlgorithm? Encryption(TunnelField field, string allowed)
    {
        var value = draft[field];
        if (!value.HasText || TextScan.IsPlaceholder(value.Text.Span)) return null;
        if (Algorithms.TryParse(First(field), out EncryptionAlgorithm algorithm)) return algorithm;
        Unreadable(field, allowed);
        return null;
    }

    public IntegrityAlgorithm? Integrity(TunnelField field, string allowed)
    {
        var value = draft[field];
        if (!value.HasText || TextScan.IsPlaceholder(value.Text.Span) || TextScan.IsNone(value.Text.Span)) return null;
        var text = First(field);
        if (text.StartsWith("prf", StringComparison.OrdinalIgnoreCase)) text = text[3..].TrimStart("-_ ");
        if (Algorithms.TryParse(text, out IntegrityAlgorithm algorithm)) return algorithm;
        if (Algorithms.TryParse(text, out EncryptionAlgorithm cipher) && cipher.IsAead()) return null;
        Unreadable(field, allowed);
        return null;
    }

    public DhGroup? Group(TunnelField field)
    {
        var value = draft[field];
        if (!value.HasText || TextScan.IsPlaceholder(value.Text.Span)) return null;
        if (DhGroup.TryParse(First(field), out var group)) return group;
        Unreadable(field, "group 2 or one of groups 14 to 24");
        return null;
    }

    public DhGroup? PfsGroup()
    {
        var value = draft[TunnelField.PfsGroup];
        if (!value.HasText || TextScan.IsPlaceholder(value.Text.Span) || TextScan.IsNone(value.Text.Span)) return null;
        if (DhGroup.TryParse(First(TunnelField.PfsGroup), out var group)) return group;
        Unreadable(TunnelField.PfsGroup, "group 2, 5 or one of groups 14 to 24");
        return null;
    }

    public IkeMode Mode()
    {
        if (!draft[TunnelField.IkeMode].HasText || Says(TunnelField.IkeMode, "main") || TextScan.IsNone(draft[TunnelField.IkeMode].Text.Span)) return IkeMode.Main;
        if (Says(TunnelField.IkeMode, "aggressive")) return IkeMode.Aggressive;
        Unreadable(TunnelField.IkeMode, "main");
        return IkeMode.Main;
    }

    public Lifetime Lifetime(TunnelField field, int standard, bool expected)
    {
        var value = draft[field];
        if (!value.HasText)
        {
            if (expected) problems.Warning(Causes.ConfigSyntax, draft.Number, $"Tunnel {draft.Number} has no {field.Name()} ({traits.Place(field)}); {standard} s is used.", field.Path(), value.Line);
            return new Lifetime(standard);
        }

        var text = TextScan.WithoutRemark(value.Text.Span);
        if (TextScan.TryWholeNumber(text, out var number, out var rest) && number > 0)
        {
            var other = rest.IndexOfAny(",;/=");
            if (other >= 0) rest = rest[..other];
            Span<char> normal = stackalloc char[40];
            if (rest.Length <= 24 && normal.TryWrite($"{number} {TextScan.Trim(rest)}", out var written) && Model.Lifetime.TryParse(normal[..written], out var lifetime)) return lifetime;
        }

        Unreadable(field, "a number of seconds such as 3600 seconds");
        return new Lifetime(standard);
    }

    public int? Number(TunnelField field, int least, int most, string allowed)
    {
        var value = draft[field];
        if (!value.HasText || TextScan.IsPlaceholder(value.Text.Span)) return null;
        var text = TextScan.WithoutRemark(value.Text.Span);
        if (TextScan.TryWholeNumber(text, out var number, out var rest) && number >= least && number <= most && IsUnit(rest)) return number;
        Unreadable(field, allowed);
        return null;

        static bool IsUnit(ReadOnlySpan<char> text)
        {
            Span<char> letters = stackalloc char[12];
            var length = TextScan.Squeeze(text, letters);
            return length >= 0 && letters[..length] is "" or "s" or "sec" or "secs" or "second" or "seconds" or "b" or "byte" or "bytes" or "times" or "retries" or "attempts";
        }
    }

    public bool Switch(TunnelField field, bool standard)
    {
        var value = draft[field];
        if (!value.HasText) return standard;
        Span<char> letters = stackalloc char[16];
        var length = TextScan.Squeeze(TextScan.WithoutRemark(value.Text.Span), letters);
        switch (letters[..Math.Max(length, 0)])
        {
            case "enabled" or "enable" or "true" or "yes" or "on" or "1" or "clear" or "cleared":
                return true;
            case "disabled" or "disable" or "false" or "no" or "off" or "0" or "none":
                return false;
            default:
                Unreadable(field, "enabled or disabled");
                return standard;
        }
    }

    public bool Fragmentation()
    {
        var value = draft[TunnelField.Fragmentation];
        if (!value.HasText) return true;
        Span<char> letters = stackalloc char[32];
        var length = TextScan.Squeeze(TextScan.WithoutRemark(value.Text.Span), letters);
        switch (letters[..Math.Max(length, 0)])
        {
            case "beforeencryption" or "before" or "enabled" or "true" or "yes":
                return true;
            case "afterencryption" or "after" or "disabled" or "false" or "no":
                return false;
            default:
                Unreadable(TunnelField.Fragmentation, "Before encryption or After encryption");
                return true;
        }
    }

    public Ipv4Address? Address(TunnelField field)
    {
        var value = draft[field];
        if (!value.HasText || TextScan.IsPlaceholder(value.Text.Span)) return null;
        if (Ipv4Address.TryParse(WithoutHostPrefix(TextScan.WithoutRemark(value.Text.Span)), out var address)) return address;
        Unreadable(field, "an IPv4 address such as 198.51.100.2");
        return null;
    }

    public InterfaceAddress? Inside(TunnelField field)
    {
        var value = draft[field];
        if (!value.HasText || TextScan.IsPlaceholder(value.Text.Span)) return null;
        var text = TextScan.WithoutRemark(value.Text.Span);
        if (InterfaceAddress.TryParse(text, out var result)) return result;
        if (Ipv4Address.TryParse(text, out var bare))
        {
            problems.Warning(Causes.ConfigSyntax, draft.Number, $"Tunnel {draft.Number} gives the {field.Name()} on line {value.Line} without a prefix length; /30 is used.", field.Path(), value.Line);
            return new InterfaceAddress(bare, 30);
        }

        var middle = text.IndexOfAny('/', ' ', '\t');
        if (middle > 0 && Ipv4Address.TryParse(text[..middle], out var address) && Ipv4Address.TryParse(TextScan.Trim(text[(middle + 1)..]), out var mask))
        {
            for (var length = 0; length <= 32; length++)
            {
                if (Cidr.MaskOf(length) == mask.Value) return new InterfaceAddress(address, length);
            }
        }

        Unreadable(field, "an address with its prefix length such as 169.254.10.2/30");
        return null;
    }

    public Asn? Asn(TunnelField field)
    {
        var value = draft[field];
        if (!value.HasText || TextScan.IsPlaceholder(value.Text.Span)) return null;
        var text = TextScan.WithoutRemark(value.Text.Span);
        if (text.StartsWith("as", StringComparison.OrdinalIgnoreCase)) text = text[2..].TrimStart("n ");
        if (Model.Asn.TryParse(text, out var asn)) return asn;
        Unreadable(field, "an AS number from 0 to 4294967295");
        return null;
    }

    private static ReadOnlySpan<char> WithoutHostPrefix(ReadOnlySpan<char> text) => text.EndsWith("/32", StringComparison.Ordinal) ? text[..^3] : text;

    private static ReadOnlySpan<char> Unquoted(ReadOnlySpan<char> text)
    {
        text = TextScan.Trim(text);
        while (text.Length >= 2 && text[0] is '"' or '\'' or '“' or '”' or '„' or '‘' or '’' or '`' && text[^1] is '"' or '\'' or '“' or '”' or '‘' or '’' or '`')
            text = TextScan.Trim(text[1..^1]);
        return text;
    }

    /// <summary>The first of several values that a line lists, with a warning when there are several.</summary>
    private ReadOnlySpan<char> First(TunnelField field)
    {
        var value = draft[field];
        var text = TextScan.WithoutRemark(value.Text.Span);
        var end = text.IndexOfAny(",;/|");
        if (end <= 0) return text;
        problems.Warning(Causes.ConfigSyntax, draft.Number, $"Tunnel {draft.Number} lists several values for the {field.Name()} on line {value.Line}; the first is used.", field.Path(), value.Line);
        return TextScan.Trim(text[..end]);
    }

    private void Unreadable(TunnelField field, string allowed)
    {
        var value = draft[field];
        problems.Error(
            Causes.ConfigSyntax,
            draft.Number,
            $"Tunnel {draft.Number} has {TextScan.Shown(value.Text.Span)} as {field.Name()} on line {value.Line}, which cannot be read; it must be {allowed}.",
            field.Path(),
            value.Line);
    }
}
