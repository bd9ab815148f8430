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

    public required string[] DnsDomains { get; init; }

    /// <summary>The document of a JSON text. Members are read one by one: a serializer would cost more at start-up than everything else that check does.</summary>
    /// <exception cref="ProfileException">A member is missing, unknown, or of another kind; the message holds its path.</exception>
    public static ProfileDocument From(ProfileMembers m) => m.All(() => new ProfileDocument
    {
        Name = m.Text("name"),
        Description = m.Text("description"),
        Provider = m.Text("provider"),
        Tunnels = m.Number("tunnels"),
        Ike = m.Section("ike", s => new IkeDocument(
            s.Numbers("versions"), s.Texts("modes"), s.Texts("authentication"), s.Texts("encryption"), s.Texts("integrity"), s.Numbers("groups"), Bounds(s, "lifetimeSeconds"))),
        Ipsec = m.Section("ipsec", s => new IpsecDocument(
            s.Texts("encryption"), s.Texts("integrity"), s.Numbers("pfsGroups"), Bounds(s, "lifetimeSeconds"), Bounds(s, "replayWindowPackets"))),
        PreSharedKey = m.Section("preSharedKey", s => new PreSharedKeyDocument(Bounds(s, "characters"), s.Text("punctuation"), s.Text("notFirst"))),
        Inside = m.Section("inside", s => new InsideDocument(s.Text("range"), s.Number("prefixLength"), s.Texts("forbidden"))),
        DeadPeerDetection = m.Section("deadPeerDetection", s => new DeadPeerDetectionDocument(
            s.Number("intervalSeconds"), s.Number("retries"), s.Number("minimumTimeoutSeconds"), s.Number("defaultTimeoutSeconds"), s.Texts("actions"), s.Text("defaultAction"))),
        Rekey = m.Section("rekey", s => new RekeyDocument(
            s.Number("minimumMarginSeconds"), s.Number("defaultMarginSeconds"), Bounds(s, "fuzzPercent"), s.Number("sixtyMinuteDropLifetimeSeconds"))),
        StartupActions = m.Texts("startupActions"),
        DefaultStartupAction = m.Text("defaultStartupAction"),
        Bgp = m.Section("bgp", s => new BgpDocument(s.Number("holdSeconds"), s.Number("virtualGatewayPrefixes"), s.Number("transitGatewayPrefixes"))),
        Asn = m.Section("asn", s => new AsnDocument(s.Number("bits"), s.Flag("private32Bit"), s.Texts("reserved"), s.Texts("own"))),
        Limits = m.Section("limits", s => new LimitsDocument(s.Number("routesPerCustomer"), s.Number("connectionsPerCustomer"))),
        DnsDomains = m.Section("dns", s => s.Texts("domains")),
    });

    private static BoundsDocument Bounds(ProfileMembers members, string name) =>
        members.Section(name, s => new BoundsDocument(s.Number("minimum"), s.Number("maximum"), s.Number("default")));

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
