namespace Tunnelwright.Model.Requests;

/// <summary>The gateway's address is a public IPv4 address.</summary>
internal sealed class GatewayAddressRule : IRequestRule
{
    public IEnumerable<RequestFault> Check(RequestedConnection request, CustomerSituation customer, RequirementProfile profile)
    {
        var isPublic = Ipv4Address.TryParse(request.GatewayAddress?.Trim(), out var address)
            && (SpecialRanges.MeaningOf(address) is null || (customer.TakesDocumentationAddresses && SpecialRanges.IsDocumentation(address)));
        if (!isPublic) yield return new("gateway-address", "gatewayAddress", $"{Shown.Text(request.GatewayAddress)} is not a valid public IP address.");
    }
}

/// <summary>No other connection of the customer has the gateway's address.</summary>
internal sealed class GatewayAddressTakenRule : IRequestRule
{
    public IEnumerable<RequestFault> Check(RequestedConnection request, CustomerSituation customer, RequirementProfile profile)
    {
        if (Ipv4Address.TryParse(request.GatewayAddress?.Trim(), out var address) && customer.Others.Any(other => other.GatewayAddress == address))
            yield return new("gateway-address-taken", "gatewayAddress", $"A VPN already exists in this infrastructure with the public IP address {address}.");
    }
}

/// <summary>With BGP there is an AS number, without there is none.</summary>
internal sealed class AsnThereRule : IRequestRule
{
    public IEnumerable<RequestFault> Check(RequestedConnection request, CustomerSituation customer, RequirementProfile profile)
    {
        if (request.Routing == Routing.Bgp && request.CustomerAsn is null) yield return new("asn-missing", "customerAsn", "Dynamic routing needs the ASN of the customer gateway.");
        if (request.Routing == Routing.Static && request.CustomerAsn is not null) yield return new("asn-not-used", "customerAsn", "Static routing has no ASN; leave it out or choose dynamic routing.");
    }
}

/// <summary>A rule about the AS number of a request with BGP.</summary>
internal abstract class AsnRule : IRequestRule
{
    public IEnumerable<RequestFault> Check(RequestedConnection request, CustomerSituation customer, RequirementProfile profile) =>
        request is { Routing: Routing.Bgp, CustomerAsn: { } number } && Fault(number, customer, profile) is { } fault ? [fault] : [];

    protected abstract RequestFault? Fault(long number, CustomerSituation customer, RequirementProfile profile);

    /// <summary>The number as one that the service takes by its width; null when it is none.</summary>
    protected static Asn? InBounds(long number, RequirementProfile profile) =>
        number is >= 0 and <= uint.MaxValue && profile.Asn.IsInRange(new Asn((uint)number)) ? new Asn((uint)number) : null;

    protected static RequestFault Of(string code, string message) => new(code, "customerAsn", message);
}

/// <summary>The AS number has the service's width, or is a private one of 32 bits where those are taken.</summary>
internal sealed class AsnBoundsRule : AsnRule
{
    protected override RequestFault? Fault(long number, CustomerSituation customer, RequirementProfile profile) =>
        InBounds(number, profile) is null ? Of("asn-bounds", $"The chosen ASN value {number} is invalid. The ASN value must be between 0 and {profile.Asn.Maximum}.") : null;
}

/// <summary>No other connection of the customer has the AS number.</summary>
internal sealed class AsnTakenRule : AsnRule
{
    protected override RequestFault? Fault(long number, CustomerSituation customer, RequirementProfile profile) =>
        customer.Others.Any(other => other.CustomerAsn?.Value == number) ? Of("asn-taken", $"The chosen ASN value {number} is already in use.") : null;
}

/// <summary>The AS number is none that nobody may use.</summary>
internal sealed class AsnReservedRule : AsnRule
{
    protected override RequestFault? Fault(long number, CustomerSituation customer, RequirementProfile profile) =>
        InBounds(number, profile) is { } asn && profile.Asn.IsReserved(asn) ? Of("asn-reserved", $"The chosen ASN value {number}, can't be used because it is a reserved value.") : null;
}

/// <summary>The AS number is not the provider's own.</summary>
internal sealed class AsnOwnRule : AsnRule
{
    protected override RequestFault? Fault(long number, CustomerSituation customer, RequirementProfile profile) =>
        InBounds(number, profile) is { } asn && profile.Asn.IsOwn(asn) ? Of("asn-own", $"The chosen ASN value {number} is reserved by {profile.Provider}.") : null;
}

/// <summary>The AS number is not that of the cloud's endpoints: the session is between two autonomous systems.</summary>
internal sealed class AsnOfCloudRule : AsnRule
{
    protected override RequestFault? Fault(long number, CustomerSituation customer, RequirementProfile profile) =>
        number == customer.CloudAsn.Value ? Of("asn-of-cloud", $"The chosen ASN value {number} is already in use.") : null;
}
