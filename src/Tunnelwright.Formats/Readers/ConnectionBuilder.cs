using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>What a format always says, so that its absence is worth a warning.</summary>
/// <param name="Name">The format's name.</param>
/// <param name="Expected">Fields whose absence is a warning although there is a default.</param>
internal sealed record FormatTraits(string Name, params TunnelField[] Expected)
{
    public static FormatTraits GenericText { get; } = new(
        FormatNames.GenericText,
        TunnelField.IkeLifetime,
        TunnelField.IpsecLifetime,
        TunnelField.DpdInterval,
        TunnelField.DpdRetries,
        TunnelField.CustomerOutside,
        TunnelField.Neighbor,
        TunnelField.HoldTime,
        TunnelField.CustomerAsn,
        TunnelField.NextHop);

    public static FormatTraits Xml { get; } = new(
        FormatNames.Xml,
        TunnelField.IkeLifetime,
        TunnelField.IpsecLifetime,
        TunnelField.DpdInterval,
        TunnelField.DpdRetries,
        TunnelField.CustomerOutside,
        TunnelField.CustomerAsn);

    public static FormatTraits DescribeJson { get; } = new(FormatNames.DescribeJson, TunnelField.CustomerOutside);

    public static FormatTraits StrongSwanText { get; } = new(FormatNames.StrongSwanText, TunnelField.CustomerOutside, TunnelField.CustomerAsn);

    public static FormatTraits ModelJson { get; } = new(FormatNames.ModelJson);

    public static FormatTraits ModelYaml { get; } = new(FormatNames.ModelYaml);

    /// <summary>Where a field belongs, for messages: the section of the generic text, the path of the document otherwise.</summary>
    public string Place(TunnelField field) => Name == FormatNames.GenericText ? $"section {field.Section()}" : field.Path();
}

/// <summary>Turns raw values into a connection: one place for defaults, placeholders, missing and unreadable values, whatever the format.</summary>
internal sealed class ConnectionBuilder(ConnectionDraft draft, FormatTraits traits)
{
    private readonly ProblemList _problems = draft.Problems;

    public ReadResult Build()
    {
        var lines = draft.Lines();
        var routing = DecideRouting();
        var tunnels = new List<Tunnel>(2);
        foreach (var tunnel in draft.Tunnels.OrderBy(tunnel => tunnel.Number))
        {
            if (new TunnelBuilder(tunnel, routing, traits, _problems).Build() is { } built) tunnels.Add(built);
        }

        if (draft.Tunnels.Count == 0) _problems.Error(Causes.ConfigSyntax, null, "The file describes no tunnel; download it again, whole.");
        VpnConnection? connection = null;
        if (tunnels.Count > 0)
        {
            connection = new VpnConnection
            {
                Id = Identifier(tunnels[0]),
                CloudGatewayId = Optional(draft[ConnectionField.CloudGatewayId]),
                CustomerGatewayId = CustomerGatewayId(),
                Routing = routing,
                Tunnels = tunnels.ToValueList(),
                CustomerRanges = Ranges(draft.CustomerRanges, "customer", "customerRanges"),
                CloudRanges = Ranges(draft.CloudRanges, "cloud", "cloudRanges"),
            };
        }

        return new ReadResult(traits.Name, connection, _problems.InOrder(), lines);
    }

    private static string? Optional(RawValue value) =>
        value.HasText && !TextScan.IsPlaceholder(value.Text.Span) && !TextScan.IsNone(value.Text.Span) ? Token(value.Text.Span) : null;

    /// <summary>The identifier that a value begins with, at most 255 characters.</summary>
    private static string? Token(ReadOnlySpan<char> value)
    {
        value = value.Trim("\"'`<>[]“”");
        var end = 0;
        while (end < value.Length && end < 255 && (char.IsAsciiLetterOrDigit(value[end]) || value[end] is '-' or '_' or '.' or ':' or '/')) end++;
        return end > 0 ? value[..end].ToString() : null;
    }

    private Routing DecideRouting()
    {
        var stated = draft[ConnectionField.Routing];
        if (stated.HasText)
        {
            Span<char> letters = stackalloc char[16];
            var length = TextScan.Squeeze(stated.Text.Span, letters);
            if (length > 0 && letters[..length] is "static") return Routing.Static;
            if (length > 0 && letters[..length] is "bgp" or "dynamic") return Routing.Bgp;
            _problems.Error(Causes.ConfigSyntax, null, $"The routing on line {stated.Line} is {TextScan.Shown(stated.Text.Span)}; it must be static or bgp.", "routing", stated.Line);
        }

        var bgp = 0;
        var isStatic = 0;
        TunnelDraft? odd = null;
        foreach (var tunnel in draft.Tunnels)
        {
            if (tunnel.UsesBgp == true) bgp++;
            else if (tunnel.UsesBgp == false) isStatic++;
            else odd = tunnel;
        }

        if (bgp > 0 && isStatic > 0)
            _problems.Error(Causes.ConfigSyntax, null, "One tunnel is routed by BGP and the other by static routes; both tunnels of a connection use the same.", "routing");
        else if (bgp + isStatic == 0 && odd is not null && traits.Name == FormatNames.GenericText)
            _problems.Warning(Causes.ConfigSyntax, null, "The file has no section #4, so static routing is assumed; download the file again if the connection uses BGP.", "routing");
        return bgp > 0 ? Routing.Bgp : Routing.Static;
    }

    private string Identifier(Tunnel first)
    {
        var value = draft[ConnectionField.Id];
        if (Optional(value) is { } id) return id;
        var standIn = $"vpn-{first.CloudOutside.ToString().Replace('.', '-')}";
        _problems.Warning(Causes.ConfigSyntax, null, $"The file gives no VPN connection id; {standIn} is used instead.", "id", value.Line);
        return standIn;
    }

    private string CustomerGatewayId()
    {
        var value = draft[ConnectionField.CustomerGatewayId];
        if (Optional(value) is { } id) return id;
        if (traits.Name is FormatNames.GenericText or FormatNames.Xml)
            _problems.Warning(Causes.ConfigSyntax, null, "The file gives no customer gateway id; it is left empty.", "customerGatewayId", value.Line);
        return "";
    }

    private ValueList<Cidr> Ranges(List<RawValue> values, string whose, string field)
    {
        var ranges = new List<Cidr>(values.Count);
        foreach (var value in values)
        {
            if (!Cidr.TryParse(value.Text.Span, out var range))
                _problems.Error(Causes.ConfigSyntax, null, $"The {whose} range {TextScan.Shown(value.Text.Span)} on line {value.Line} is not a range such as 10.10.1.0/24.", field, value.Line);
            else if (range != Cidr.Any && !ranges.Contains(range)) ranges.Add(range);
        }

        return ranges.ToValueList();
    }
}
