namespace Tunnelwright.Diagnosis;

/// <summary>What kind of file a content is.</summary>
internal static class FileKinds
{
    /// <summary>The kind of a file that is no text; null when it may be text.</summary>
    public static string? OfUnreadable(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("PK\x03\x04"u8)) return "a ZIP archive";
        if (head.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD])) return "a Zstandard archive";
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFD, 0x37, 0x7A, 0x58, 0x5A])) return "an xz archive";
        return head.StartsWith("LPKSHHRH"u8) ? "a binary journal (export it with journalctl -o json)" : null;
    }

    /// <summary>Whether one of the marks of a configuration file stands at the beginning.</summary>
    public static bool MayBeConfiguration(ReadOnlySpan<byte> head) => !IsLog(head);

    /// <summary>Whether most of the first lines begin the way log lines do.</summary>
    public static bool IsLog(ReadOnlySpan<byte> head)
    {
        int lines = 0, stamped = 0;
        while (head.Length > 0 && lines < 40)
        {
            var end = head.IndexOf((byte)'\n');
            var line = end < 0 ? head : head[..end];
            head = end < 0 ? [] : head[(end + 1)..];
            if (line.TrimStart(" \t\r"u8).Length == 0) continue;
            lines++;
            if (IsStamped(line)) stamped++;
        }

        return stamped * 2 > lines;
    }

    /// <summary>Whether every one of the first lines is a comment, a section's begin or end, a value or a statement, the way daemons are configured: such words are no events.</summary>
    public static bool IsSettings(ReadOnlySpan<byte> head)
    {
        int marks = 0, settings = 0;
        while (head.Length > 0)
        {
            var end = head.IndexOf((byte)'\n');
            var line = (end < 0 ? head : head[..end]).Trim(" \t\r"u8);
            head = end < 0 ? [] : head[(end + 1)..];
            if (line.IsEmpty) continue;
            if (line[0] != '#') settings++;
            if (line[0] == '#' || (line[0] != '{' && line[^1] == '{')) marks++;
            else if (line is not [(byte)'}'] && line[^1] != ';' && (line.Count((byte)'=') != 1 || line[..line.IndexOf((byte)'=')].TrimEnd((byte)' ').IndexOfAny(" \t:"u8) >= 0)) return false;
        }

        return marks > 0 && settings > 0;
    }

    /// <summary>Whether a text with conn sections is what the provider hands out; null when it has no such sections.</summary>
    public static bool? IsProviderText(string text)
    {
        var isDevice = IpsecConfReader.Recognises(text) || IpsecConfReader.RecognisesSecrets(text);
        if (!isDevice) return null;
        return text.Contains("Your VPN Connection ID", StringComparison.OrdinalIgnoreCase) || text.Contains("Amazon Web Services", StringComparison.OrdinalIgnoreCase) || text.Contains("Virtual Private Cloud", StringComparison.OrdinalIgnoreCase)
            || text.Contains("IPSEC Tunnel #", StringComparison.OrdinalIgnoreCase) || text.Contains("<vpn_connection", StringComparison.Ordinal);
    }

    public static string NameOf(Product product) => product switch
    {
        Product.Charon => "strongSwan (charon)",
        Product.Pluto => "Libreswan or Openswan (pluto)",
        Product.Racoon => "racoon, or another of the products whose words are known",
        Product.Aws => "AWS Site-to-Site VPN",
        Product.CiscoAsa => "Cisco ASA",
        Product.CiscoIos => "Cisco IOS",
        Product.Fortinet => "FortiGate",
        Product.PaloAlto => "Palo Alto Networks",
        Product.Juniper => "Juniper",
        Product.Bird or Product.Frr => "a BGP daemon",
        _ => "a product that is not known by its words",
    };

    /// <summary>A time of day near the start, a record of JSON, or a daemon's mark.</summary>
    private static bool IsStamped(ReadOnlySpan<byte> line)
    {
        var head = line[..Math.Min(line.Length, 120)];
        if (Timestamps.Read(head) is not null) return true;
        return head.Has("charon"u8) && head.HasAny("[IKE]"u8, "[CFG]"u8, "[ENC]"u8) || head.HasAny("\" #"u8, "%ASA-"u8, "ike 0:"u8) || head.HasAny("\"MESSAGE\""u8, "event_timestamp"u8, "ISAKMP"u8)
            || (head.Length > 5 && head.IndexOf((byte)'[') is >= 0 and < 4 && head.HasAny("[IKE]"u8, "[NET]"u8, "[CFG]"u8));
    }
}
