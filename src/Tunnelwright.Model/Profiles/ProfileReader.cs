using System.Text.Json;

namespace Tunnelwright.Model;

/// <summary>Turns a profile's JSON into a profile. Every value that is wrong is named, not only the first.</summary>
internal sealed class ProfileReader
{
    private readonly List<string> _errors = [];

    public static RequirementProfile Read(ReadOnlySpan<byte> utf8Json)
    {
        ProfileDocument document;
        try
        {
            using var json = JsonDocument.Parse(utf8Json.ToArray());
            document = ProfileDocument.From(new ProfileMembers(json.RootElement, ""));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            var line = e is JsonException { LineNumber: { } number } ? $" (line {number + 1})" : "";
            throw new ProfileException($"The requirement profile is not valid JSON{line}: {e.Message}", e);
        }

        var reader = new ProfileReader();
        var profile = reader.Convert(document);
        if (reader._errors.Count > 0) throw new ProfileException($"The requirement profile '{document.Name}' is not valid: {string.Join("; ", reader._errors)}.");
        return profile;
    }

    private RequirementProfile Convert(ProfileDocument d)
    {
        Require(d.Name.Length > 0 && d.Name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'), "name", "a name of lower-case letters, digits and '-'");
        Require(d.Provider.Length > 0, "provider", "the provider's name");
        Require(d.Tunnels is 1 or 2, "tunnels", "1 or 2");
        Require(d.Rekey.MinimumMarginSeconds > 0, "rekey.minimumMarginSeconds", "above 0");
        Require(d.Rekey.DefaultMarginSeconds >= d.Rekey.MinimumMarginSeconds, "rekey.defaultMarginSeconds", "at least the smallest margin");
        Require(d.Rekey.DefaultMarginSeconds * 2 <= d.Ipsec.LifetimeSeconds.Default, "rekey.defaultMarginSeconds", "at most half of phase 2's default lifetime");
        Require(d.Ipsec.LifetimeSeconds.Default < d.Ike.LifetimeSeconds.Default, "ipsec.lifetimeSeconds.default", "below phase 1's");
        Require(
            d.Rekey.SixtyMinuteDropLifetimeSeconds >= d.Ipsec.LifetimeSeconds.Minimum && d.Rekey.SixtyMinuteDropLifetimeSeconds < d.Ipsec.LifetimeSeconds.Maximum,
            "rekey.sixtyMinuteDropLifetimeSeconds",
            "within phase 2's range and below its maximum");
        Require(d.StartupActions.Contains(d.DefaultStartupAction, StringComparer.Ordinal), "defaultStartupAction", "one of startupActions");
        Require(d.Bgp.HoldSeconds is 0 or (>= 3 and <= 65535), "bgp.holdSeconds", "0 or 3 to 65535 (RFC 4271 section 4.2)");
        Require(d.Bgp is { VirtualGatewayPrefixes: > 0, TransitGatewayPrefixes: > 0 }, "bgp", "prefix limits above 0");
        Require(Array.TrueForAll(d.DnsDomains, domain => domain.Contains('.', StringComparison.Ordinal) && domain.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-')), "dns.domains", "domains such as cloud.example, in lower case");
        Require(d.Limits is { RoutesPerCustomer: > 0, ConnectionsPerCustomer: > 0 }, "limits", "limits above 0");
        return new RequirementProfile
        {
            Name = d.Name,
            Description = d.Description,
            Provider = d.Provider,
            Tunnels = d.Tunnels,
            Ike = Ike(d.Ike),
            Ipsec = Ipsec(d.Ipsec),
            PreSharedKey = PreSharedKey(d.PreSharedKey),
            Inside = Inside(d.Inside),
            DeadPeerDetection = DeadPeerDetection(d.DeadPeerDetection),
            Rekey = new RekeyRequirements(
                d.Rekey.MinimumMarginSeconds, d.Rekey.DefaultMarginSeconds, Bounds(d.Rekey.FuzzPercent, "rekey.fuzzPercent", 0), d.Rekey.SixtyMinuteDropLifetimeSeconds),
            StartupActions = d.StartupActions.ToValueList(),
            DefaultStartupAction = d.DefaultStartupAction,
            Bgp = new BgpRequirements(d.Bgp.HoldSeconds, d.Bgp.VirtualGatewayPrefixes, d.Bgp.TransitGatewayPrefixes),
            Asn = Asn(d.Asn),
            Limits = new CustomerLimits(d.Limits.RoutesPerCustomer, d.Limits.ConnectionsPerCustomer),
            DnsDomains = d.DnsDomains.ToValueList(),
        };
    }

    private IkeRequirements Ike(ProfileDocument.IkeDocument d) => new(
        List(d.Versions, "ike.versions", version => version is 1 or 2 ? (IkeVersion)version : (IkeVersion?)null),
        List(d.Modes, "ike.modes", mode => mode switch { "main" => IkeMode.Main, "aggressive" => IkeMode.Aggressive, _ => (IkeMode?)null }),
        List(
            d.Authentication,
            "ike.authentication",
            method => method switch { "psk" => AuthenticationMethod.PreSharedKey, "certificate" => AuthenticationMethod.Certificate, _ => (AuthenticationMethod?)null }),
        List(d.Encryption, "ike.encryption", Encryption),
        List(d.Integrity, "ike.integrity", Integrity),
        List(d.Groups, "ike.groups", Group),
        Bounds(d.LifetimeSeconds, "ike.lifetimeSeconds", 1));

    private IpsecRequirements Ipsec(ProfileDocument.IpsecDocument d) => new(
        List(d.Encryption, "ipsec.encryption", Encryption),
        List(d.Integrity, "ipsec.integrity", Integrity),
        List(d.PfsGroups, "ipsec.pfsGroups", Group),
        Bounds(d.LifetimeSeconds, "ipsec.lifetimeSeconds", 1),
        Bounds(d.ReplayWindowPackets, "ipsec.replayWindowPackets", 0));

    private PreSharedKeyRequirements PreSharedKey(ProfileDocument.PreSharedKeyDocument d)
    {
        Require(d.Punctuation.All(c => c is > ' ' and <= '~' && !char.IsAsciiLetterOrDigit(c)), "preSharedKey.punctuation", "printable characters other than letters and digits");
        return new PreSharedKeyRequirements(Bounds(d.Characters, "preSharedKey.characters", 1), d.Punctuation, d.NotFirst);
    }

    private InsideRequirements Inside(ProfileDocument.InsideDocument d)
    {
        Require(d.PrefixLength is >= 1 and <= 30, "inside.prefixLength", "1 to 30");
        if (!Cidr.TryParse(d.Range, out var range)) Fail("inside.range", $"'{d.Range}' is not an IP range");
        var forbidden = List(d.Forbidden, "inside.forbidden", text => Cidr.TryParse(text, out var network) ? network : (Cidr?)null, mayBeEmpty: true);
        foreach (var network in forbidden) Require(range.Contains(network), "inside.forbidden", $"inside {range}, unlike {network}");
        return new InsideRequirements(range, d.PrefixLength, forbidden);
    }

    private DeadPeerDetectionRequirements DeadPeerDetection(ProfileDocument.DeadPeerDetectionDocument d)
    {
        Require(d.IntervalSeconds > 0, "deadPeerDetection.intervalSeconds", "above 0");
        Require(d.Retries > 0, "deadPeerDetection.retries", "above 0");
        Require(d.DefaultTimeoutSeconds >= d.MinimumTimeoutSeconds, "deadPeerDetection.defaultTimeoutSeconds", "at least the smallest time-out");
        Require(d.Actions.Contains(d.DefaultAction, StringComparer.Ordinal), "deadPeerDetection.defaultAction", "one of the actions");
        return new DeadPeerDetectionRequirements(d.IntervalSeconds, d.Retries, d.MinimumTimeoutSeconds, d.DefaultTimeoutSeconds, d.Actions.ToValueList(), d.DefaultAction);
    }

    private AsnRequirements Asn(ProfileDocument.AsnDocument d)
    {
        Require(d.Bits is 16 or 32, "asn.bits", "16 or 32");
        return new AsnRequirements(
            d.Bits,
            d.Private32Bit,
            List(d.Reserved, "asn.reserved", Range, mayBeEmpty: true),
            List(d.Own, "asn.own", text => Model.Asn.TryParse(text, out var asn) ? asn : (Asn?)null, mayBeEmpty: true));
    }

    private static AsnRange? Range(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        var first = dash < 0 ? text : text[..dash];
        var last = dash < 0 ? text : text[(dash + 1)..];
        return Model.Asn.TryParse(first, out var low) && Model.Asn.TryParse(last, out var high) && low.Value <= high.Value ? new AsnRange(low, high) : (AsnRange?)null;
    }

    private static EncryptionAlgorithm? Encryption(string text) => Algorithms.TryParse(text, out EncryptionAlgorithm algorithm) ? algorithm : null;

    private static IntegrityAlgorithm? Integrity(string text) => Algorithms.TryParse(text, out IntegrityAlgorithm algorithm) ? algorithm : null;

    private static DhGroup? Group(int number) => new DhGroup(number) is { Keyword: not null } group ? group : null;

    private Bounds Bounds(ProfileDocument.BoundsDocument d, string field, int least)
    {
        Require(d.Minimum >= least && d.Minimum <= d.Default && d.Default <= d.Maximum, field, $"minimum (at least {least}) ≤ default ≤ maximum");
        return new Bounds(d.Minimum, d.Maximum, d.Default);
    }

    private ValueList<TOut> List<TIn, TOut>(TIn[] items, string field, Func<TIn, TOut?> convert, bool mayBeEmpty = false)
        where TOut : struct
    {
        var converted = new List<TOut>();
        foreach (var item in items)
        {
            if (convert(item) is { } value) converted.Add(value);
            else Fail(field, $"'{item}' is not known");
        }

        if (items.Length == 0 && !mayBeEmpty) Fail(field, "must not be empty");
        if (items.Distinct().Count() != items.Length) Fail(field, "names something twice");
        return converted.ToValueList();
    }

    private void Require(bool holds, string field, string right)
    {
        if (!holds) Fail(field, $"must be {right}");
    }

    private void Fail(string field, string what) => _errors.Add($"{field} {what}");
}
