using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>The request form as it was typed, so that nothing is lost when something is wrong with it.</summary>
public sealed record RequestForm
{
    /// <summary>Stands for a number that is none: every rule refuses it.</summary>
    private const int NoNumber = -1;

    /// <summary>Free text.</summary>
    public string Purpose { get; init; } = "";

    /// <summary>Who is told.</summary>
    public string ContactEmail { get; init; } = "";

    /// <summary>The customer gateway's public address.</summary>
    public string GatewayAddress { get; init; } = "";

    /// <summary>"static" or "bgp".</summary>
    public string Routing { get; init; } = "static";

    /// <summary>The AS number; counts with BGP only.</summary>
    public string CustomerAsn { get; init; } = "";

    /// <summary>Ranges, one a line.</summary>
    public string Ranges { get; init; } = "";

    /// <summary>A device's id.</summary>
    public string Device { get; init; } = ConnectionFiles.Generic;

    /// <summary>1 or 2.</summary>
    public string IkeVersion { get; init; } = "2";

    /// <summary>Phase 1 encryption.</summary>
    public string IkeEncryption { get; init; } = "aes256";

    /// <summary>Phase 1 integrity; empty for none.</summary>
    public string IkeIntegrity { get; init; } = "sha256";

    /// <summary>Phase 1 group.</summary>
    public string IkeGroup { get; init; } = "14";

    /// <summary>Phase 1 lifetime in seconds.</summary>
    public string IkeLifetime { get; init; } = "28800";

    /// <summary>Phase 2 encryption.</summary>
    public string IpsecEncryption { get; init; } = "aes256";

    /// <summary>Phase 2 integrity; empty for none.</summary>
    public string IpsecIntegrity { get; init; } = "sha256";

    /// <summary>Phase 2 group.</summary>
    public string PfsGroup { get; init; } = "14";

    /// <summary>Phase 2 lifetime in seconds.</summary>
    public string IpsecLifetime { get; init; } = "3600";

    /// <summary>Makes the form repeatable: sent twice, it asks once.</summary>
    public string Key { get; init; } = "";

    /// <summary>Ranges of a text, one a line; commas part them too.</summary>
    /// <param name="text">The text.</param>
    public static string[] Split(string text) => (text ?? "").Split(['\n', '\r', ','], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    internal static RequestForm Read(IFormCollection form) => new()
    {
        Purpose = form["purpose"].ToString(),
        ContactEmail = form["contactEmail"].ToString(),
        GatewayAddress = form["gatewayAddress"].ToString(),
        Routing = form["routing"].ToString(),
        CustomerAsn = form["customerAsn"].ToString(),
        Ranges = form["ranges"].ToString(),
        Device = form["device"].ToString(),
        IkeVersion = form["ike.version"].ToString(),
        IkeEncryption = form["ike.encryption"].ToString(),
        IkeIntegrity = form["ike.integrity"].ToString(),
        IkeGroup = form["ike.dhGroup"].ToString(),
        IkeLifetime = form["ike.lifetimeSeconds"].ToString(),
        IpsecEncryption = form["ipsec.encryption"].ToString(),
        IpsecIntegrity = form["ipsec.integrity"].ToString(),
        PfsGroup = form["ipsec.pfsGroup"].ToString(),
        IpsecLifetime = form["ipsec.lifetimeSeconds"].ToString(),
        Key = form["key"].ToString(),
    };

    /// <summary>The request that the API takes.</summary>
    internal ConnectionRequest ToRequest() => new(
        Purpose.ReplaceLineEndings("\n"),
        ContactEmail,
        GatewayAddress.Trim(),
        Routing == "bgp" ? RoutingKind.Bgp : RoutingKind.Static,
        Asn(),
        Split(Ranges),
        Device,
        new IkeParameters(Number(IkeVersion), IkeEncryption, None(IkeIntegrity), Number(IkeGroup), Number(IkeLifetime)),
        new IpsecParameters(IpsecEncryption, None(IpsecIntegrity), Number(PfsGroup), Number(IpsecLifetime)));

    /// <summary>The problems in terms of what was typed: a text where a number belongs is named as it stands in the form.</summary>
    internal IReadOnlyList<RequestProblem> Named(IReadOnlyList<RequestProblem> problems) =>
        Asn() == NoNumber && CustomerAsn.Trim() != NoNumber.ToString()
            ? [.. problems.Select(problem => problem.Field == "customerAsn" ? problem with { Message = problem.Message.Replace(NoNumber.ToString(), CustomerAsn.Trim(), StringComparison.Ordinal) } : problem)]
            : problems;

    private long? Asn() => Routing != "bgp" || CustomerAsn.Trim().Length == 0 ? null : long.TryParse(CustomerAsn.Trim(), out var number) ? number : NoNumber;

    private static int Number(string text) => int.TryParse(text.Trim(), out var number) ? number : 0;

    private static string? None(string text) => text.Length == 0 ? null : text;
}
