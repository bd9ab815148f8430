using Tunnelwright.Model;

namespace Tunnelwright.Gateway;

/// <summary>What a customer says about the cloud's names, for one connection.</summary>
public sealed record CustomerNameOptions
{
    /// <summary>Where the gateway answers DNS; nowhere: the gateway has no forwarder.</summary>
    public ValueList<Ipv4EndPoint> Listen { get; init; }

    /// <summary>Who may ask besides the connection's ranges on this side and this host.</summary>
    public ValueList<Cidr> Allow { get; init; }

    /// <summary>Domains whose names the cloud's servers answer.</summary>
    public ValueList<string> Domains { get; init; }

    /// <summary>The cloud's DNS servers.</summary>
    public ValueList<Ipv4EndPoint> Servers { get; init; }

    /// <summary>Servers for all other names.</summary>
    public ValueList<Ipv4EndPoint> Upstreams { get; init; }

    /// <summary>Whether chains of CNAMEs are answered as they are instead of under the name that was asked.</summary>
    public bool KeepChains { get; init; }
}

/// <summary>The forwarder of a customer's gateway: the names of all connections.</summary>
public static class CustomerNames
{
    private static readonly Cidr ThisHost = Cidr.Parse("127.0.0.0/8");

    /// <summary>The desired forwarder; null when nobody asked for one.</summary>
    /// <param name="connections">The connections with what the customer says about their names.</param>
    /// <exception cref="ArgumentException">Something is missing or contradicts itself; the message names it and the option that gives it.</exception>
    public static DesiredDns? Desire(IEnumerable<(DesiredConnection Connection, CustomerNameOptions Names)> connections)
    {
        ArgumentNullException.ThrowIfNull(connections);
        var asked = connections.Where(item => item.Names.Listen.Count > 0).ToList();
        if (asked.Count == 0) return null;
        var rules = new SortedDictionary<string, DesiredDnsRule>(StringComparer.OrdinalIgnoreCase);
        foreach (var (connection, names) in asked)
        {
            if (names.Servers.Count == 0) throw new ArgumentException($"the cloud's DNS servers of {connection.Id} are not known; give them with --dns-server or --cloud-dns", nameof(connections));
            if (names.Domains.Count == 0) throw new ArgumentException($"the domains of {connection.Id} are not known; give them with --dns-domain", nameof(connections));
            foreach (var domain in names.Domains)
            {
                var rule = new DesiredDnsRule { Domain = domain, Servers = names.Servers, Connection = connection.Id, Flatten = !names.KeepChains, Private = true };
                if (rules.TryGetValue(domain, out var twin) && twin.Servers != rule.Servers)
                    throw new ArgumentException($"{domain} is answered by the DNS servers of {twin.Connection} already; tell the connections' names apart with --dns-domain", nameof(connections));
                rules.TryAdd(domain, rule);
            }
        }

        var desired = new DesiredDns
        {
            Listen = asked.SelectMany(item => item.Names.Listen).Distinct().Order().ToValueList(),
            Allow = asked.SelectMany(item => item.Names.Allow.Concat(item.Connection.LocalRanges)).Append(ThisHost).Distinct().Order().ToValueList(),
            Upstreams = asked.SelectMany(item => item.Names.Upstreams).Distinct().ToValueList(),
            Rules = rules.Values.ToValueList(),
        };
        return desired.Complaint() is { } complaint ? throw new ArgumentException(complaint, nameof(connections)) : desired;
    }
}
