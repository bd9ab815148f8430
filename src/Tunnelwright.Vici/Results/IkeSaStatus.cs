namespace Tunnelwright.Vici;

/// <summary>An IKE SA as <c>list-sas</c> and the events tell it (strongSwan 5.9.8, vici README, "list-sa").</summary>
public sealed record IkeSaStatus
{
    /// <summary>The name of the connection.</summary>
    public required string Name { get; init; }

    /// <summary>The daemon's number for this SA; a rekeyed SA has a new one.</summary>
    public uint UniqueId { get; init; }

    /// <summary>The version of IKE, 1 or 2.</summary>
    public int Version { get; init; }

    /// <summary>CREATED, CONNECTING, ESTABLISHED, PASSIVE, REKEYING, REKEYED, DELETING or DESTROYING.</summary>
    public string State { get; init; } = "";

    /// <summary>Whether the state is ESTABLISHED.</summary>
    public bool IsEstablished => State is "ESTABLISHED";

    /// <summary>The local address, or <c>%any</c> while it is unknown.</summary>
    public string LocalHost { get; init; } = "";

    /// <summary>The local UDP port.</summary>
    public int LocalPort { get; init; }

    /// <summary>The local identity.</summary>
    public string LocalId { get; init; } = "";

    /// <summary>The peer's address.</summary>
    public string RemoteHost { get; init; } = "";

    /// <summary>The peer's UDP port.</summary>
    public int RemotePort { get; init; }

    /// <summary>The peer's identity.</summary>
    public string RemoteId { get; init; } = "";

    /// <summary>The peer's XAuth or EAP identity, when it has one.</summary>
    public string? RemoteEapId { get; init; }

    /// <summary>Whether this side began.</summary>
    public bool IsInitiator { get; init; }

    /// <summary>The initiator's SPI, 16 hexadecimal digits.</summary>
    public string InitiatorSpi { get; init; } = "";

    /// <summary>The responder's SPI, 16 hexadecimal digits.</summary>
    public string ResponderSpi { get; init; } = "";

    /// <summary>Whether this side is behind a NAT.</summary>
    public bool NatLocal { get; init; }

    /// <summary>Whether the peer is behind a NAT.</summary>
    public bool NatRemote { get; init; }

    /// <summary>Whether a NAT was pretended, which the userspace ESP always does.</summary>
    public bool NatFake { get; init; }

    /// <summary>Whether there is any NAT, a pretended one included.</summary>
    public bool NatAny { get; init; }

    /// <summary>Whether a post-quantum pre-shared key is in use (RFC 8784).</summary>
    public bool PostQuantumKey { get; init; }

    /// <summary>The inbound XFRM interface identifier that CHILD SAs take by default.</summary>
    public uint? InterfaceIdIn { get; init; }

    /// <summary>The outbound XFRM interface identifier that CHILD SAs take by default.</summary>
    public uint? InterfaceIdOut { get; init; }

    /// <summary>The encryption algorithm, for example <c>AES_CBC</c>; null before it is agreed.</summary>
    public string? Encryption { get; init; }

    /// <summary>The size of its key in bits.</summary>
    public int? EncryptionKeySize { get; init; }

    /// <summary>The integrity algorithm, for example <c>HMAC_SHA2_256_128</c>; null with AEAD.</summary>
    public string? Integrity { get; init; }

    /// <summary>The size of its key in bits.</summary>
    public int? IntegrityKeySize { get; init; }

    /// <summary>The pseudo-random function, for example <c>PRF_HMAC_SHA2_256</c>.</summary>
    public string? PseudoRandomFunction { get; init; }

    /// <summary>The Diffie-Hellman group, for example <c>MODP_2048</c>.</summary>
    public string? DhGroup { get; init; }

    /// <summary>For how long it has been established, in whole seconds; null unless it is.</summary>
    public TimeSpan? Established { get; init; }

    /// <summary>When it will be rekeyed, from now; negative when overdue, null when never.</summary>
    public TimeSpan? RekeyIn { get; init; }

    /// <summary>When it will be authenticated anew, from now; negative when overdue, null when never.</summary>
    public TimeSpan? ReauthenticationIn { get; init; }

    /// <summary>Virtual addresses that the peer gave to this side.</summary>
    public IReadOnlyList<string> LocalVirtualIps { get; init; } = [];

    /// <summary>Virtual addresses that this side gave to the peer.</summary>
    public IReadOnlyList<string> RemoteVirtualIps { get; init; } = [];

    /// <summary>Tasks that wait.</summary>
    public IReadOnlyList<string> TasksQueued { get; init; } = [];

    /// <summary>Tasks that this side has begun.</summary>
    public IReadOnlyList<string> TasksActive { get; init; } = [];

    /// <summary>Tasks that the peer has begun.</summary>
    public IReadOnlyList<string> TasksPassive { get; init; } = [];

    /// <summary>The CHILD SAs. Events about the IKE SA itself carry none.</summary>
    public IReadOnlyList<ChildSaStatus> Children { get; init; } = [];

    /// <exception cref="ViciProtocolException">A number is none.</exception>
    internal static IkeSaStatus Read(string name, ViciSection section) => new()
    {
        Name = name,
        UniqueId = section.GetUInt32("uniqueid") ?? 0,
        Version = section.GetInt32("version") ?? 0,
        State = section.GetText("state") ?? "",
        LocalHost = section.GetText("local-host") ?? "",
        LocalPort = section.GetInt32("local-port") ?? 0,
        LocalId = section.GetText("local-id") ?? "",
        RemoteHost = section.GetText("remote-host") ?? "",
        RemotePort = section.GetInt32("remote-port") ?? 0,
        RemoteId = section.GetText("remote-id") ?? "",
        RemoteEapId = section.GetText("remote-eap-id") ?? section.GetText("remote-xauth-id"),
        IsInitiator = section.GetBoolean("initiator"),
        InitiatorSpi = section.GetText("initiator-spi") ?? "",
        ResponderSpi = section.GetText("responder-spi") ?? "",
        NatLocal = section.GetBoolean("nat-local"),
        NatRemote = section.GetBoolean("nat-remote"),
        NatFake = section.GetBoolean("nat-fake"),
        NatAny = section.GetBoolean("nat-any"),
        PostQuantumKey = section.GetBoolean("ppk"),
        InterfaceIdIn = section.GetHexadecimal("if-id-in"),
        InterfaceIdOut = section.GetHexadecimal("if-id-out"),
        Encryption = section.GetText("encr-alg"),
        EncryptionKeySize = section.GetInt32("encr-keysize"),
        Integrity = section.GetText("integ-alg"),
        IntegrityKeySize = section.GetInt32("integ-keysize"),
        PseudoRandomFunction = section.GetText("prf-alg"),
        DhGroup = section.GetText("dh-group"),
        Established = section.GetSeconds("established"),
        RekeyIn = section.GetSeconds("rekey-time"),
        ReauthenticationIn = section.GetSeconds("reauth-time"),
        LocalVirtualIps = section.GetList("local-vips"),
        RemoteVirtualIps = section.GetList("remote-vips"),
        TasksQueued = section.GetList("tasks-queued"),
        TasksActive = section.GetList("tasks-active"),
        TasksPassive = section.GetList("tasks-passive"),
        Children = section.GetSection("child-sas") is { } children
            ? [.. children.Sections.Where(child => child.Value.ContainsKey("uniqueid")).Select(child => ChildSaStatus.Read(child.Value))]
            : [],
    };
}
