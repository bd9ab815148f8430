namespace Tunnelwright.Model;

/// <summary>The largest packet and TCP segment that a tunnel carries over a path of 1,500 bytes (the service's table; ESP overhead by RFC 4303 and RFC 3948).</summary>
/// <param name="Mtu">Bytes of the largest IP packet inside the tunnel.</param>
/// <param name="Mss">Bytes of the largest TCP segment: the MTU less 40 bytes of IPv4 and TCP headers.</param>
public readonly record struct TunnelMtu(int Mtu, int Mss)
{
    /// <summary>The table's values for a proposal.</summary>
    /// <param name="proposal">What protects the traffic.</param>
    /// <param name="natTraversal">Whether ESP travels in UDP (RFC 3948).</param>
    public static TunnelMtu For(EspProposal proposal, bool natTraversal)
    {
        ArgumentNullException.ThrowIfNull(proposal);
        var mtu = (proposal.Encryption.IsAead(), proposal.Integrity) switch
        {
            (true, _) => natTraversal ? 1438 : 1446,
            (_, IntegrityAlgorithm.Sha384) => 1422,
            (_, IntegrityAlgorithm.Sha512) => natTraversal ? 1406 : 1422,
            _ => natTraversal ? 1422 : 1438,
        };
        return new TunnelMtu(mtu, mtu - 40);
    }
}
