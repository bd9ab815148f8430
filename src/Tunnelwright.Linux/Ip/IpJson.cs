using System.Globalization;
using System.Text.Json;

namespace Tunnelwright.Linux;

/// <summary>
/// Reads what <c>ip -json -details -N</c> prints. Total: any text ends in records or in one <see cref="UnreadableOutputException"/>;
/// fields that are absent or of another type take their default.
/// </summary>
internal static class IpJson
{
    internal static IReadOnlyList<Link> ReadLinks(string text) => Read("ip link", text, ReadLink);

    internal static IReadOnlyList<InterfaceAddress> ReadAddresses(string text)
        => [.. Read("ip address", text, ReadAddressesOfLink).SelectMany(addresses => addresses)];

    internal static IReadOnlyList<Route> ReadRoutes(string text) => Read("ip route", text, ReadRoute);

    internal static IReadOnlyList<RoutingRule> ReadRules(string text, bool isIPv6)
        => Read("ip rule", text, element => ReadRule(element, isIPv6));

    private static List<T> Read<T>(string source, string text, Func<JsonElement, T?> readOne)
        where T : class
    {
        var found = new List<T>();
        if (string.IsNullOrWhiteSpace(text))
            return found;
        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind != JsonValueKind.Array)
                throw new UnreadableOutputException(source, "it is not a JSON array");
            foreach (var element in document.RootElement.EnumerateArray())
                if (element.ValueKind == JsonValueKind.Object && readOne(element) is { } item)
                    found.Add(item);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException)
        {
            throw new UnreadableOutputException(source, exception.Message, exception);
        }

        return found;
    }

    private static Link? ReadLink(JsonElement element)
    {
        if (Text(element, "ifname") is not { Length: > 0 } name)
            return null;
        var information = Child(element, "linkinfo");
        var kind = information is { } known ? Text(known, "info_kind") : null;
        var details = information is { } holder ? Child(holder, "info_data") : null;
        return new Link
        {
            Index = (int)Number(element, "ifindex", int.MaxValue),
            Name = name,
            Kind = kind ?? "",
            Up = HasFlag(element, "UP"),
            LowerUp = HasFlag(element, "LOWER_UP"),
            Mtu = (int)Number(element, "mtu", int.MaxValue),
            Alias = Text(element, "ifalias"),
            MasterName = Text(element, "master"),
            LowerName = Text(element, "link"),
            IfId = kind == "xfrm" && details is { } data ? (uint)Number(data, "if_id", uint.MaxValue) : null,
            OperState = Text(element, "operstate") ?? "UNKNOWN",
            HardwareAddress = Text(element, "address"),
            Statistics = ReadStatistics(Child(element, "stats64")),
        };
    }

    private static LinkStatistics ReadStatistics(JsonElement? element)
    {
        long Counter(string direction, string name)
            => element is { } all && Child(all, direction) is { } half ? Number(half, name, long.MaxValue) : 0;

        return new LinkStatistics(
            Counter("rx", "bytes"), Counter("rx", "packets"), Counter("rx", "errors"), Counter("rx", "dropped"),
            Counter("tx", "bytes"), Counter("tx", "packets"), Counter("tx", "errors"), Counter("tx", "dropped"));
    }

    private static List<InterfaceAddress>? ReadAddressesOfLink(JsonElement element)
    {
        if (Text(element, "ifname") is not { Length: > 0 } device || List(element, "addr_info") is not { } entries)
            return null;
        var found = new List<InterfaceAddress>();
        foreach (var entry in entries.EnumerateArray())
        {
            if (entry.ValueKind != JsonValueKind.Object || Text(entry, "local") is not { } local)
                continue;
            found.Add(new InterfaceAddress
            {
                Device = device,
                Address = AddressText.Address(local),
                PrefixLength = (int)Number(entry, "prefixlen", 128),
                Peer = Text(entry, "address") is { } peer ? AddressText.Address(peer) : null,
                Scope = Text(entry, "scope") ?? "global",
                Tentative = entry.TryGetProperty("tentative", out _) || entry.TryGetProperty("dadfailed", out _),
            });
        }

        return found;
    }

    private static Route? ReadRoute(JsonElement element)
    {
        if (Text(element, "dst") is not { } destination)
            return null;
        // Only IPv6 routes have a router preference (RFC 4191), and all of them have.
        if (destination == AddressText.Default && element.TryGetProperty("pref", out _))
            destination = "::/0";
        var type = Text(element, "type") is null ? RouteType.Unicast : (RouteType)Number(element, "type", int.MaxValue);
        return new Route(destination)
        {
            Gateway = Gateway(element),
            Device = Text(element, "dev"),
            Metric = (uint)Number(element, "metric", uint.MaxValue),
            Table = Text(element, "table") is null ? RouteTables.Main : (uint)Number(element, "table", uint.MaxValue),
            Protocol = (int)Number(element, "protocol", 255),
            Source = Text(element, "prefsrc"),
            Type = Enum.IsDefined(type) ? type : RouteType.Unknown,
            OnLink = HasFlag(element, "onlink"),
            Mtu = List(element, "metrics") is { } metrics && metrics.EnumerateArray().FirstOrDefault(HasMtu) is { ValueKind: JsonValueKind.Object } one
                ? (int)Number(one, "mtu", int.MaxValue)
                : null,
            NextHops = List(element, "nexthops") is { } hops
                ? [.. hops.EnumerateArray().Where(hop => hop.ValueKind == JsonValueKind.Object).Select(ReadNextHop)]
                : [],
        };
    }

    private static bool HasMtu(JsonElement element) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty("mtu", out _);

    private static NextHop ReadNextHop(JsonElement element)
        => new(Gateway(element), Text(element, "dev"), (int)Math.Max(1, Number(element, "weight", 256)));

    // An IPv4 route over an IPv6 router has "via" (RFC 8950).
    private static string? Gateway(JsonElement element)
    {
        var text = Text(element, "gateway") ?? (Child(element, "via") is { } via ? Text(via, "host") : null);
        return text is null ? null : AddressText.Address(text);
    }

    private static RoutingRule? ReadRule(JsonElement element, bool isIPv6)
    {
        if (!element.TryGetProperty("priority", out _))
            return null;
        var action = Text(element, "action") is null ? RouteType.Unicast : (RouteType)Number(element, "action", int.MaxValue);
        return new RoutingRule
        {
            Priority = (uint)Number(element, "priority", uint.MaxValue),
            From = Prefix(element, "src", "srclen"),
            To = Prefix(element, "dst", "dstlen"),
            Not = element.TryGetProperty("not", out _),
            FirewallMark = element.TryGetProperty("fwmark", out _) ? (uint)Number(element, "fwmark", uint.MaxValue) : null,
            FirewallMask = element.TryGetProperty("fwmask", out _) ? (uint)Number(element, "fwmask", uint.MaxValue) : uint.MaxValue,
            IncomingInterface = Text(element, "iif"),
            OutgoingInterface = Text(element, "oif"),
            Table = (uint)Number(element, "table", uint.MaxValue),
            Action = Enum.IsDefined(action) ? action : RouteType.Unknown,
            SuppressPrefixLength = element.TryGetProperty("suppress_prefixlen", out _) ? (int)Number(element, "suppress_prefixlen", 128) : null,
            Protocol = (int)Number(element, "protocol", 255),
            IsIPv6 = isIPv6,
        };
    }

    private static string? Prefix(JsonElement element, string addressName, string lengthName)
    {
        if (Text(element, addressName) is not { } address || address == "all")
            return null;
        return element.TryGetProperty(lengthName, out _) ? $"{address}/{Number(element, lengthName, 128)}" : address;
    }

    private static JsonElement? Child(JsonElement element, string name)
        => element.TryGetProperty(name, out var child) && child.ValueKind == JsonValueKind.Object ? child : null;

    private static JsonElement? List(JsonElement element, string name)
        => element.TryGetProperty(name, out var child) && child.ValueKind == JsonValueKind.Array ? child : null;

    private static string? Text(JsonElement element, string name)
        => element.TryGetProperty(name, out var child) && child.ValueKind == JsonValueKind.String ? child.GetString() : null;

    // Numbers come as numbers, as decimal texts and as 0x texts; what is out of range counts as absent.
    private static long Number(JsonElement element, string name, long largest)
    {
        if (!element.TryGetProperty(name, out var child))
            return 0;
        var value = 0L;
        if (child.ValueKind == JsonValueKind.Number)
            _ = child.TryGetInt64(out value);
        else if (child.ValueKind == JsonValueKind.String && child.GetString() is { } text)
            _ = text.StartsWith("0x", StringComparison.Ordinal)
                ? long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, null, out value)
                : long.TryParse(text, NumberStyles.None, null, out value);
        return value < 0 || value > largest ? 0 : value;
    }

    private static bool HasFlag(JsonElement element, string flag)
        => List(element, "flags") is { } flags
            && flags.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.String && item.ValueEquals(flag));
}
