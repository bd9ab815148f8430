namespace Tunnelwright.Linux;

/// <summary>Guards on the names that go into command lines.</summary>
internal static class LinkNames
{
    private const int Longest = 15;

    /// <summary>Hands the name back when the kernel would take it (dev_valid_name in net/core/dev.c).</summary>
    internal static string Check(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (System.Text.Encoding.UTF8.GetByteCount(name) > Longest || name is "." or ".."
            || name.Any(character => character is '/' or ':' or '"' or '\'' or '#' or '\\' || char.IsWhiteSpace(character) || char.IsControl(character)))
            throw new ArgumentException($"'{name}' cannot name a link.", nameof(name));
        return name;
    }

    /// <summary>What <c>ip link … netns</c> takes: a name, or our own process id for our own namespace.</summary>
    internal static string NamespaceArgument(NetworkNamespace target)
        => target.Name is { } name ? name : $"{Environment.ProcessId}";
}
