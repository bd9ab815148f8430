namespace Tunnelwright.Vici;

/// <summary>A loaded connection as <c>list-conns</c> tells it (strongSwan 5.9.8, vici README, "list-conn").</summary>
public sealed record ConnectionDescription
{
    /// <summary>The name of the connection.</summary>
    public required string Name { get; init; }

    /// <summary>The local addresses it may use; <c>%any</c> for all.</summary>
    public IReadOnlyList<string> LocalAddresses { get; init; } = [];

    /// <summary>The peer's addresses.</summary>
    public IReadOnlyList<string> RemoteAddresses { get; init; } = [];

    /// <summary>IKEv1, IKEv2, or "IKEv1/2" for any.</summary>
    public string Version { get; init; } = "";

    /// <summary>The time between authentications; zero for never.</summary>
    public TimeSpan ReauthenticationTime { get; init; }

    /// <summary>The time between rekeyings; zero for never.</summary>
    public TimeSpan RekeyTime { get; init; }

    /// <summary>What happens to an older SA of the same peer, for example UNIQUE_NO.</summary>
    public string Unique { get; init; } = "";

    /// <summary>The interval of dead-peer detection; null when it is off.</summary>
    public TimeSpan? DpdDelay { get; init; }

    /// <summary>The time limit of dead-peer detection (IKEv1); null when it is not set.</summary>
    public TimeSpan? DpdTimeout { get; init; }

    /// <summary>How this side proves who it is, one item a round.</summary>
    public IReadOnlyList<AuthenticationDescription> Local { get; init; } = [];

    /// <summary>How the peer has to prove who it is, one item a round.</summary>
    public IReadOnlyList<AuthenticationDescription> Remote { get; init; } = [];

    /// <summary>The configurations of its CHILD SAs.</summary>
    public IReadOnlyList<ChildDescription> Children { get; init; } = [];

    internal static ConnectionDescription Read(string name, ViciSection section) => new()
    {
        Name = name,
        LocalAddresses = section.GetList("local_addrs"),
        RemoteAddresses = section.GetList("remote_addrs"),
        Version = section.GetText("version") ?? "",
        ReauthenticationTime = section.GetSeconds("reauth_time") ?? TimeSpan.Zero,
        RekeyTime = section.GetSeconds("rekey_time") ?? TimeSpan.Zero,
        Unique = section.GetText("unique") ?? "",
        DpdDelay = section.GetSeconds("dpd_delay"),
        DpdTimeout = section.GetSeconds("dpd_timeout"),
        Local = Rounds(section, "local"),
        Remote = Rounds(section, "remote"),
        Children = section.GetSection("children") is { } children
            ? [.. children.Sections.Select(child => ChildDescription.Read(child.Key, child.Value))]
            : [],
    };

    private static AuthenticationDescription[] Rounds(ViciSection section, string prefix) =>
        [.. section.Sections
            .Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(entry => AuthenticationDescription.Read(entry.Value))];
}

/// <summary>One round of authentication of a connection.</summary>
public sealed record AuthenticationDescription
{
    /// <summary>The kind, for example "pre-shared key", "public key", "EAP" or "XAuth".</summary>
    public string Class { get; init; } = "";

    /// <summary>The identity; null or <c>%any</c> for any.</summary>
    public string? Id { get; init; }

    /// <summary>The EAP method, for EAP.</summary>
    public string? EapType { get; init; }

    /// <summary>The EAP identity.</summary>
    public string? EapId { get; init; }

    /// <summary>The XAuth back end, for XAuth.</summary>
    public string? XauthBackend { get; init; }

    /// <summary>The XAuth user name.</summary>
    public string? XauthId { get; init; }

    /// <summary>The groups of which the peer must be a member of one.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>The subjects of certificates that may be used.</summary>
    public IReadOnlyList<string> Certificates { get; init; } = [];

    /// <summary>The subjects of the authorities that may have issued them.</summary>
    public IReadOnlyList<string> Authorities { get; init; } = [];

    internal static AuthenticationDescription Read(ViciSection section) => new()
    {
        Class = section.GetText("class") ?? "",
        Id = section.GetText("id"),
        EapType = section.GetText("eap-type"),
        EapId = section.GetText("eap_id"),
        XauthBackend = section.GetText("xauth"),
        XauthId = section.GetText("xauth_id"),
        Groups = section.GetList("groups"),
        Certificates = section.GetList("certs"),
        Authorities = section.GetList("cacerts"),
    };
}

/// <summary>The configuration of a CHILD SA.</summary>
public sealed record ChildDescription
{
    /// <summary>The name of the configuration.</summary>
    public required string Name { get; init; }

    /// <summary>TUNNEL, TRANSPORT, BEET, PASS or DROP.</summary>
    public string Mode { get; init; } = "";

    /// <summary>The time between rekeyings; zero for never.</summary>
    public TimeSpan RekeyTime { get; init; }

    /// <summary>The bytes between rekeyings; zero for any number.</summary>
    public long RekeyBytes { get; init; }

    /// <summary>The packets between rekeyings; zero for any number.</summary>
    public long RekeyPackets { get; init; }

    /// <summary>What happens when the peer is found dead: none, clear, trap or start.</summary>
    public string DpdAction { get; init; } = "";

    /// <summary>What happens when the peer closes the SA: none, trap or start.</summary>
    public string CloseAction { get; init; } = "";

    /// <summary>The local traffic selectors; <c>dynamic</c> stands for the address of the IKE SA.</summary>
    public IReadOnlyList<string> LocalSelectors { get; init; } = [];

    /// <summary>The peer's traffic selectors.</summary>
    public IReadOnlyList<string> RemoteSelectors { get; init; } = [];

    internal static ChildDescription Read(string name, ViciSection section) => new()
    {
        Name = name,
        Mode = section.GetText("mode") ?? "",
        RekeyTime = section.GetSeconds("rekey_time") ?? TimeSpan.Zero,
        RekeyBytes = section.GetInt64("rekey_bytes") ?? 0,
        RekeyPackets = section.GetInt64("rekey_packets") ?? 0,
        DpdAction = section.GetText("dpd_action") ?? "",
        CloseAction = section.GetText("close_action") ?? "",
        LocalSelectors = section.GetList("local-ts"),
        RemoteSelectors = section.GetList("remote-ts"),
    };
}

/// <summary>An installed trap, bypass or drop policy as <c>list-policies</c> tells it.</summary>
public sealed record PolicyDescription
{
    /// <summary>The name of the CHILD SA's configuration.</summary>
    public string Child { get; init; } = "";

    /// <summary>The name of the connection, when it is known.</summary>
    public string? Ike { get; init; }

    /// <summary>TUNNEL, TRANSPORT, PASS or DROP.</summary>
    public string Mode { get; init; } = "";

    /// <summary>The local traffic selectors.</summary>
    public IReadOnlyList<string> LocalSelectors { get; init; } = [];

    /// <summary>The peer's traffic selectors.</summary>
    public IReadOnlyList<string> RemoteSelectors { get; init; } = [];

    internal static PolicyDescription Read(ViciSection section) => new()
    {
        Child = section.GetText("child") ?? "",
        Ike = section.GetText("ike"),
        Mode = section.GetText("mode") ?? "",
        LocalSelectors = section.GetList("local-ts"),
        RemoteSelectors = section.GetList("remote-ts"),
    };
}
