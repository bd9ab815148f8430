using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>Domains whose names somebody else's DNS software is to ask certain servers for.</summary>
/// <param name="Domains">The domains, such as cloud.example: letters, digits, '-', '_' and '.', without a dot at the end.</param>
/// <param name="Servers">The servers, in the order in which they are to be asked where the software keeps one.</param>
public sealed record ForwardedNames(ValueList<string> Domains, ValueList<Ipv4EndPoint> Servers);

/// <summary>Writes conditional forwarding for one DNS software.</summary>
public interface INameWriter
{
    /// <summary>The software's name on the command line.</summary>
    string Name { get; }

    /// <summary>What it writes, in a few words.</summary>
    string Description { get; }

    /// <summary>The configuration, with notes for its reader as comments. Lines end with a line feed.</summary>
    /// <param name="names">What is to be forwarded.</param>
    /// <exception cref="NotSupportedException">The software cannot do it; the message says what and why.</exception>
    string Write(ForwardedNames names);
}

/// <summary>Every writer, in the order of the list.</summary>
public static class NameWriters
{
    /// <summary>The port of DNS.</summary>
    internal const int DnsPort = 53;

    /// <summary>The writers.</summary>
    public static IReadOnlyList<INameWriter> All { get; } =
    [
        new BindNames(), new UnboundNames(), new DnsmasqNames(), new ResolvedNames(), new CoreDnsNames(), new PowerDnsRecursorNames(), new WindowsNames(), new Route53Template(), new Route53Script(),
    ];

    /// <summary>The writer of a name; null when there is none.</summary>
    /// <param name="name">The name; case does not count.</param>
    public static INameWriter? Find(string name) => All.FirstOrDefault(writer => writer.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Lines with a line feed at the end of each.</summary>
    internal static string Lines(IEnumerable<string> lines) => string.Concat(lines.Select(line => line + "\n"));
}
