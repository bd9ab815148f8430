using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Tunnelwright.Dns.Serving;

/// <summary>Who may ask, by source address.</summary>
internal sealed class AccessList
{
    private readonly (uint Network, uint Mask)[] _ipv4;
    private readonly (UInt128 Network, UInt128 Mask)[] _ipv6;

    public AccessList(IEnumerable<IPNetwork> networks)
    {
        var all = networks.ToList();
        _ipv4 = [.. all.Where(network => network.BaseAddress.AddressFamily == AddressFamily.InterNetwork).Select(network =>
            (BinaryPrimitives.ReadUInt32BigEndian(network.BaseAddress.GetAddressBytes()), network.PrefixLength == 0 ? 0 : uint.MaxValue << (32 - network.PrefixLength)))];
        _ipv6 = [.. all.Where(network => network.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6).Select(network =>
            (BinaryPrimitives.ReadUInt128BigEndian(network.BaseAddress.GetAddressBytes()), network.PrefixLength == 0 ? 0 : UInt128.MaxValue << (128 - network.PrefixLength)))];
    }

    /// <param name="address">4 or 16 bytes.</param>
    public bool Allows(ReadOnlySpan<byte> address)
    {
        if (address.Length == 4)
        {
            var value = BinaryPrimitives.ReadUInt32BigEndian(address);
            foreach (var (network, mask) in _ipv4)
            {
                if ((value & mask) == network) return true;
            }

            return false;
        }

        var wide = BinaryPrimitives.ReadUInt128BigEndian(address);
        foreach (var (network, mask) in _ipv6)
        {
            if ((wide & mask) == network) return true;
        }

        return false;
    }
}
