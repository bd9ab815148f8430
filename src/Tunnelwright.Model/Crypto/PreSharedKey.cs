using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Tunnelwright.Model;

/// <summary>A pre-shared key (RFC 7296 section 2.15). It never prints itself: only <see cref="Reveal"/> gives the characters.</summary>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class PreSharedKey : IEquatable<PreSharedKey>
{
    private readonly string _characters;

    /// <summary>A key from its characters. What a provider allows (8–64 letters, digits, '.' and '_', not starting with 0) is for the rules to say, not for this type.</summary>
    /// <param name="characters">1 to 1,024 characters without control characters, quotes or backslashes.</param>
    /// <exception cref="ArgumentException">The text cannot be a key. The message does not hold it.</exception>
    public PreSharedKey(string characters)
    {
        if (!IsUsable(characters)) throw new ArgumentException("A pre-shared key has 1 to 1,024 printable characters without quotes or backslashes.", nameof(characters));
        _characters = characters;
    }

    /// <summary>Number of characters.</summary>
    public int Length => _characters.Length;

    /// <summary>Whether a text can be a key at all: 1 to 1,024 printable ASCII characters, none of them a quote, a backslash or a space.</summary>
    /// <param name="characters">The text.</param>
    public static bool IsUsable(ReadOnlySpan<char> characters)
    {
        if (characters.Length is 0 or > 1024) return false;
        foreach (var c in characters)
        {
            if (c is <= ' ' or > '~' or '"' or '\\' or '\'') return false;
        }

        return true;
    }

    /// <summary>A new random key of letters, digits, '.' and '_' that does not start with 0 (about 6 bits a character).</summary>
    /// <param name="length">Characters, 8 to 64; 32 is the service's default.</param>
    public static PreSharedKey Generate(int length = 32)
    {
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 8);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 64);
        string key;
        do key = RandomNumberGenerator.GetString(alphabet, length);
        while (key[0] == '0');
        return new PreSharedKey(key);
    }

    /// <summary>The characters. Call it only where the key is handed to a daemon, a file of mode 0600, or a person who asked for it.</summary>
    public string Reveal() => _characters;

    /// <summary>Compares in constant time.</summary>
    /// <param name="other">The other key.</param>
    public bool Equals(PreSharedKey? other) =>
        other is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(_characters), Encoding.UTF8.GetBytes(other._characters));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PreSharedKey);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(_characters);

    /// <summary>Dots and the length: "•••• (32 characters)".</summary>
    public override string ToString() => $"•••• ({Length} characters)";
}
