namespace Tunnelwright.Vici;

/// <summary>The kinds of certificates (strongSwan 5.9.8, vici README, "load-cert" and "list-certs").</summary>
public enum ViciCertificateType
{
    /// <summary>All kinds; for filters only.</summary>
    Any,

    /// <summary>An X.509 certificate.</summary>
    X509,

    /// <summary>An X.509 attribute certificate.</summary>
    X509AttributeCertificate,

    /// <summary>An X.509 revocation list.</summary>
    X509RevocationList,

    /// <summary>An answer of an OCSP server; for filters only.</summary>
    OcspResponse,

    /// <summary>A bare public key; for filters only.</summary>
    PublicKey,
}

/// <summary>What an X.509 certificate is for.</summary>
public enum ViciCertificateUse
{
    /// <summary>An end entity's certificate.</summary>
    None,

    /// <summary>A certification authority's.</summary>
    CertificationAuthority,

    /// <summary>An attribute authority's.</summary>
    AttributeAuthority,

    /// <summary>An OCSP signer's.</summary>
    OcspSigner,

    /// <summary>Whatever it is for; for filters only.</summary>
    Any,
}

/// <summary>The kinds of private keys.</summary>
public enum ViciPrivateKeyType
{
    /// <summary>Let the daemon find out.</summary>
    Any,

    /// <summary>RSA.</summary>
    Rsa,

    /// <summary>ECDSA.</summary>
    Ecdsa,

    /// <summary>Ed25519.</summary>
    Ed25519,

    /// <summary>Ed448.</summary>
    Ed448,
}

/// <summary>The kinds of shared secrets.</summary>
public enum ViciSharedKeyType
{
    /// <summary>A pre-shared key of IKE.</summary>
    Ike,

    /// <summary>An EAP password.</summary>
    Eap,

    /// <summary>An XAuth password.</summary>
    Xauth,

    /// <summary>An NTLM hash.</summary>
    Ntlm,

    /// <summary>A post-quantum pre-shared key (RFC 8784).</summary>
    PostQuantum,
}

/// <summary>A loaded certificate as <c>list-certs</c> tells it.</summary>
public sealed record CertificateDescription
{
    /// <summary>The kind in the daemon's words: X509, X509_AC, X509_CRL, OCSP_RESPONSE or PUBKEY.</summary>
    public string Type { get; init; } = "";

    /// <summary>What it is for: NONE, CA, AA or OCSP.</summary>
    public string Flag { get; init; } = "";

    /// <summary>Whether the daemon has its private key.</summary>
    public bool HasPrivateKey { get; init; }

    /// <summary>The certificate itself, in DER.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>The subject, for bare public keys.</summary>
    public string? Subject { get; init; }

    internal static CertificateDescription Read(ViciSection section) => new()
    {
        Type = section.GetText("type") ?? "",
        Flag = section.GetText("flag") ?? "",
        HasPrivateKey = section.GetBoolean("has_privkey"),
        Data = section.GetBytes("data") ?? default,
        Subject = section.GetText("subject"),
    };
}

/// <summary>A certification authority as <c>list-authorities</c> tells it.</summary>
public sealed record AuthorityDescription
{
    /// <summary>The name under which it was loaded.</summary>
    public required string Name { get; init; }

    /// <summary>The subject of its certificate.</summary>
    public string Subject { get; init; } = "";

    /// <summary>Where its revocation lists are.</summary>
    public IReadOnlyList<string> RevocationListUris { get; init; } = [];

    /// <summary>Where its OCSP servers are.</summary>
    public IReadOnlyList<string> OcspUris { get; init; } = [];

    /// <summary>Where certificates are, for hash and URL.</summary>
    public string? CertificateUriBase { get; init; }

    internal static AuthorityDescription Read(string name, ViciSection section) => new()
    {
        Name = name,
        Subject = section.GetText("cacert") ?? "",
        RevocationListUris = section.GetList("crl_uris"),
        OcspUris = section.GetList("ocsp_uris"),
        CertificateUriBase = section.GetText("cert_uri_base"),
    };
}

/// <summary>A pool of virtual addresses as <c>get-pools</c> tells it.</summary>
public sealed record PoolStatus
{
    /// <summary>The name of the pool.</summary>
    public required string Name { get; init; }

    /// <summary>The first address.</summary>
    public string BaseAddress { get; init; } = "";

    /// <summary>How many addresses it has.</summary>
    public long Size { get; init; }

    /// <summary>Leases in use.</summary>
    public long Online { get; init; }

    /// <summary>Leases kept for peers that are away.</summary>
    public long Offline { get; init; }

    /// <summary>The leases, when they were asked for.</summary>
    public IReadOnlyList<PoolLease> Leases { get; init; } = [];

    internal static PoolStatus Read(string name, ViciSection section) => new()
    {
        Name = name,
        BaseAddress = section.GetText("base") ?? "",
        Size = section.GetInt64("size") ?? 0,
        Online = section.GetInt64("online") ?? 0,
        Offline = section.GetInt64("offline") ?? 0,
        Leases = section.GetSection("leases") is { } leases
            ? [.. leases.Sections.Select(lease => new PoolLease(
                lease.Value.GetText("address") ?? "", lease.Value.GetText("identity") ?? "", lease.Value.GetText("status") is "online"))]
            : [],
    };
}

/// <summary>A lease of a virtual address.</summary>
/// <param name="Address">The address.</param>
/// <param name="Identity">Who has it.</param>
/// <param name="Online">Whether it is in use.</param>
public sealed record PoolLease(string Address, string Identity, bool Online);
