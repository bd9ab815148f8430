using System.Net;
using Microsoft.AspNetCore.HttpOverrides;

namespace Tunnelwright.Cloud;

/// <summary>
/// Proxies whose word about a caller's address and scheme counts (X-Forwarded-For, X-Forwarded-Proto). The list of addresses is read from its end as far as
/// the proxies are trusted, so that nobody chooses an address: what a client wrote itself stands before the address that the first proxy saw.
/// </summary>
internal static class Proxies
{
    /// <summary>What is no address and no range in a list.</summary>
    /// <param name="text">Addresses and ranges, separated by commas.</param>
    public static IEnumerable<string> Wrong(string text) => Items(text).Where(item => !IPAddress.TryParse(item, out _) && !System.Net.IPNetwork.TryParse(item, out _));

    /// <summary>The middleware's settings: these proxies and no other, this host neither.</summary>
    /// <param name="text">Addresses and ranges without a wrong one.</param>
    public static ForwardedHeadersOptions Read(string text)
    {
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var item in Items(text))
        {
            if (IPAddress.TryParse(item, out var address)) options.KnownProxies.Add(address);
            else options.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(item));
        }

        return options;
    }

    private static string[] Items(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
