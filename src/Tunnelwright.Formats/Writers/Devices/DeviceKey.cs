using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>Pre-shared keys in devices' configurations: taken when no device can read anything else in them, otherwise refused.</summary>
internal static class DeviceKey
{
    /// <summary>The shortest key that a device is given, in characters: the provider's own limit.</summary>
    private const int Shortest = 8;

    /// <summary>A tunnel's key.</summary>
    /// <exception cref="WriterException">There is none, or the device's grammar could take it for something else. The message does not hold it.</exception>
    public static string Of(Tunnel tunnel, DeviceAlgorithms algorithms)
    {
        var key = StrongSwanText.Key(tunnel).Reveal();
        if (!key.All(c => char.IsAsciiLetterOrDigit(c) || "._-+/=".Contains(c, StringComparison.Ordinal)) || "-+/=".Contains(key[0], StringComparison.Ordinal) || IsEncoded(key))
        {
            throw new WriterException(
                $"Tunnel {tunnel.Number}'s pre-shared key has characters that do not pass {algorithms.Device}'s command line unharmed.",
                "ask for a key of letters, digits, '.' and '_' that does not start with 0");
        }

        if (key.Length < Shortest || key.Length > algorithms.LongestKey)
        {
            throw new WriterException(
                $"Tunnel {tunnel.Number}'s pre-shared key has {key.Length} characters; {algorithms.Device} is given {Shortest} to {algorithms.LongestKey}.",
                "ask for a key of 32 characters");
        }

        return key;
    }

    /// <summary>strongSwan, which several devices run, reads 0x and 0s as the start of hexadecimal and base64 digits.</summary>
    private static bool IsEncoded(string key) => key.StartsWith("0x", StringComparison.OrdinalIgnoreCase) || key.StartsWith("0s", StringComparison.OrdinalIgnoreCase);
}
