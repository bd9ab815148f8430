namespace Tunnelwright.Model.Requests;

/// <summary>A customer attached to a transit gateway has no VPN of its own.</summary>
internal sealed class TransitGatewayRule : IRequestRule
{
    public IEnumerable<RequestFault> Check(RequestedConnection request, CustomerSituation customer, RequirementProfile profile)
    {
        if (customer.TransitGateway) yield return new("transit-gateway", null, "This infrastructure is already connected to a Transit Gateway. It's not possible to create a VPN.");
    }
}

/// <summary>A customer has no more connections than its limit.</summary>
internal sealed class ConnectionLimitRule : IRequestRule
{
    public IEnumerable<RequestFault> Check(RequestedConnection request, CustomerSituation customer, RequirementProfile profile)
    {
        if (customer.Others.Count >= customer.ConnectionLimit) yield return new("connection-limit", null, "Maximum number of VPNs has been reached.");
    }
}

/// <summary>A customer has one change at a time.</summary>
internal sealed class ChangeInProgressRule : IRequestRule
{
    public IEnumerable<RequestFault> Check(RequestedConnection request, CustomerSituation customer, RequirementProfile profile)
    {
        if (customer.ChangeInProgress) yield return new(RequestFault.ChangeInProgress, null, "It's not possible to create the VPN connection now. Please try again later.");
    }
}

/// <summary>The purpose is text of a bearable length.</summary>
internal sealed class PurposeRule : IRequestRule
{
    private const int Longest = 500;

    public IEnumerable<RequestFault> Check(RequestedConnection request, CustomerSituation customer, RequirementProfile profile)
    {
        if (request.Purpose is not { } purpose) yield break;
        if (purpose.Length > Longest) yield return new("purpose-length", "purpose", $"The purpose has {purpose.Length} characters; {Longest} is the most.");
        if (purpose.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t'))) yield return new("purpose-characters", "purpose", "The purpose holds control characters.");
    }
}

/// <summary>The contact is an e-mail address.</summary>
internal sealed class ContactRule : IRequestRule
{
    public IEnumerable<RequestFault> Check(RequestedConnection request, CustomerSituation customer, RequirementProfile profile)
    {
        if (!MailAddress.IsValid(request.ContactEmail)) yield return new("contact-email", "contactEmail", $"{Shown.Text(request.ContactEmail)} is not a valid e-mail address.");
    }
}

/// <summary>The device is one of the list.</summary>
internal sealed class DeviceRule : IRequestRule
{
    public IEnumerable<RequestFault> Check(RequestedConnection request, CustomerSituation customer, RequirementProfile profile)
    {
        if (request.Device is { } device && !customer.Devices.Contains(device, StringComparer.OrdinalIgnoreCase))
            yield return new("device", "device", $"{Shown.Text(device)} is not a device of the list; generic serves every device.");
    }
}

/// <summary>Phase 1 and phase 2 are what the provider allows: the same rules that a file is checked with.</summary>
internal sealed class ParametersRule : IRequestRule
{
    public IEnumerable<RequestFault> Check(RequestedConnection request, CustomerSituation customer, RequirementProfile profile)
    {
        if (request.Parameters is not { } asked) yield break;
        var (ike, ipsec) = (asked.ToIke(null), asked.ToIpsec());
        if (ike is null) yield return Unknown("ike", asked.IkeEncryption, asked.IkeIntegrity);
        if (ipsec is null) yield return Unknown("ipsec", asked.EspEncryption, asked.EspIntegrity);
        if (ike is null || ipsec is null) yield break;
        foreach (var (phase, encryption, integrity) in new[] { ("ike", ike.Proposal.Encryption, ike.Proposal.Integrity), ("ipsec", ipsec.Proposal.Encryption, ipsec.Proposal.Integrity) })
        {
            if (encryption.IsAead() == integrity is null) continue;
            yield return new("parameters", $"{phase}.integrity", encryption.IsAead() ? $"{encryption.Name()} authenticates by itself: integrity must be null." : $"{encryption.Name()} needs an integrity algorithm beside it.");
            yield break;
        }

        var inside = new InsideNetwork(Cidr.Parse("169.254.10.0/30"));
        var candidate = new VpnConnection
        {
            Id = "vpn-request",
            CustomerGatewayId = "cgw-request",
            Routing = Routing.Static,
            Tunnels =
            [
                new Tunnel
                {
                    Number = 1,
                    CustomerOutside = null,
                    CloudOutside = default,
                    CustomerInside = inside.Customer,
                    CloudInside = inside.Cloud,
                    Ike = ike,
                    Ipsec = ipsec,
                },
            ],
        };
        foreach (var problem in ConnectionRules.Check(candidate, profile))
        {
            if (problem.Severity == Severity.Error && problem.Tunnel == 1 && problem.Field is { } field && (field.StartsWith("ike.", StringComparison.Ordinal) || field.StartsWith("ipsec.", StringComparison.Ordinal)) && problem.Cause != Causes.PskMissing)
                yield return new("parameters", field, problem.Message);
        }
    }

    private static RequestFault Unknown(string phase, string encryption, string? integrity) =>
        new("parameters", phase, $"{Shown.Text(encryption)} and {Shown.Text(integrity ?? "none")} are not both known: encryption is aes128, aes256, aes128gcm16 or aes256gcm16, integrity sha1, sha256, sha384 or sha512.");
}

/// <summary>What somebody typed, as it stands in an error text: short, and without characters that forge lines.</summary>
internal static class Shown
{
    private const int Longest = 80;

    public static string Text(string? typed)
    {
        var text = string.Concat((typed ?? "").Trim().Select(c => char.IsControl(c) ? ' ' : c));
        return text.Length <= Longest ? text : text[..Longest] + "…";
    }
}
