namespace Tunnelwright.Model;

/// <summary>A connection as somebody asks a provider's service for it: texts as they were typed, before anything was checked.</summary>
public sealed record RequestedConnection
{
    /// <summary>Free text.</summary>
    public string? Purpose { get; init; }

    /// <summary>Who is told.</summary>
    public string? ContactEmail { get; init; }

    /// <summary>The customer gateway's public address.</summary>
    public string? GatewayAddress { get; init; }

    /// <summary>How routes are learnt.</summary>
    public Routing Routing { get; init; }

    /// <summary>The customer's AS number; any whole number may have been typed.</summary>
    public long? CustomerAsn { get; init; }

    /// <summary>The customer's internal ranges.</summary>
    public ValueList<string> Ranges { get; init; }

    /// <summary>The device chosen.</summary>
    public string? Device { get; init; }

    /// <summary>Phase 1 and phase 2; null for the service's defaults, which are allowed.</summary>
    public RequestedParameters? Parameters { get; init; }
}

/// <summary>Phase 1 and phase 2 as asked for, in the words of the contract.</summary>
/// <param name="IkeVersion">1 or 2.</param>
/// <param name="IkeEncryption">Such as aes256.</param>
/// <param name="IkeIntegrity">Such as sha256; null with GCM.</param>
/// <param name="IkeGroup">IANA number.</param>
/// <param name="IkeLifetimeSeconds">Seconds.</param>
/// <param name="EspEncryption">Such as aes256.</param>
/// <param name="EspIntegrity">Such as sha256; null with GCM.</param>
/// <param name="PfsGroup">IANA number.</param>
/// <param name="EspLifetimeSeconds">Seconds.</param>
public sealed record RequestedParameters(
    int IkeVersion,
    string IkeEncryption,
    string? IkeIntegrity,
    int IkeGroup,
    int IkeLifetimeSeconds,
    string EspEncryption,
    string? EspIntegrity,
    int PfsGroup,
    int EspLifetimeSeconds)
{
    /// <summary>Phase 1 in the model's types; null when a word is not known.</summary>
    /// <param name="key">The pre-shared key.</param>
    public IkeSettings? ToIke(PreSharedKey? key) =>
        Read(IkeEncryption, IkeIntegrity, out var encryption, out var integrity)
            ? new IkeSettings((IkeVersion)IkeVersion, AuthenticationMethod.PreSharedKey, key, new IkeProposal(encryption, integrity, new DhGroup(IkeGroup)), new Lifetime(IkeLifetimeSeconds))
            : null;

    /// <summary>Phase 2 in the model's types; null when a word is not known.</summary>
    public IpsecSettings? ToIpsec() =>
        Read(EspEncryption, EspIntegrity, out var encryption, out var integrity)
            ? new IpsecSettings(new EspProposal(encryption, integrity, new DhGroup(PfsGroup)), new Lifetime(EspLifetimeSeconds))
            : null;

    private static bool Read(string encryptionText, string? integrityText, out EncryptionAlgorithm encryption, out IntegrityAlgorithm? integrity)
    {
        integrity = null;
        if (!Algorithms.TryParse(encryptionText, out encryption)) return false;
        if (integrityText is null) return true;
        if (!Algorithms.TryParse(integrityText, out IntegrityAlgorithm known)) return false;
        integrity = known;
        return true;
    }
}

/// <summary>What the service knows of the customer who asks.</summary>
public sealed record CustomerSituation
{
    /// <summary>The customer's network in the cloud.</summary>
    public required Cidr CloudNetwork { get; init; }

    /// <summary>AS number of the cloud's endpoints.</summary>
    public required Asn CloudAsn { get; init; }

    /// <summary>The customer's other connections.</summary>
    public required IReadOnlyList<ExistingConnection> Others { get; init; }

    /// <summary>Most connections of this customer.</summary>
    public required int ConnectionLimit { get; init; }

    /// <summary>Most ranges over all connections of this customer.</summary>
    public required int RouteLimit { get; init; }

    /// <summary>Whether a change of this customer is on its way.</summary>
    public bool ChangeInProgress { get; init; }

    /// <summary>Whether the customer is attached to a transit gateway.</summary>
    public bool TransitGateway { get; init; }

    /// <summary>Whether documentation addresses (RFC 5737) are taken as public ones: in a lab only.</summary>
    public bool TakesDocumentationAddresses { get; init; }

    /// <summary>The devices that files are written for.</summary>
    public required IReadOnlyCollection<string> Devices { get; init; }
}

/// <summary>A connection that the customer has.</summary>
/// <param name="GatewayAddress">The customer gateway's public address.</param>
/// <param name="CustomerAsn">The customer's AS number; null with static routing.</param>
/// <param name="Ranges">The registered ranges.</param>
public sealed record ExistingConnection(Ipv4Address GatewayAddress, Asn? CustomerAsn, ValueList<Cidr> Ranges);

/// <summary>One thing that is wrong with a request.</summary>
/// <param name="Code">A stable word, such as route-overlap.</param>
/// <param name="Field">The field, such as ranges[1]; null when it concerns none.</param>
/// <param name="Message">The exact text of the service.</param>
public sealed record RequestFault(string Code, string? Field, string Message)
{
    /// <summary>Code of a change that has to wait for another one.</summary>
    public const string ChangeInProgress = "change-in-progress";
}
