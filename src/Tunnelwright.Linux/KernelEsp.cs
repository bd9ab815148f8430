using Tunnelwright.Linux.Native;

namespace Tunnelwright.Linux;

/// <summary>What this kernel can do for IPsec, found by trying.</summary>
/// <param name="AesCbcSha1">Whether an ESP state with AES-CBC and HMAC-SHA1 can be installed.</param>
/// <param name="XfrmInterfaces">Whether XFRM interfaces can be made.</param>
/// <param name="Words">What the kernel said to what it refused, one text for each; empty when it has everything.</param>
public sealed record KernelEspSupport(bool AesCbcSha1, bool XfrmInterfaces, IReadOnlyList<string> Words)
{
    /// <summary>Whether tunnels can run in the kernel.</summary>
    public bool IsComplete => AesCbcSha1 && XfrmInterfaces;

    /// <inheritdoc/>
    public bool Equals(KernelEspSupport? other)
        => other is not null && AesCbcSha1 == other.AesCbcSha1 && XfrmInterfaces == other.XfrmInterfaces && Words.SequenceEqual(other.Words);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(AesCbcSha1, XfrmInterfaces, Words.Count);
}

/// <summary>Finds out whether this kernel has ESP and XFRM interfaces.</summary>
public static class KernelEsp
{
    // The interface comes first: ip ends at the first state that is refused, also when it is told to go on. The keys protect nothing: the
    // namespace never sends a packet.
    private const string Batch =
        "link add name probe type xfrm if_id 1\n"
        + "xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1001 reqid 1 mode tunnel"
        + " enc cbc(aes) 0x11111111111111111111111111111111 auth-trunc hmac(sha1) 0x2222222222222222222222222222222222222222 96\n";

    private const string InterfaceRefused = "Command failed -:1";

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
            cancellationToken.ThrowIfCancellationRequested();
            var options = CommandOptions.Default with { StandardInput = Batch, ThrowOnFailure = false };
            var (exitCode, _, error, _) = CommandExecution.Run("ip", ["-force", "-batch", "-"], options, cancellationToken);
            return exitCode == 0 ? new KernelEspSupport(true, true, []) : ReadRefusals(error);
        });

    /// <summary>What was refused, from the words that ip wrote: those for the interface end with the number of its line.</summary>
    internal static KernelEspSupport ReadRefusals(string error)
    {
        var mark = error.IndexOf(InterfaceRefused, StringComparison.Ordinal);
        var words = new List<string>();
        if (mark >= 0) words.Add($"XFRM interface: {KernelErrors.Read(error[..mark]).Words}");
        var rest = KernelErrors.Read(mark < 0 ? error : error[(mark + InterfaceRefused.Length)..]).Words;
        if (rest.Length > 0) words.Add($"ESP with AES-CBC and SHA1: {rest}");
        return new KernelEspSupport(rest.Length == 0, mark < 0, words);
    }
}
