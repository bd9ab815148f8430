using System.Globalization;
using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>What a device offers and how it spells it. What is not in a table is not offered.</summary>
/// <param name="Device">The device's name, as errors say it.</param>
internal sealed record DeviceAlgorithms(string Device)
{
    /// <summary>Phase 1 encryption.</summary>
    public required IReadOnlyDictionary<EncryptionAlgorithm, string> IkeEncryption { get; init; }

    /// <summary>Phase 2 encryption.</summary>
    public required IReadOnlyDictionary<EncryptionAlgorithm, string> EspEncryption { get; init; }

    /// <summary>Phase 1 integrity, and the hash of the pseudo-random function.</summary>
    public required IReadOnlyDictionary<IntegrityAlgorithm, string> IkeIntegrity { get; init; }

    /// <summary>Phase 2 integrity.</summary>
    public required IReadOnlyDictionary<IntegrityAlgorithm, string> EspIntegrity { get; init; }

    /// <summary>Phase 1 Diffie-Hellman groups by IANA number.</summary>
    public required IReadOnlyDictionary<int, string> IkeGroups { get; init; }

    /// <summary>Groups of perfect forward secrecy by IANA number.</summary>
    public required IReadOnlyDictionary<int, string> PfsGroups { get; init; }

    /// <summary>Phase 1 integrity with IKEv1, where that is less than with IKEv2.</summary>
    public IReadOnlyDictionary<IntegrityAlgorithm, string>? Ikev1Integrity { get; init; }

    /// <summary>Phase 2 integrity with IKEv1, where that is less than with IKEv2.</summary>
    public IReadOnlyDictionary<IntegrityAlgorithm, string>? Ikev1EspIntegrity { get; init; }

    /// <summary>Phase 1 groups with IKEv1, where those are less than with IKEv2.</summary>
    public IReadOnlyDictionary<int, string>? Ikev1Groups { get; init; }

    /// <summary>Whether phase 2 may be an AEAD with IKEv1.</summary>
    public bool AeadWithIkev1 { get; init; } = true;

    /// <summary>The longest pre-shared key in characters.</summary>
    public int LongestKey { get; init; } = 64;

    /// <summary>Groups that are all spelt alike.</summary>
    /// <param name="format">The spelling, with {0} for the number.</param>
    /// <param name="numbers">The groups.</param>
    public static IReadOnlyDictionary<int, string> Groups(string format, params int[] numbers) =>
        numbers.ToDictionary(number => number, number => string.Format(CultureInfo.InvariantCulture, format, number));

    /// <summary>SHA-1, SHA2-256, SHA2-384 and SHA2-512 in that order; fewer spellings leave the later ones out.</summary>
    public static IReadOnlyDictionary<IntegrityAlgorithm, string> Sha(params string[] spellings) =>
        Enumerable.Range(0, spellings.Length).ToDictionary(index => IntegrityAlgorithm.Sha1 + index, index => spellings[index]);

    /// <summary>AES-CBC with 128 and 256 bits, then AES-GCM with 128 and 256 bits; fewer spellings leave the later ones out.</summary>
    public static IReadOnlyDictionary<EncryptionAlgorithm, string> Aes(params string[] spellings)
    {
        EncryptionAlgorithm[] order = [EncryptionAlgorithm.Aes128, EncryptionAlgorithm.Aes256, EncryptionAlgorithm.Aes128Gcm16, EncryptionAlgorithm.Aes256Gcm16];
        return Enumerable.Range(0, spellings.Length).ToDictionary(index => order[index], index => spellings[index]);
    }

    /// <summary>A tunnel's algorithms in the device's words.</summary>
    /// <exception cref="WriterException">The device does not offer one of them; the message names it and what the device offers.</exception>
    public DeviceProposals Of(Tunnel tunnel)
    {
        var (ike, esp, v1) = (tunnel.Ike.Proposal, tunnel.Ipsec.Proposal, tunnel.Ike.Version == IkeVersion.V1);
        if (v1 && ike.Encryption.IsAead()) throw new WriterException($"Tunnel {tunnel.Number} wants {ike.Encryption.Name()} in phase 1 of IKEv1, which {Device} does not offer.", Hint("IKEv2, or an AES-CBC cipher for phase 1"));
        if (v1 && esp.Encryption.IsAead() && !AeadWithIkev1) throw Missing(tunnel, "phase 2", $"{esp.Encryption.Name()} with IKEv1", "IKEv2, or an AES-CBC cipher");
        var hashes = v1 ? Ikev1Integrity ?? IkeIntegrity : IkeIntegrity;
        var espHashes = v1 ? Ikev1EspIntegrity ?? EspIntegrity : EspIntegrity;
        return new DeviceProposals(
            Pick(IkeEncryption, ike.Encryption, tunnel, "phase 1", algorithm => algorithm.Name()),
            ike.Encryption.IsAead() ? null : Pick(hashes, Integrity(ike.Integrity, tunnel, "phase 1", ike.Encryption), tunnel, "phase 1", algorithm => algorithm.Name()),
            Pick(hashes, ike.EffectivePseudoRandomFunction, tunnel, "phase 1", algorithm => algorithm.Name()),
            Pick(v1 ? Ikev1Groups ?? IkeGroups : IkeGroups, ike.Group.Number, tunnel, "phase 1", Group),
            Pick(EspEncryption, esp.Encryption, tunnel, "phase 2", algorithm => algorithm.Name()),
            esp.Encryption.IsAead() ? null : Pick(espHashes, Integrity(esp.Integrity, tunnel, "phase 2", esp.Encryption), tunnel, "phase 2", algorithm => algorithm.Name()),
            esp.PfsGroup is { } pfs ? Pick(PfsGroups, pfs.Number, tunnel, "perfect forward secrecy", Group) : null);
    }

    private static string Group(int number) => $"Diffie-Hellman group {number}";

    private static IntegrityAlgorithm Integrity(IntegrityAlgorithm? integrity, Tunnel tunnel, string phase, EncryptionAlgorithm encryption) =>
        integrity ?? throw new WriterException($"Tunnel {tunnel.Number}, {phase}, has no integrity algorithm, which {encryption.Name()} needs.");

    private static string Hint(string alternative) => $"ask for a connection with {alternative}";

    private string Pick<T>(IReadOnlyDictionary<T, string> offered, T wanted, Tunnel tunnel, string phase, Func<T, string> name)
        where T : notnull => offered.TryGetValue(wanted, out var spelling) ? spelling : throw Missing(tunnel, phase, name(wanted), string.Join(", ", offered.Keys.Select(name)));

    private WriterException Missing(Tunnel tunnel, string phase, string what, string offered) =>
        new($"Tunnel {tunnel.Number} wants {what} for {phase}, which {Device} does not offer.", Hint(offered.Contains(", ", StringComparison.Ordinal) ? $"one of {offered}" : offered));
}

/// <summary>A tunnel's algorithms in a device's words.</summary>
/// <param name="IkeEncryption">Phase 1 encryption.</param>
/// <param name="IkeIntegrity">Phase 1 integrity; null with an AEAD.</param>
/// <param name="Prf">The hash of the pseudo-random function.</param>
/// <param name="IkeGroup">Phase 1 group.</param>
/// <param name="EspEncryption">Phase 2 encryption.</param>
/// <param name="EspIntegrity">Phase 2 integrity; null with an AEAD.</param>
/// <param name="PfsGroup">Group of perfect forward secrecy; null without it.</param>
internal sealed record DeviceProposals(string IkeEncryption, string? IkeIntegrity, string Prf, string IkeGroup, string EspEncryption, string? EspIntegrity, string? PfsGroup);
