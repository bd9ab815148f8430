using Tunnelwright.Linux.Native;

namespace Tunnelwright.Linux;

/// <summary>What this kernel can do for IPsec, found by trying.</summary>
/// <param name="AesCbcSha1">Whether an ESP state with AES-CBC and HMAC-SHA1 can be installed.</param>
/// <param name="AesGcm">Whether an ESP state with AES-GCM-16 (RFC 4106) can be installed.</param>
/// <param name="XfrmInterfaces">Whether XFRM interfaces can be made.</param>
/// <param name="Words">What the kernel said to what it refused, one text for each; empty when it has everything.</param>
public sealed record KernelEspSupport(bool AesCbcSha1, bool AesGcm, bool XfrmInterfaces, IReadOnlyList<string> Words)
{
    /// <summary>Whether tunnels can run in the kernel: ESP with AES-CBC/SHA1 and XFRM interfaces. GCM is welcome but not needed.</summary>
    public bool IsComplete => AesCbcSha1 && XfrmInterfaces;

    /// <inheritdoc/>
    public bool Equals(KernelEspSupport? other)
        => other is not null && AesCbcSha1 == other.AesCbcSha1 && AesGcm == other.AesGcm && XfrmInterfaces == other.XfrmInterfaces
            && Words.SequenceEqual(other.Words);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(AesCbcSha1, AesGcm, XfrmInterfaces, Words.Count);
}

/// <summary>Finds out whether this kernel has ESP and XFRM interfaces.</summary>
public static class KernelEsp
{
    private const string State = "xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x{0} reqid 1 mode tunnel ";

    // Keys that protect nothing: the namespace never sends a packet.
    private static readonly string CbcSha1 = string.Format(
        State + "enc cbc(aes) 0x{1} auth-trunc hmac(sha1) 0x{2} 96\n", "1001", new string('1', 32), new string('2', 40));

    private static readonly string Gcm = string.Format(
        State + "aead rfc4106(gcm(aes)) 0x{1} 128\n", "1002", new string('3', 40));

    private const string Interface = "link add name probe type xfrm if_id 1\n";

    /// <summary>
    /// Tries it in a network namespace without a name that only one thread is in and that is gone afterwards; the host's own is not touched.
    /// Takes a few milliseconds.
    /// </summary>
    /// <exception cref="KernelException">No namespace can be made (EPERM when we are not root).</exception>
    /// <exception cref="ProgramMissingException">ip is not installed.</exception>
    public static Task<KernelEspSupport> ProbeAsync(CancellationToken cancellationToken = default)
        => NamespaceThread.RunAsync(null, () =>
        {
            LibC.Check(LibC.Unshare(LibC.CloneNewNetwork), "make a network namespace");
            var words = new List<string>();
            return new KernelEspSupport(
                Try("ESP with AES-CBC and SHA1", CbcSha1, words, cancellationToken),
                Try("ESP with AES-GCM", Gcm, words, cancellationToken),
                Try("XFRM interface", Interface, words, cancellationToken),
                words);
        });

    private static bool Try(string what, string line, List<string> words, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var options = CommandOptions.Default with { StandardInput = line, ThrowOnFailure = false };
        var (exitCode, _, error, _) = CommandExecution.Run("ip", ["-batch", "-"], options, cancellationToken);
        if (exitCode == 0)
            return true;
        words.Add($"{what}: {KernelErrors.Read(error).Words}");
        return false;
    }
}
