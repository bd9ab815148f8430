using Tunnelwright.Dns.Wire;
using Tunnelwright.Model;

namespace Tunnelwright.Gateway;

/// <summary>The DNS forwarder that a gateway runs: who may ask it where, and whom it asks for which names.</summary>
public sealed record DesiredDns
{
    /// <summary>The port of DNS.</summary>
    public const int Port = 53;

    /// <summary>Most servers of a rule, and most servers for other names.</summary>
    public const int MaximumServers = 16;

    /// <summary>Addresses and ports that it answers at, and no other.</summary>
    public required ValueList<Ipv4EndPoint> Listen { get; init; }

    /// <summary>Ranges that may ask.</summary>
    public required ValueList<Cidr> Allow { get; init; }

    /// <summary>Servers for names that no rule is for; none: such names are refused.</summary>
    public ValueList<Ipv4EndPoint> Upstreams { get; init; }

    /// <summary>The rules by domain, the longest that a name is under counts.</summary>
    public ValueList<DesiredDnsRule> Rules { get; init; }

    /// <summary>What is wrong with it, in words for people; null when nothing is.</summary>
    internal string? Complaint()
    {
        if (Listen.Count == 0) return "the DNS forwarder has no address to listen at";
        if (Allow.Count == 0) return "nobody may ask the DNS forwarder";
        if (Rules.Count == 0 && Upstreams.Count == 0) return "the DNS forwarder has neither rules nor servers for other names";
        if (Upstreams.Count > MaximumServers) return $"the DNS forwarder has more than {MaximumServers} servers for other names";
        if (Rules.SelectMany(rule => rule.Servers).Concat(Upstreams).Where(server => Listen.Contains(server)).Select(server => server.ToString()).FirstOrDefault() is { } itself) return $"the DNS forwarder would ask itself: {itself} is where it listens";
        var domains = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var rule in Rules)
        {
            if (!IsDomain(rule.Domain)) return "a rule of the DNS forwarder is for no domain";
            if (!domains.Add(rule.Domain.TrimEnd('.'))) return $"the DNS forwarder has two rules for {rule.Domain}";
            if (rule.Servers.Count is 0 or > MaximumServers) return $"the rule for {rule.Domain} has not 1 to {MaximumServers} servers";
        }

        return null;
    }

    /// <summary>Whether a text is a domain (RFC 1035 section 2.3.1, with underscores) other than the root.</summary>
    internal static bool IsDomain(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_') && DomainName.TryParse(text, out var wire) && wire.Length > 1;
}

/// <summary>Who is asked for the names under a domain.</summary>
public sealed record DesiredDnsRule
{
    /// <summary>The domain, such as cloud.example.</summary>
    public required string Domain { get; init; }

    /// <summary>The servers behind the tunnel.</summary>
    public required ValueList<Ipv4EndPoint> Servers { get; init; }

    /// <summary>The connection whose tunnels lead to them: they are asked from this host's address in its ranges. Null: from the address that the route has.</summary>
    public string? Connection { get; init; }

    /// <summary>The address of this host that they are asked from, whatever the connection says; null: as <see cref="Connection"/> says.</summary>
    public Ipv4Address? Source { get; init; }

    /// <summary>Whether they are asked over TCP only.</summary>
    public bool Tcp { get; init; }

    /// <summary>Whether the final addresses are answered under the name that was asked.</summary>
    public bool Flatten { get; init; }

    /// <summary>Whether its addresses have to be private ones.</summary>
    public bool Private { get; init; }
}
