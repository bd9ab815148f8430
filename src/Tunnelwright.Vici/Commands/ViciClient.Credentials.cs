namespace Tunnelwright.Vici;

public sealed partial class ViciClient
{
    /// <summary>Loads a certificate (<c>load-cert</c>).</summary>
    /// <param name="type">The kind: X509, attribute certificate or revocation list.</param>
    /// <param name="use">What it is for, for X.509.</param>
    /// <param name="data">The certificate in PEM or DER, at most 65,535 bytes.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task LoadCertificateAsync(
        ViciCertificateType type, ViciCertificateUse use, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) =>
        RequestAsync(
            "load-cert", new ViciSection { { "type", Wire(type) }, { "flag", Wire(use) }, { "data", data.Span } }, cancellationToken);

    /// <summary>Loads a private key (<c>load-key</c>).</summary>
    /// <param name="type">The kind.</param>
    /// <param name="data">The key in PEM or DER, not encrypted, at most 65,535 bytes.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <returns>The identifier of the key: the SHA-1 of the public key, in hexadecimal.</returns>
    public async Task<string> LoadKeyAsync(
        ViciPrivateKeyType type, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        var arguments = new ViciSection { { "type", Wire(type) }, { "data", data.Span } };
        return (await RequestAsync("load-key", arguments, cancellationToken)).GetText("id") ?? "";
    }

    /// <summary>Unloads a private key by its identifier (<c>unload-key</c>).</summary>
    /// <exception cref="ViciCommandFailedException">There is no such key.</exception>
    public Task UnloadKeyAsync(string id, CancellationToken cancellationToken = default) =>
        RequestAsync("unload-key", new ViciSection { { "id", id } }, cancellationToken);

    /// <summary>The identifiers of the private keys that were loaded over VICI (<c>get-keys</c>).</summary>
    public Task<IReadOnlyList<string>> GetKeyIdsAsync(CancellationToken cancellationToken = default) =>
        GetNamesAsync("get-keys", "keys", cancellationToken);

    /// <summary>Makes a private key on a token usable (<c>load-token</c>; needs the pkcs11 or tpm plugin).</summary>
    /// <param name="handle">The CKA_ID of the key, in hexadecimal.</param>
    /// <param name="slot">The slot, or null for any.</param>
    /// <param name="module">The PKCS#11 module, or null for any.</param>
    /// <param name="pin">The PIN, when it is not given by other means.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <returns>The identifier of the key: the SHA-1 of the public key, in hexadecimal.</returns>
    public async Task<string> LoadTokenAsync(
        string handle, int? slot = null, string? module = null, string? pin = null, CancellationToken cancellationToken = default)
    {
        var arguments = new ViciSection { { "handle", handle } };
        arguments.AddOptional("slot", slot);
        arguments.AddOptional("module", module);
        arguments.AddOptional("pin", pin);
        return (await RequestAsync("load-token", arguments, cancellationToken)).GetText("id") ?? "";
    }

    /// <summary>Loads a shared secret, in place of one with the same identifier (<c>load-shared</c>).</summary>
    /// <param name="type">The kind.</param>
    /// <param name="data">The secret itself, at most 65,535 bytes.</param>
    /// <param name="owners">
    /// The identities that it belongs to. For an IKE key name the peer's identity only: with the local one among them, which all keys
    /// share, the daemon tries every key for every peer. With none it belongs to anybody.
    /// </param>
    /// <param name="id">An identifier to unload it by.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task LoadSharedAsync(
        ViciSharedKeyType type,
        ReadOnlyMemory<byte> data,
        IEnumerable<string> owners,
        string? id = null,
        CancellationToken cancellationToken = default)
    {
        var arguments = new ViciSection { { "type", Wire(type) }, { "data", data.Span }, { "owners", owners } };
        arguments.AddOptional("id", id);
        return RequestAsync("load-shared", arguments, cancellationToken);
    }

    /// <summary>Unloads a shared secret by its identifier; an unknown one is no error to the daemon (<c>unload-shared</c>).</summary>
    public Task UnloadSharedAsync(string id, CancellationToken cancellationToken = default) =>
        RequestAsync("unload-shared", new ViciSection { { "id", id } }, cancellationToken);

    /// <summary>The identifiers of the shared secrets that were loaded over VICI with one (<c>get-shared</c>).</summary>
    public Task<IReadOnlyList<string>> GetSharedIdsAsync(CancellationToken cancellationToken = default) =>
        GetNamesAsync("get-shared", "keys", cancellationToken);

    /// <summary>Empties the cache of certificates, such as revocation lists (<c>flush-certs</c>).</summary>
    public Task FlushCertificatesAsync(ViciCertificateType type = ViciCertificateType.Any, CancellationToken cancellationToken = default) =>
        RequestAsync("flush-certs", new ViciSection { { "type", Wire(type) } }, cancellationToken);

    /// <summary>Unloads all certificates, keys and secrets that were loaded over VICI (<c>clear-creds</c>).</summary>
    public Task ClearCredentialsAsync(CancellationToken cancellationToken = default) =>
        RequestAsync("clear-creds", arguments: null, cancellationToken);

    private static string Wire(ViciCertificateType type) => type switch
    {
        ViciCertificateType.Any => "ANY",
        ViciCertificateType.X509 => "X509",
        ViciCertificateType.X509AttributeCertificate => "X509_AC",
        ViciCertificateType.X509RevocationList => "X509_CRL",
        ViciCertificateType.OcspResponse => "OCSP_RESPONSE",
        ViciCertificateType.PublicKey => "PUBKEY",
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    private static string Wire(ViciCertificateUse use) => use switch
    {
        ViciCertificateUse.Any => "ANY",
        ViciCertificateUse.None => "NONE",
        ViciCertificateUse.CertificationAuthority => "CA",
        ViciCertificateUse.AttributeAuthority => "AA",
        ViciCertificateUse.OcspSigner => "OCSP",
        _ => throw new ArgumentOutOfRangeException(nameof(use)),
    };

    private static string Wire(ViciPrivateKeyType type) => type switch
    {
        ViciPrivateKeyType.Any => "any",
        ViciPrivateKeyType.Rsa => "rsa",
        ViciPrivateKeyType.Ecdsa => "ecdsa",
        ViciPrivateKeyType.Ed25519 => "ed25519",
        ViciPrivateKeyType.Ed448 => "ed448",
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    private static string Wire(ViciSharedKeyType type) => type switch
    {
        ViciSharedKeyType.Ike => "IKE",
        ViciSharedKeyType.Eap => "EAP",
        ViciSharedKeyType.Xauth => "XAUTH",
        ViciSharedKeyType.Ntlm => "NTLM",
        ViciSharedKeyType.PostQuantum => "PPK",
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };
}
