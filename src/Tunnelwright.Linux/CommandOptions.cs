namespace Tunnelwright.Linux;

/// <summary>How a command is to be run. The defaults fit a short question to the kernel.</summary>
public sealed record CommandOptions
{
    /// <summary>The defaults: empty input, 10 s, our own namespace, a failure throws.</summary>
    public static CommandOptions Default { get; } = new();

    /// <summary>Text for standard input (UTF-8). It travels in memory only, so secrets may be given here. Null means /dev/null.</summary>
    public string? StandardInput { get; init; }

    /// <summary>After this time the command is killed. Default 10 s; <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> means never.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Name of the network namespace to run in (a file in /run/netns), or null for our own. It is entered with setns(2): as with
    /// <c>ip netns exec</c>, but /sys keeps showing our own namespace and /etc/netns is not looked at.
    /// </summary>
    public string? NetworkNamespace { get; init; }

    /// <summary>Whether an exit status other than zero throws <see cref="CommandFailedException"/>. Default true.</summary>
    public bool ThrowOnFailure { get; init; } = true;

    /// <summary>Variables added to our own environment for the command; a null value takes one away. LC_ALL is C unless said otherwise here.</summary>
    public IReadOnlyDictionary<string, string?>? Environment { get; init; }

    /// <summary>Folder to run in, or null for our own.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Most bytes of output that are accepted; more and the command is killed. Default 64 MiB for standard output and error together.</summary>
    public int OutputLimit { get; init; } = 64 * 1024 * 1024;

    // The input may hold secrets: it stays out of the text form.
    private bool PrintMembers(System.Text.StringBuilder builder)
    {
        builder.Append("Timeout = ").Append(Timeout).Append(", NetworkNamespace = ").Append(NetworkNamespace);
        return true;
    }
}
