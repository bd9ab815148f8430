using System.Net;
using Tunnelwright.Dns.Configuration;

namespace Tunnelwright.Dns.Lookup;

/// <summary>The servers that this host's programs ask (resolv.conf(5)).</summary>
public static class SystemResolvers
{
    private const string File = "/etc/resolv.conf";

    /// <summary>Reads them.</summary>
    /// <returns>In the order of the file; 127.0.0.1 when it names none, as the C library does.</returns>
    public static IReadOnlyList<IPEndPoint> Read()
    {
        try
        {
            return Parse(System.IO.File.ReadAllLines(File));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return Parse([]);
        }
    }

    internal static IReadOnlyList<IPEndPoint> Parse(IEnumerable<string> lines)
    {
        var servers = new List<IPEndPoint>();
        foreach (var line in lines)
        {
            var words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words is ["nameserver", var address, ..] && ForwarderOptionsReader.TryEndPoint(address, ForwarderOptions.DefaultPort, out var endPoint)) servers.Add(endPoint);
        }

        return servers.Count > 0 ? servers : [new IPEndPoint(IPAddress.Loopback, ForwarderOptions.DefaultPort)];
    }
}
