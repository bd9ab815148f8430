using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Tunnelwright.Diagnosis;

/// <summary>An IPv4 or IPv6 address as a key of tables: no allocation, ordered.</summary>
internal readonly record struct HostAddress(UInt128 Value, bool IsV6)
{
    /// <summary>From four or sixteen bytes in network order.</summary>
    public static HostAddress Read(ReadOnlySpan<byte> bytes) => bytes.Length == 4 ? new(BinaryPrimitives.ReadUInt32BigEndian(bytes), false) : new(BinaryPrimitives.ReadUInt128BigEndian(bytes), true);

    /// <summary>From an address of the framework.</summary>
    public static HostAddress Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        return Read(bytes[..(address.AddressFamily == AddressFamily.InterNetwork ? 4 : length)]);
    }

    /// <summary>For the framework.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Value);
        return new IPAddress(IsV6 ? bytes : bytes[12..]);
    }

    /// <summary>Whether this one is the lower: IPv4 before IPv6, then by number; an address is not above itself.</summary>
    public bool IsNotAbove(HostAddress other) => IsV6 == other.IsV6 ? Value <= other.Value : other.IsV6;

    public override string ToString() => ToIPAddress().ToString();
}

/// <summary>Two hosts that talk, whichever of them began.</summary>
internal readonly record struct HostPair(HostAddress Low, HostAddress High)
{
    public static HostPair Of(HostAddress one, HostAddress other) => one.IsNotAbove(other) ? new(one, other) : new(other, one);

    public override string ToString() => $"{Low} {High}";
}
