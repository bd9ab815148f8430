using System.Text.Json.Serialization;

namespace Tunnelwright.Model;

/// <summary>A profile as its JSON holds it, before validation.</summary>
internal sealed record ProfileDocument
{
    public required string Name { get; init; }

    public required string Description { get; init; }

    public required string Provider { get; init; }

    public required int Tunnels { get; init; }

    public required IkeDocument Ike { get; init; }

    public required IpsecDocument Ipsec { get; init; }

    public required PreSharedKeyDocument PreSharedKey { get; init; }

    public required InsideDocument Inside { get; init; }

    public required DeadPeerDetectionDocument DeadPeerDetection { get; init; }

    public required RekeyDocument Rekey { get; init; }

    public required string[] StartupActions { get; init; }

    public required string DefaultStartupAction { get; init; }

    public required BgpDocument Bgp { get; init; }

    public required AsnDocument Asn { get; init; }

    public required LimitsDocument Limits { get; init; }

    internal sealed record BoundsDocument(int Minimum, int Maximum, int Default);

    internal sealed record IkeDocument(
        int[] Versions, string[] Modes, string[] Authentication, string[] Encryption, string[] Integrity, int[] Groups, BoundsDocument LifetimeSeconds);

    internal sealed record IpsecDocument(
        string[] Encryption, string[] Integrity, int[] PfsGroups, BoundsDocument LifetimeSeconds, BoundsDocument ReplayWindowPackets);

    internal sealed record PreSharedKeyDocument(BoundsDocument Characters, string Punctuation, string NotFirst);

    internal sealed record InsideDocument(string Range, int PrefixLength, string[] Forbidden);

    internal sealed record DeadPeerDetectionDocument(
        int IntervalSeconds, int Retries, int MinimumTimeoutSeconds, int DefaultTimeoutSeconds, string[] Actions, string DefaultAction);

    internal sealed record RekeyDocument(int MinimumMarginSeconds, int DefaultMarginSeconds, BoundsDocument FuzzPercent, int SixtyMinuteDropLifetimeSeconds);

    internal sealed record BgpDocument(int HoldSeconds, int VirtualGatewayPrefixes, int TransitGatewayPrefixes);

    internal sealed record AsnDocument(int Bits, bool Private32Bit, string[] Reserved, string[] Own);

    internal sealed record LimitsDocument(int RoutesPerCustomer, int ConnectionsPerCustomer);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ProfileDocument))]
internal sealed partial class ProfileJson : JsonSerializerContext;
