using Tunnelwright.Linux.Native;

namespace Tunnelwright.Linux;

/// <summary>Kernel settings below /proc/sys, as one network namespace sees them (only net.* differs between namespaces).</summary>
/// <param name="networkNamespace">The namespace to work in.</param>
public sealed class Sysctl(NetworkNamespace networkNamespace)
{
    private const string Root = "/proc/sys/";

    /// <summary>The namespace it works in.</summary>
    public NetworkNamespace Namespace { get; } = networkNamespace;

    /// <summary>Reads a setting.</summary>
    /// <param name="name">
    /// Dotted (<c>net.ipv4.ip_forward</c>) or slashed (<c>net/ipv4/conf/eth0.100/rp_filter</c>). As in sysctl(8) the first separator decides:
    /// in a slashed name a dot is a dot, in a dotted name a slash stands for a dot (<c>net.ipv4.conf.eth0/100.rp_filter</c>).
    /// </param>
    /// <returns>The value without the line end.</returns>
    /// <exception cref="KernelException">There is no such setting (ENOENT), it cannot be read (EACCES, EPERM), or the namespace is absent.</exception>
    public string Get(string name)
    {
        var path = PathOf(name);
        return Inside(() => Read(name, path));
    }

    /// <summary>Reads a setting, or gives null when this kernel or namespace has none of this name.</summary>
    public string? TryGet(string name)
    {
        try
        {
            return Get(name);
        }
        catch (KernelException exception) when (exception.ErrorNumber == KernelErrors.NoEntry)
        {
            return null;
        }
    }

    /// <summary>Writes a setting.</summary>
    /// <exception cref="KernelException">No such setting (ENOENT), not permitted (EACCES, EPERM, EROFS), or not a value for it (EINVAL).</exception>
    public void Set(string name, string value) => Set(new Dictionary<string, string> { [name] = value });

    /// <summary>Writes several settings in order, entering the namespace once; the first that is refused ends it.</summary>
    /// <exception cref="KernelException">As for one.</exception>
    public void Set(IEnumerable<KeyValuePair<string, string>> values)
    {
        var writes = values.Select(pair => (Name: pair.Key, Path: PathOf(pair.Key), pair.Value)).ToList();
        Inside(() =>
        {
            foreach (var (name, path, value) in writes)
                Write(name, path, value);
            return true;
        });
    }

    internal static string PathOf(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var separator = name.AsSpan().IndexOfAny('.', '/');
        var dotted = separator >= 0 && name[separator] == '.';
        var path = dotted
            ? string.Create(name.Length, name, static (target, source) =>
            {
                for (var index = 0; index < source.Length; index++)
                    target[index] = source[index] switch { '.' => '/', '/' => '.', var other => other };
            })
            : name;
        if (path.Split('/').Any(part => part is "" or "." or "..") || path.Contains('\0'))
            throw new ArgumentException($"'{name}' cannot name a kernel setting.", nameof(name));
        return Root + path;
    }

    private static unsafe string Read(string name, string path)
    {
        var operation = $"read {name}";
        using var file = LibC.Check(LibC.Open(path, LibC.OpenReadOnly | LibC.OpenCloseOnExec, 0), operation);
        var buffer = stackalloc byte[4096];
        var count = LibC.Read(file, buffer, 4096);
        LibC.Check(count, operation);
        return System.Text.Encoding.UTF8.GetString(buffer, (int)count).TrimEnd('\n');
    }

    private static unsafe void Write(string name, string path, string value)
    {
        var operation = $"set {name} to {value}";
        using var file = LibC.Check(LibC.Open(path, LibC.OpenWriteOnly | LibC.OpenCloseOnExec, 0), operation);
        var bytes = System.Text.Encoding.UTF8.GetBytes(value + "\n");
        fixed (byte* start = bytes)
            LibC.Check(LibC.Write(file, start, (nuint)bytes.Length), operation);
    }

    // In our own namespace no thread is needed; elsewhere the answer takes microseconds, so the caller waits for it.
    private T Inside<T>(Func<T> work)
        => Namespace.Name is null ? work() : Namespace.RunInsideAsync(work).GetAwaiter().GetResult();
}
