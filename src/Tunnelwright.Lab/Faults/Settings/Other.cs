using Tunnelwright.Model;

namespace Tunnelwright.Lab.Faults;

/// <summary>A value that differs from the one in use and is as strong.</summary>
internal static class Other
{
    public static EncryptionAlgorithm Encryption(EncryptionAlgorithm used) => used switch
    {
        EncryptionAlgorithm.Aes128 => EncryptionAlgorithm.Aes256,
        EncryptionAlgorithm.Aes256 => EncryptionAlgorithm.Aes128,
        EncryptionAlgorithm.Aes128Gcm16 => EncryptionAlgorithm.Aes256Gcm16,
        _ => EncryptionAlgorithm.Aes128Gcm16,
    };

    public static DhGroup Group(DhGroup? used) => used == new DhGroup(15) ? new DhGroup(14) : new DhGroup(15);
}
