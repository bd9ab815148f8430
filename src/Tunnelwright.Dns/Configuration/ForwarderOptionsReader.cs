using System.Globalization;
using System.Net;
using Tunnelwright.Dns.Caching;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Configuration;

/// <summary>Reads a forwarder's configuration: JSON with comments, as docs/names.md describes it. The first thing that is wrong ends it, with its line.</summary>
public static class ForwarderOptionsReader
{
    private const int MaximumServers = 16;

    /// <summary>Reads a file's content.</summary>
    /// <param name="text">UTF-8.</param>
    /// <returns>The options, all checked.</returns>
    /// <exception cref="ConfigurationException">It cannot be used; says the line and why.</exception>
    public static ForwarderOptions Read(ReadOnlySpan<byte> text)
    {
        var root = ConfigurationNode.Parse(text);
        var members = Members(root, "listen", "threads", "allow", "rateLimit", "defaults", "rules", "cache", "patienceSeconds", "queryLog");
        var listen = List(members, "listen", node => EndPoint(node, ForwarderOptions.DefaultPort, allowsZero: true)) ?? throw root.Wrong("\"listen\" is missing: the addresses to answer at, such as [\"127.0.0.1:53\"]");
        var allow = List(members, "allow", Network);
        if (allow is null && listen.Any(endPoint => !IPAddress.IsLoopback(endPoint.Address))) throw members["listen"].Wrong("\"allow\" is missing: the ranges that may ask have to be said when not only this host can");
        var rules = List(members, "rules", Rule) ?? [];
        var defaults = List(members, "defaults", node => EndPoint(node, ForwarderOptions.DefaultPort)) ?? [];
        var options = new ForwarderOptions
        {
            Listen = listen,
            Threads = (int)Number(members, "threads", 0, 64, 0),
            Allow = allow ?? [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")],
            RateLimit = (int)Number(members, "rateLimit", 0, 1_000_000, 0),
            Defaults = defaults,
            Rules = Distinct(rules, members),
            Cache = members.TryGetValue("cache", out var cache) ? Cache(cache) : new CacheOptions(),
            PatienceSeconds = (int)Number(members, "patienceSeconds", 1, 30, 4),
            QueryLog = Flag(members, "queryLog", false),
        };
        return rules.Count > 0 || defaults.Count > 0 ? options : throw root.Wrong("there are neither \"rules\" nor \"defaults\": nobody could be asked");
    }

    private static RuleOptions Rule(ConfigurationNode node)
    {
        var members = Members(node, "domain", "servers", "source", "transport", "flatten", "private");
        var domain = Text(members, "domain") ?? throw node.Wrong("the rule has no \"domain\"");
        if (!DomainName.TryParse(domain, out var name)) throw members["domain"].Wrong($"'{domain}' is not a domain");
        DomainName.ToLower(name);
        return new RuleOptions
        {
            Domain = name,
            Servers = List(members, "servers", server => EndPoint(server, ForwarderOptions.DefaultPort)) ?? throw node.Wrong("the rule has no \"servers\""),
            Source = members.TryGetValue("source", out var source) ? Address(source) : null,
            Transport = Text(members, "transport") switch
            {
                null or "udp" => UpstreamTransport.Udp,
                "tcp" => UpstreamTransport.Tcp,
                var other => throw members["transport"].Wrong($"'{other}' is not a transport: udp or tcp"),
            },
            Flatten = Flag(members, "flatten", false),
            Private = Flag(members, "private", false),
        };
    }

    private static CacheOptions Cache(ConfigurationNode node)
    {
        var members = Members(node, "megabytes", "minimumTtlSeconds", "maximumTtlSeconds", "negativeTtlSeconds", "staleSeconds", "staleTtlSeconds", "staleAfterMilliseconds", "prefetch", "nonExistentCut");
        var usual = new CacheOptions();
        const long Week = 604_800;
        return new CacheOptions
        {
            Megabytes = (int)Number(members, "megabytes", 4, 65_536, usual.Megabytes),
            MinimumTtlSeconds = (uint)Number(members, "minimumTtlSeconds", 0, 3600, usual.MinimumTtlSeconds),
            MaximumTtlSeconds = (uint)Number(members, "maximumTtlSeconds", 1, Week, usual.MaximumTtlSeconds),
            NegativeTtlSeconds = (uint)Number(members, "negativeTtlSeconds", 0, Week, usual.NegativeTtlSeconds),
            StaleSeconds = (uint)Number(members, "staleSeconds", 0, Week, usual.StaleSeconds),
            StaleTtlSeconds = (uint)Number(members, "staleTtlSeconds", 0, 3600, usual.StaleTtlSeconds),
            StaleAfterMilliseconds = (int)Number(members, "staleAfterMilliseconds", 0, 10_000, usual.StaleAfterMilliseconds),
            Prefetch = Flag(members, "prefetch", usual.Prefetch),
            NonExistentCut = Flag(members, "nonExistentCut", usual.NonExistentCut),
        };
    }

    private static List<RuleOptions> Distinct(List<RuleOptions> rules, Dictionary<string, ConfigurationNode> members)
    {
        for (var i = 0; i < rules.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (rules[i].Domain.AsSpan().SequenceEqual(rules[j].Domain))
                    throw ((List<ConfigurationNode>)members["rules"].Value)[i].Wrong($"there is a rule for {DomainName.ToText(rules[i].Domain)} already");
            }
        }

        return rules;
    }

    private static Dictionary<string, ConfigurationNode> Members(ConfigurationNode node, params ReadOnlySpan<string> known)
    {
        if (node.Value is not Dictionary<string, ConfigurationNode> members) throw node.Wrong("an object { … } is expected here");
        foreach (var (name, value) in members)
        {
            if (!known.Contains(name)) throw value.Wrong($"\"{name}\" is not known here; known: {string.Join(", ", known.ToArray())}");
        }

        return members;
    }

    private static List<T>? List<T>(Dictionary<string, ConfigurationNode> members, string name, Func<ConfigurationNode, T> read)
    {
        if (!members.TryGetValue(name, out var node)) return null;
        if (node.Value is not List<ConfigurationNode> list) throw node.Wrong($"\"{name}\" is a list: [ … ]");
        if (list.Count == 0) throw node.Wrong($"\"{name}\" is empty");
        if (name is "servers" or "defaults" && list.Count > MaximumServers) throw node.Wrong($"\"{name}\" has more than {MaximumServers}");
        return [.. list.Select(read)];
    }

    private static long Number(Dictionary<string, ConfigurationNode> members, string name, long least, long most, long usual)
    {
        if (!members.TryGetValue(name, out var node)) return usual;
        return node.Value is long number && number >= least && number <= most ? number : throw node.Wrong($"\"{name}\" is a number of {least} to {most}");
    }

    private static bool Flag(Dictionary<string, ConfigurationNode> members, string name, bool usual)
    {
        if (!members.TryGetValue(name, out var node)) return usual;
        return node.Value is bool flag ? flag : throw node.Wrong($"\"{name}\" is true or false");
    }

    private static string? Text(Dictionary<string, ConfigurationNode> members, string name)
    {
        if (!members.TryGetValue(name, out var node)) return null;
        return node.Value as string ?? throw node.Wrong($"\"{name}\" is a text in quotes");
    }

    private static IPAddress Address(ConfigurationNode node) =>
        node.Value is string text && TryEndPoint(text, 1, out var endPoint) && endPoint.Address.ToString() == text ? endPoint.Address : throw node.Wrong($"'{node.Value}' is not an address such as \"10.1.0.1\"");

    private static IPEndPoint EndPoint(ConfigurationNode node, int port) => EndPoint(node, port, allowsZero: false);

    private static IPEndPoint EndPoint(ConfigurationNode node, int port, bool allowsZero)
    {
        if (node.Value is not string text || !TryEndPoint(text, port, allowsZero, out var endPoint)) throw node.Wrong($"'{node.Value}' is not an address such as \"10.8.2.2\", \"10.8.2.2:53\" or \"[fd00::53]:53\"");
        return endPoint;
    }

    /// <summary>Reads an address with or without a port.</summary>
    /// <param name="text">Such as 10.8.2.2, 10.8.2.2:53, fd00::53, [fd00::53]:53.</param>
    /// <param name="port">The port when none is given.</param>
    /// <param name="endPoint">Address and port.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryEndPoint(string text, int port, out IPEndPoint endPoint) => TryEndPoint(text, port, allowsZero: false, out endPoint);

    private static bool TryEndPoint(string text, int port, bool allowsZero, out IPEndPoint endPoint)
    {
        endPoint = new IPEndPoint(IPAddress.None, 0);
        var (address, given) = text.StartsWith('[')
            ? text.IndexOf(']', StringComparison.Ordinal) is var end and > 0 ? (text[1..end], text[(end + 1)..]) : ("", "")
            : text.Count(c => c == ':') == 1 ? (text[..text.IndexOf(':', StringComparison.Ordinal)], text[text.IndexOf(':', StringComparison.Ordinal)..]) : (text, "");
        if (given.Length > 0 && (given[0] != ':' || !int.TryParse(given.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port > 65535 || (port == 0 && !allowsZero))) return false;
        // The library takes 10.8 and 012.0.0.1 for addresses; people do not write them.
        if (!IPAddress.TryParse(address, out var parsed) || (!address.Contains(':', StringComparison.Ordinal) && parsed.ToString() != address)) return false;
        endPoint = new IPEndPoint(parsed, port);
        return true;
    }

    private static IPNetwork Network(ConfigurationNode node)
    {
        var text = node.Value as string;
        if (text is not null && IPAddress.TryParse(text, out var single) && (text.Contains(':', StringComparison.Ordinal) || single.ToString() == text)) return new IPNetwork(single, single.GetAddressBytes().Length * 8);
        return text is not null && IPNetwork.TryParse(text, out var network) && network.BaseAddress.Equals(IPAddress.Parse(text[..text.IndexOf('/', StringComparison.Ordinal)])) ? network : throw node.Wrong($"'{node.Value}' is not a range such as \"10.1.0.0/24\", with no bits set behind the prefix");
    }
}
