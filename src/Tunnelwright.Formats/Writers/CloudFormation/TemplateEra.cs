using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>Whether a parameter of a template has to be given.</summary>
internal enum Need
{
    /// <summary>The stack cannot be made without it.</summary>
    Required,

    /// <summary>The template has a value of its own.</summary>
    Optional,
}

/// <summary>A parameter of a template.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Need">Whether it has to be given.</param>
/// <param name="Description">What it is, in a few words.</param>
/// <param name="Value">Its value as far as the connection tells it.</param>
internal sealed record TemplateParameter(string Name, Need Need, string Description, Func<TemplateContext, string?> Value);

/// <summary>What parameters' values come from.</summary>
/// <param name="Connection">The connection, with the settings' values in place.</param>
internal sealed record TemplateContext(VpnConnection Connection)
{
    /// <summary>The tunnel at a place; null when there is none.</summary>
    public Tunnel? Tunnel(int number) => number <= Connection.Tunnels.Count ? Connection.Tunnels[number - 1] : null;

    /// <summary>The name of the secret that holds a tunnel's key.</summary>
    public string SecretName(int number) => $"{Printable.Name(Connection.Id)}-tunnel-{number}";
}

/// <summary>The parameters of the EC2 strongSwan template vpn-gateway-strongswan.yml at one time of its history, in the template's order.</summary>
/// <param name="Target">The target's name.</param>
/// <param name="Description">The time, in words.</param>
/// <param name="KeysInSecrets">Whether keys are kept in AWS Secrets Manager rather than in parameters.</param>
/// <param name="Parameters">The parameters.</param>
internal sealed record TemplateEra(string Target, string Description, bool KeysInSecrets, IReadOnlyList<TemplateParameter> Parameters)
{
    /// <summary>Since November 2020: keys in AWS Secrets Manager.</summary>
    public static TemplateEra Today { get; } = new(
        "cloudformation",
        "parameters of the EC2 strongSwan template (vpn-gateway-strongswan.yml) since November 2020",
        KeysInSecrets: true,
        [
            .. Names,
            new("pAuthType", Need.Optional, "psk or pubkey", _ => "psk"),
            .. Tunnel(1, "VgwOutsideIpAddress", "CgwInsideIpAddress", "VgwInsideIpAddress", "VgwBgpAsn", keysInSecrets: true),
            .. Tunnel(2, "VgwOutsideIpAddress", "CgwInsideIpAddress", "VgwInsideIpAddress", "VgwBgpAsn", keysInSecrets: true),
            .. Network,
        ]);

    /// <summary>Keys as parameters, the later names: the edition that articles about the template show.</summary>
    public static TemplateEra WithKeys { get; } = new(
        "cloudformation-2019",
        "the same template with keys as parameters (pTunnel1Psk, pTunnel1VgwOutsideIpAddress, …)",
        KeysInSecrets: false,
        [
            .. Names,
            .. Tunnel(1, "VgwOutsideIpAddress", "CgwInsideIpAddress", "VgwInsideIpAddress", "VgwBgpAsn", keysInSecrets: false),
            .. Tunnel(2, "VgwOutsideIpAddress", "CgwInsideIpAddress", "VgwInsideIpAddress", "VgwBgpAsn", keysInSecrets: false),
            .. Network,
        ]);

    /// <summary>November 2019 to April 2020: the first names.</summary>
    public static TemplateEra First { get; } = new(
        "cloudformation-first",
        "the template's first edition (pTunnel1RemoteExternalIpAddress, …)",
        KeysInSecrets: false,
        [
            .. Names,
            .. Tunnel(1, "RemoteExternalIpAddress", "LocalInsideCidr", "RemoteInsideCidr", "BgpAsn", keysInSecrets: false),
            .. Tunnel(2, "RemoteExternalIpAddress", "LocalInsideCidr", "RemoteInsideCidr", "BgpAsn", keysInSecrets: false),
            .. Network,
        ]);

    private static IReadOnlyList<TemplateParameter> Names =>
    [
        new("pOrg", Need.Optional, "organisation, part of resource names", _ => null),
        new("pSystem", Need.Optional, "system, part of resource names", _ => null),
        new("pApp", Need.Optional, "application, part of resource names", _ => null),
        new("pEnvPurpose", Need.Required, "purpose, part of resource names, 10 characters at most", _ => null),
    ];

    private static IReadOnlyList<TemplateParameter> Network =>
    [
        new("pUseElasticIp", Need.Optional, "whether the gateway gets an Elastic IP address: it needs one, the registered address", _ => "true"),
        new("pEipAllocationId", Need.Required, "allocation id (eipalloc-…) of the Elastic IP address that is the registered customer address", _ => null),
        new("pLocalBgpAsn", Need.Optional, "the customer's AS number", context => context.Tunnel(1)?.Bgp?.CustomerAsn?.ToString()),
        new("pVpcId", Need.Required, "the VPC (vpc-…) that the gateway stands in", _ => null),
        new("pVpcCidr", Need.Required, "the VPC's range, /16 to /28: it is announced to the cloud", VpcRange),
        new("pSubnetId", Need.Required, "the public subnet (subnet-…) that the gateway stands in", _ => null),
        new("pInstanceType", Need.Optional, "the EC2 instance type", _ => null),
        new("pAmiId", Need.Optional, "the image, as a Systems Manager parameter", _ => null),
    ];

    private static IReadOnlyList<TemplateParameter> Tunnel(int n, string outside, string customerInside, string cloudInside, string cloudAsn, bool keysInSecrets) =>
    [
        keysInSecrets
            ? new($"pTunnel{n}PskSecretName", Need.Required, $"name of the secret that holds tunnel {n}'s key", context => context.Tunnel(n) is null ? null : context.SecretName(n))
            : new($"pTunnel{n}Psk", Need.Required, $"tunnel {n}'s key", context => context.Tunnel(n) is { } tunnel ? StrongSwanText.Key(tunnel).Reveal() : null),
        new($"pTunnel{n}{outside}", Need.Required, $"the cloud endpoint of tunnel {n}", context => context.Tunnel(n)?.CloudOutside.ToString()),
        new($"pTunnel{n}{customerInside}", Need.Required, $"the customer's inside address of tunnel {n}", context => context.Tunnel(n)?.CustomerInside.ToString()),
        new($"pTunnel{n}{cloudInside}", Need.Required, $"the cloud's inside address of tunnel {n}", context => context.Tunnel(n)?.CloudInside.ToString()),
        new($"pTunnel{n}{cloudAsn}", Need.Optional, "the cloud's AS number", context => context.Tunnel(n)?.Bgp?.CloudAsn.ToString()),
        new($"pTunnel{n}BgpNeighborIpAddress", Need.Required, $"the BGP neighbour of tunnel {n}", context => (context.Tunnel(n)?.Bgp?.Neighbor ?? context.Tunnel(n)?.CloudInside.Address)?.ToString()),
    ];

    private static string? VpcRange(TemplateContext context) =>
        context.Connection.CustomerRanges is [{ PrefixLength: >= 16 and <= 28 } range] ? range.ToString() : null;
}
