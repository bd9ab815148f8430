namespace Tunnelwright.Formats;

/// <summary>CoreDNS (coredns.io, plugins "forward" and "cache").</summary>
internal sealed class CoreDnsNames : INameWriter
{
    /// <summary>Seconds that CoreDNS keeps an answer at most; addresses change.</summary>
    private const int LongestCaching = 30;

    /// <summary>Most servers that the plugin takes.</summary>
    private const int MostServers = 15;

    public string Name => "coredns";

    public string Description => "CoreDNS: a server block for the Corefile";

    public string Write(ForwardedNames names) => names.Servers.Count > MostServers
        ? throw new NotSupportedException($"CoreDNS forwards to at most {MostServers} servers")
        : NameWriters.Lines(
        [
            "# A server block for the Corefile, beside the one for all other names; CoreDNS passes whole answers on.",
            $"{string.Join(' ', names.Domains)} {{",
            $"    forward . {string.Join(' ', names.Servers)}",
            $"    cache {LongestCaching}",
            "    errors",
            "}",
        ]);
}
