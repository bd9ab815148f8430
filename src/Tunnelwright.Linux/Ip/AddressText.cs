using System.Net;
using System.Net.Sockets;

namespace Tunnelwright.Linux;

/// <summary>Brings addresses and prefixes to their one canonical text, so that equality of texts is equality of addresses.</summary>
internal static class AddressText
{
    internal const string Default = "default";

    /// <summary>An address: <c>10.0.0.1</c>, <c>fe80::1</c>.</summary>
    internal static string Address(string text) => Parse(text).ToString();

    /// <summary>A route's destination: <c>default</c> (IPv4), <c>::/0</c>, or a prefix with its length; a single host gets /32 or /128.</summary>
    internal static string Destination(string text)
    {
        if (text == Default)
            return Default;
        var (address, length) = Prefix(text);
        var network = Mask(address, length);
        return length == 0 && address.AddressFamily == AddressFamily.InterNetwork ? Default : $"{network}/{length}";
    }

    /// <summary>A prefix in a rule: null stands for all.</summary>
    internal static string? Selector(string? text)
    {
        if (text is null or "all" or Default or "any")
            return null;
        var destination = Destination(text);
        return destination is Default or "::/0" ? null : destination;
    }

    /// <summary>An interface address with its prefix length, host bits kept.</summary>
    internal static (IPAddress Address, int Length) Prefix(string text)
    {
        var slash = text.IndexOf('/');
        var address = Parse(slash < 0 ? text : text[..slash]);
        var longest = address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32;
        if (slash < 0)
            return (address, longest);
        if (!int.TryParse(text.AsSpan(slash + 1), System.Globalization.NumberStyles.None, null, out var length) || length > longest)
            throw new ArgumentException($"'{text}' is not an address with a prefix length.", nameof(text));
        return (address, length);
    }

    private static IPAddress Parse(string text)
    {
        // IPAddress.Parse takes "10.1" and "0x0a000001" as well; the kernel's tools would read them differently.
        if (IPAddress.TryParse(text, out var address)
            && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text))
            return address;
        throw new ArgumentException($"'{text}' is not an IP address.", nameof(text));
    }

    private static IPAddress Mask(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var bit = length; bit < bytes.Length * 8; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPAddress(bytes);
    }
}
