using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tunnelwright.Ike;

namespace Tunnelwright.Cli.Commands;

/// <summary>What probe --json prints. Healthy: every port answers, and what was offered on purpose is taken; exit code 0.</summary>
internal sealed record ProbeDocument(bool Healthy, IReadOnlyList<ProbeEndpointDocument> Endpoints)
{
    private static readonly ProbeContext Context = new(new JsonSerializerOptions(ProbeContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public string ToJson() => JsonSerializer.Serialize(this, Context.ProbeDocument);

    public static ProbeDocument From(IReadOnlyList<ProbeTarget> targets, IReadOnlyList<IkeProbeResult> results, bool healthy) =>
        new(healthy, [.. targets.Zip(results).Select(pair => ProbeEndpointDocument.From(pair.First, pair.Second))]);
}

internal sealed record ProbeEndpointDocument(
    string Address,
    int? Tunnel,
    IReadOnlyList<ProbePortDocument> Ports,
    IReadOnlyList<ProbeVersionDocument> Versions,
    IReadOnlyList<string> Offered,
    ProbeNatDocument? Nat,
    ProbeAcceptanceDocument? Accepts,
    bool DemandedCookie,
    bool? SupportsFragmentation,
    string? Redirect,
    string? Vendor,
    bool VendorGuessed,
    IReadOnlyList<ProbeVendorIdDocument> VendorIds,
    int HalfOpenSas,
    int MessagesSent,
    string? Fault)
{
    public static ProbeEndpointDocument From(ProbeTarget target, IkeProbeResult result) => new(
        result.Address.ToString(),
        target.Tunnel,
        [.. result.Ports.Select(port => new ProbePortDocument(port.Port.Number, port.State.Word(), port.RoundTrip is { } time ? Math.Round(time.TotalMilliseconds, 3) : null, port.MessagesSent, port.Local?.Address.ToString(), port.Local?.Port, port.Detail))],
        [.. result.Versions.Select(version => new ProbeVersionDocument(version.Version, version.State.Word(), version.Port, version.Notifies, version.Taken?.ToString()))],
        [.. target.Options.Suites.Select(suite => suite.ToString())],
        result.Nat is { } nat
            ? new ProbeNatDocument(nat.Port, nat.IsHereTranslated, nat.IsPeerTranslated, nat.SeenFrom?.Address.ToString(), nat.SeenFrom?.Port, target.Options.ExpectedSources.Count == 0 ? null : nat.SeenFrom is not null)
            : null,
        result.Acceptance is { } accepts
            ? new ProbeAcceptanceDocument([.. accepts.Ciphers.Select(cipher => cipher.ToString())], [.. accepts.Integrities.Select(IkeSuite.Name)], accepts.Groups, accepts.Unknown)
            : null,
        result.DemandedCookie,
        result.SupportsFragmentation,
        result.Redirect,
        result.Vendor,
        result.IsVendorGuessed,
        [.. result.VendorIds.Select(id => new ProbeVendorIdDocument(id.Hex, id.Known?.ToString(), id.Known?.Vendor))],
        result.HalfOpenSas,
        result.MessagesSent,
        result.Fault?.ToString());
}

// State: open, filtered, refused, unreachable, otherService or notTried.
internal sealed record ProbePortDocument(int Port, string State, double? RoundTripMilliseconds, int MessagesSent, string? SourceAddress, int? SourcePort, string? Detail);

// State: accepted, refused, notSupported, answered or silent.
internal sealed record ProbeVersionDocument(int Version, string State, int? Port, IReadOnlyList<string> Notifies, string? Taken);

// SeenFromRegistered: Whether the peer sees us come from the address that the file registers; null without a file.
internal sealed record ProbeNatDocument(int Port, bool Here, bool Peer, string? SeenFromAddress, int? SeenFromPort, bool? SeenFromRegistered);

internal sealed record ProbeAcceptanceDocument(IReadOnlyList<string> Encryption, IReadOnlyList<string> Integrity, IReadOnlyList<int> DhGroups, IReadOnlyList<string> Unknown);

internal sealed record ProbeVendorIdDocument(string Hex, string? Name, string? Vendor);

[JsonSerializable(typeof(ProbeDocument))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
internal sealed partial class ProbeContext : JsonSerializerContext;
