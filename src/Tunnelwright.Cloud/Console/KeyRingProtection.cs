using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Tunnelwright.Cloud;

/// <summary>Protects the tokens of forms with the service's own ring, which all replicas share.</summary>
internal sealed class KeyRingProtection(KeyRing keys, string purpose) : IDataProtector
{
    public IDataProtector CreateProtector(string purpose1) => new KeyRingProtection(keys, $"{purpose}/{purpose1}");

    public byte[] Protect(byte[] plaintext) => keys.Seal(Convert.ToBase64String(plaintext), purpose);

    /// <exception cref="CryptographicException">It is not what <see cref="Protect"/> gave.</exception>
    public byte[] Unprotect(byte[] protectedData)
    {
        try
        {
            return Convert.FromBase64String(keys.Open(protectedData, purpose));
        }
        catch (StoreException problem)
        {
            throw new CryptographicException("not a token of this service", problem);
        }
    }
}
