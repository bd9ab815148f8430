using System.Collections.Frozen;

namespace Tunnelwright.Linux;

/// <summary>A program that is needed is not installed.</summary>
public sealed class ProgramMissingException : Exception
{
    private static readonly FrozenDictionary<string, string> Packages = new Dictionary<string, string>
    {
        ["ip"] = "iproute2",
        ["tc"] = "iproute2",
        ["ss"] = "iproute2",
        ["nft"] = "nftables",
        ["bird"] = "bird2",
        ["birdc"] = "bird2",
        ["charon"] = "strongswan-charon",
        ["charon-systemd"] = "charon-systemd",
        ["swanctl"] = "strongswan-swanctl",
        ["ping"] = "iputils-ping",
        ["conntrack"] = "conntrack",
        ["tcpdump"] = "tcpdump",
        ["dnsmasq"] = "dnsmasq-base",
        ["iperf3"] = "iperf3",
        ["traceroute"] = "traceroute",
    }.ToFrozenDictionary();

    /// <summary>Makes the error for a program's name or path.</summary>
    public ProgramMissingException(string program)
        : base(PackageOf(program) is { } package
            ? $"{Path.GetFileName(program)} is not installed; it comes with the Debian package {package}."
            : $"{program} is not installed.")
    {
        Program = Path.GetFileName(program);
        DebianPackage = PackageOf(program);
    }

    /// <summary>The program's name, without its folder.</summary>
    public string Program { get; }

    /// <summary>The Debian package that brings the program, or null when it is not one that is known here.</summary>
    public string? DebianPackage { get; }

    private static string? PackageOf(string program) => Packages.GetValueOrDefault(Path.GetFileName(program));
}
