namespace Tunnelwright.Model.Rules;

/// <summary>The tunnel's MTU leaves room for what ESP adds on a path of 1,500 bytes.</summary>
internal sealed class MtuRule : TunnelRule
{
    /// <summary>The smallest MTU of an IPv4 link that hosts can rely on (RFC 791).</summary>
    private const int Smallest = 576;

    /// <summary>What the leanest proposal, AES-GCM without NAT traversal, leaves of 1,500 bytes.</summary>
    private static readonly int LargestOfAny = TunnelMtu.For(new EspProposal(EncryptionAlgorithm.Aes128Gcm16, null, null), natTraversal: false).Mtu;

    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        if (tunnel.MtuBytes is not { } mtu) yield break;
        var largest = TunnelMtu.For(tunnel.Ipsec.Proposal, natTraversal: false).Mtu;
        if (mtu > LargestOfAny)
        {
            yield return Error(tunnel, Causes.MtuBlackhole, "mtuBytes", $"The tunnel's MTU is {mtu} bytes, but {tunnel.Ipsec.Proposal} leaves {largest} of a path of 1500: larger packets vanish.");
        }
        else if (mtu > largest)
        {
            yield return Warning(tunnel, Causes.MtuBlackhole, "mtuBytes", $"The tunnel's MTU is {mtu} bytes, but {tunnel.Ipsec.Proposal} leaves {largest} of a path of 1500: set {largest}.");
        }
        else if (mtu < Smallest)
        {
            yield return Error(tunnel, Causes.MtuBlackhole, "mtuBytes", $"The tunnel's MTU is {mtu} bytes; IPv4 needs {Smallest} at least, and {largest} is right for {tunnel.Ipsec.Proposal}.");
        }
    }
}

/// <summary>The MSS fits the MTU.</summary>
internal sealed class MssRule : TunnelRule
{
    /// <summary>The smallest segment that hosts must take (RFC 9293 section 3.7.1).</summary>
    private const int Smallest = 536;

    /// <summary>Bytes of the IPv4 and TCP headers without options.</summary>
    private const int Headers = 40;

    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        if (tunnel.MssBytes is not { } mss) yield break;
        var right = TunnelMtu.For(tunnel.Ipsec.Proposal, natTraversal: false).Mss;
        if (tunnel.MtuBytes is { } mtu && mss > mtu - Headers)
        {
            yield return Error(
                tunnel,
                Causes.MtuBlackhole,
                "mssBytes",
                $"TCP segments of {mss} bytes do not fit the tunnel's MTU of {mtu}; clamp the MSS to {mtu - Headers} or less (the MTU less {Headers} bytes of headers).");
        }
        else if (mss > right)
        {
            yield return Warning(tunnel, Causes.MtuBlackhole, "mssBytes", $"TCP segments of {mss} bytes are larger than {tunnel.Ipsec.Proposal} leaves room for on a path of 1500; clamp the MSS to {right}.");
        }
        else if (mss < Smallest)
        {
            yield return Error(tunnel, Causes.MtuBlackhole, "mssBytes", $"An MSS of {mss} bytes is below {Smallest}, which every host takes; {right} is right here.");
        }
    }
}

/// <summary>The Don't Fragment bit is cleared before encryption, since the service does no path MTU discovery.</summary>
internal sealed class ClearDontFragmentRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        if (!tunnel.ClearDontFragment)
        {
            yield return Warning(
                tunnel,
                Causes.MtuBlackhole,
                "clearDf",
                "The Don't Fragment bit is kept, but the service does no path MTU discovery: clear it, or packets over the tunnel's MTU vanish.");
        }
    }
}
