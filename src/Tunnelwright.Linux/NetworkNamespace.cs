using System.Globalization;
using Tunnelwright.Linux.Native;

namespace Tunnelwright.Linux;

/// <summary>
/// A network namespace: a named one (a file in /run/netns, ip-netns(8)) or, with no name, the one that this process is in. A socket stays for
/// ever in the namespace of the thread that made it.
/// </summary>
public sealed class NetworkNamespace : IEquatable<NetworkNamespace>
{
    private const int LongestName = 200;

    /// <summary>Names a namespace; it need not exist.</summary>
    /// <param name="name">The name, or null for our own.</param>
    /// <exception cref="ArgumentException">The name is empty, too long, or holds a slash or a control character.</exception>
    public NetworkNamespace(string? name)
    {
        if (name is not null)
            CheckName(name);
        Name = name;
    }

    /// <summary>The namespace that this process is in.</summary>
    public static NetworkNamespace Current { get; } = new(null);

    /// <summary>The name, or null for our own namespace.</summary>
    public string? Name { get; }

    /// <summary>Whether it exists now.</summary>
    public bool Exists => Name is null || File.Exists($"{NamespaceThread.Folder}/{Name}");

    /// <summary>Makes a namespace with its loopback interface up. One that exists stays as it is.</summary>
    /// <exception cref="KernelException">The kernel refused (EPERM when we are not root).</exception>
    public static async Task<NetworkNamespace> CreateAsync(string name, CancellationToken cancellationToken = default)
    {
        var made = new NetworkNamespace(name);
        if (!await TryAddAsync(name, cancellationToken) && !await CanEnterAsync(name))
        {
            // A file without a namespace mounted on it: left by a reboot or by a process that was killed half-way.
            await DeleteAsync(name, cancellationToken);
            await TryAddAsync(name, cancellationToken);
        }

        await new IpTool(made).SetLinkAsync("lo", new LinkChange { Up = true }, cancellationToken);
        return made;
    }

    /// <summary>Takes the name away; the namespace goes with its last process and socket. An absent one is fine.</summary>
    /// <exception cref="KernelException">The kernel refused.</exception>
    public static async Task DeleteAsync(string name, CancellationToken cancellationToken = default)
    {
        CheckName(name);
        try
        {
            await IpTool.RunIpAsync(null, ["netns", "delete", name], null, cancellationToken);
        }
        catch (KernelException exception) when (exception.ErrorNumber == KernelErrors.NoEntry)
        {
            // Already gone.
        }
    }

    /// <summary>The same for many, with one process.</summary>
    /// <exception cref="BatchFailedException">The kernel refused.</exception>
    public static async Task DeleteAsync(IReadOnlyList<string> names, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(names);
        foreach (var name in names) CheckName(name);
        var refused = await new IpTool(Current).TryBatchAsync(names.Select(name => new[] { "netns", "delete", name }), cancellationToken);
        if (refused.FirstOrDefault(one => one.ErrorNumber != KernelErrors.NoEntry) is { } refusal) throw refusal;
    }

    /// <summary>The names of all named namespaces, sorted.</summary>
    public static Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string[] names = [];
        try
        {
            names = [.. Directory.EnumerateFileSystemEntries(NamespaceThread.Folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
        }
        catch (DirectoryNotFoundException)
        {
            // No namespace was ever named on this host.
        }

        return Task.FromResult<IReadOnlyList<string>>(names);
    }

    /// <summary>The processes in some named namespaces, found in one walk over /proc. A name without a namespace has none.</summary>
    /// <param name="names">The namespaces' names.</param>
    /// <returns>Process ids, in no order.</returns>
    public static IReadOnlyList<int> ProcessesIn(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            CheckName(name);
            if (ProcFiles.Inode($"{NamespaceThread.Folder}/{name}") is { } inode) wanted.Add(string.Create(CultureInfo.InvariantCulture, $"net:[{inode}]"));
        }

        // The link says net:[INODE] (namespaces(7)); that of a process that has ended cannot be read.
        return wanted.Count == 0 ? [] : [.. ProcFiles.ProcessIds().Where(pid => ProcFiles.LinkTarget($"/proc/{pid}/ns/net") is { } identity && wanted.Contains(identity))];
    }

    /// <summary>
    /// Runs work on a thread of its own inside the namespace: for making sockets, and for /proc/sys/net and /proc/thread-self/net.
    /// The work must not hop to other threads (no await).
    /// </summary>
    /// <exception cref="KernelException">The namespace is absent or may not be entered (ENOENT, EPERM).</exception>
    public Task<T> RunInsideAsync<T>(Func<T> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return NamespaceThread.RunAsync(Name, work);
    }

    /// <inheritdoc cref="RunInsideAsync{T}(Func{T})"/>
    public Task RunInsideAsync(Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return NamespaceThread.RunAsync(Name, () =>
        {
            work();
            return true;
        });
    }

    /// <summary>Runs a command in this namespace: <see cref="CommandRunner.RunAsync"/> with the namespace filled in.</summary>
    public Task<CommandResult> RunCommandAsync(
        string program, IReadOnlyList<string> arguments, CommandOptions? options = null, CancellationToken cancellationToken = default)
        => CommandRunner.Shared.RunAsync(
            program, arguments, (options ?? CommandOptions.Default) with { NetworkNamespace = Name }, cancellationToken);

    /// <inheritdoc/>
    public bool Equals(NetworkNamespace? other) => other is not null && Name == other.Name;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as NetworkNamespace);

    /// <inheritdoc/>
    public override int GetHashCode() => Name?.GetHashCode(StringComparison.Ordinal) ?? 0;

    /// <inheritdoc/>
    public override string ToString() => Name ?? "(own)";

    internal static void CheckName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Length > LongestName || name is "." or ".." || name[0] == '-' || name.Any(character => character is '/' || char.IsControl(character)))
            throw new ArgumentException($"'{name}' cannot name a network namespace.", nameof(name));
    }

    private static async Task<bool> TryAddAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            await IpTool.RunIpAsync(null, ["netns", "add", name], null, cancellationToken);
            return true;
        }
        catch (KernelException exception) when (exception.ErrorNumber == KernelErrors.Exists)
        {
            return false;
        }
    }

    private static async Task<bool> CanEnterAsync(string name)
    {
        try
        {
            return await NamespaceThread.RunAsync(name, () => true);
        }
        catch (KernelException exception) when (exception.ErrorNumber == KernelErrors.Invalid)
        {
            return false;
        }
    }
}
