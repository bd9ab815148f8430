namespace Tunnelwright.Vici;

/// <summary>A CHILD SA as <c>list-sas</c> and the events tell it (strongSwan 5.9.8, vici README, "list-sa").</summary>
public sealed record ChildSaStatus
{
    /// <summary>The name of its configuration.</summary>
    public required string Name { get; init; }

    /// <summary>The daemon's number for this SA; a rekeyed SA has a new one.</summary>
    public uint UniqueId { get; init; }

    /// <summary>The number that binds states and policies in the kernel.</summary>
    public uint RequestId { get; init; }

    /// <summary>CREATED, ROUTED, INSTALLING, INSTALLED, UPDATING, REKEYING, REKEYED, RETRYING, DELETING, DELETED or DESTROYING.</summary>
    public string State { get; init; } = "";

    /// <summary>Whether the state is INSTALLED.</summary>
    public bool IsInstalled => State is "INSTALLED";

    /// <summary>TUNNEL, TRANSPORT, BEET, PASS or DROP.</summary>
    public string Mode { get; init; } = "";

    /// <summary>ESP or AH; null before it is installed, as all that follows.</summary>
    public string? Protocol { get; init; }

    /// <summary>Whether ESP travels in UDP.</summary>
    public bool Encapsulated { get; init; }

    /// <summary>The inbound SPI, eight hexadecimal digits.</summary>
    public string? SpiIn { get; init; }

    /// <summary>The outbound SPI, eight hexadecimal digits.</summary>
    public string? SpiOut { get; init; }

    /// <summary>The inbound XFRM interface identifier.</summary>
    public uint? InterfaceIdIn { get; init; }

    /// <summary>The outbound XFRM interface identifier.</summary>
    public uint? InterfaceIdOut { get; init; }

    /// <summary>The inbound mark.</summary>
    public uint? MarkIn { get; init; }

    /// <summary>The mask of the inbound mark; null means all bits.</summary>
    public uint? MarkMaskIn { get; init; }

    /// <summary>The outbound mark.</summary>
    public uint? MarkOut { get; init; }

    /// <summary>The mask of the outbound mark; null means all bits.</summary>
    public uint? MarkMaskOut { get; init; }

    /// <summary>The encryption algorithm, for example <c>AES_GCM_16</c>.</summary>
    public string? Encryption { get; init; }

    /// <summary>The size of its key in bits.</summary>
    public int? EncryptionKeySize { get; init; }

    /// <summary>The integrity algorithm; null with AEAD.</summary>
    public string? Integrity { get; init; }

    /// <summary>The size of its key in bits.</summary>
    public int? IntegrityKeySize { get; init; }

    /// <summary>The Diffie-Hellman group of the last rekeying, when it had one (PFS).</summary>
    public string? DhGroup { get; init; }

    /// <summary>Whether extended sequence numbers are in use.</summary>
    public bool ExtendedSequenceNumbers { get; init; }

    /// <summary>Bytes received.</summary>
    public long BytesIn { get; init; }

    /// <summary>Packets received.</summary>
    public long PacketsIn { get; init; }

    /// <summary>Time since the last packet came in; null when none has.</summary>
    public TimeSpan? IdleIn { get; init; }

    /// <summary>Bytes sent.</summary>
    public long BytesOut { get; init; }

    /// <summary>Packets sent.</summary>
    public long PacketsOut { get; init; }

    /// <summary>Time since the last packet went out; null when none has.</summary>
    public TimeSpan? IdleOut { get; init; }

    /// <summary>When it will be rekeyed, from now; negative when overdue, null when never.</summary>
    public TimeSpan? RekeyIn { get; init; }

    /// <summary>When it will end unless it is rekeyed, from now; null when never.</summary>
    public TimeSpan? ExpiresIn { get; init; }

    /// <summary>For how long it has been installed.</summary>
    public TimeSpan? Installed { get; init; }

    /// <summary>The local traffic selectors, for example <c>10.0.0.0/8</c> or <c>10.1.1.1/32[tcp/443]</c>.</summary>
    public IReadOnlyList<string> LocalSelectors { get; init; } = [];

    /// <summary>The peer's traffic selectors.</summary>
    public IReadOnlyList<string> RemoteSelectors { get; init; } = [];

    /// <exception cref="ViciProtocolException">A number is none.</exception>
    internal static ChildSaStatus Read(ViciSection section) => new()
    {
        Name = section.GetText("name") ?? "",
        UniqueId = section.GetUInt32("uniqueid") ?? 0,
        RequestId = section.GetUInt32("reqid") ?? 0,
        State = section.GetText("state") ?? "",
        Mode = section.GetText("mode") ?? "",
        Protocol = section.GetText("protocol"),
        Encapsulated = section.GetBoolean("encap"),
        SpiIn = section.GetText("spi-in"),
        SpiOut = section.GetText("spi-out"),
        InterfaceIdIn = section.GetHexadecimal("if-id-in"),
        InterfaceIdOut = section.GetHexadecimal("if-id-out"),
        MarkIn = section.GetHexadecimal("mark-in"),
        MarkMaskIn = section.GetHexadecimal("mark-mask-in"),
        MarkOut = section.GetHexadecimal("mark-out"),
        MarkMaskOut = section.GetHexadecimal("mark-mask-out"),
        Encryption = section.GetText("encr-alg"),
        EncryptionKeySize = section.GetInt32("encr-keysize"),
        Integrity = section.GetText("integ-alg"),
        IntegrityKeySize = section.GetInt32("integ-keysize"),
        DhGroup = section.GetText("dh-group"),
        ExtendedSequenceNumbers = section.GetBoolean("esn"),
        BytesIn = section.GetInt64("bytes-in") ?? 0,
        PacketsIn = section.GetInt64("packets-in") ?? 0,
        IdleIn = section.GetSeconds("use-in"),
        BytesOut = section.GetInt64("bytes-out") ?? 0,
        PacketsOut = section.GetInt64("packets-out") ?? 0,
        IdleOut = section.GetSeconds("use-out"),
        RekeyIn = section.GetSeconds("rekey-time"),
        ExpiresIn = section.GetSeconds("life-time"),
        Installed = section.GetSeconds("install-time"),
        LocalSelectors = section.GetList("local-ts"),
        RemoteSelectors = section.GetList("remote-ts"),
    };
}
