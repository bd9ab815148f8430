using System.Buffers.Binary;
using System.Net;

namespace Tunnelwright.Dns.Forwarding;

/// <summary>Which addresses no one on the internet has: RFC 1918, RFC 6598 (carrier's NAT), loopback, link-local, RFC 4193.</summary>
public static class PrivateAddresses
{
    /// <summary>Judges the bytes of an address.</summary>
    /// <param name="address">4 or 16 bytes.</param>
    /// <returns>Whether it is private.</returns>
    public static bool IsPrivate(ReadOnlySpan<byte> address)
    {
        if (address.Length == 4)
        {
            var value = BinaryPrimitives.ReadUInt32BigEndian(address);
            return value >> 24 is 10 or 127 || value >> 20 == 0xAC1 || value >> 16 is 0xC0A8 or 0xA9FE || value >> 22 == 0x191;
        }

        return address.Length == 16 && ((address[0] & 0xFE) == 0xFC || (address[0] == 0xFE && (address[1] & 0xC0) == 0x80) || new IPAddress(address).Equals(IPAddress.IPv6Loopback));
    }
}
