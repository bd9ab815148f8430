using System.CommandLine;
using Tunnelwright.Cli.Customer;
using Tunnelwright.Dns.Wire;
using Tunnelwright.Model;

namespace Tunnelwright.Cli.Commands;

/// <summary>Options about the cloud's names.</summary>
internal sealed class NameOptions
{
    private const int Port = 53;
    private readonly Option<string[]> _listen = Text("--dns-listen", "answer DNS at this address of the gateway, UDP and TCP: the cloud's names from the cloud's DNS servers, through the tunnels; without it no forwarder runs", "ADDRESS[:PORT]");
    private readonly Option<string[]> _servers = Text("--dns-server", "the cloud's DNS servers for names; default: --cloud-dns", "ADDRESS[:PORT]");
    private readonly Option<string[]> _domains = Text("--dns-domain", "a domain whose names the cloud's servers answer; default: the profile's", "DOMAIN");
    private readonly Option<string[]> _upstreams = Text("--dns-upstream", "a DNS server for all other names; without it they are refused", "ADDRESS[:PORT]");
    private readonly Option<string[]> _allow = Text("--dns-allow", "who may ask besides this side's ranges and this host", "CIDR");
    private readonly Option<bool> _keepChains = new("--dns-keep-chains") { Description = "answer chains of CNAMEs as they are, instead of the final addresses under the name that was asked" };

    public IEnumerable<Option> All => [_listen, _servers, _domains, _upstreams, _allow, _keepChains];

    /// <summary>What the command says; null when it asks for no forwarder.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="profile">Whose domains count when none is given.</param>
    /// <param name="cloudServers">The cloud's DNS servers where no other are given.</param>
    public StoredNames? Read(ParseResult parsed, RequirementProfile profile, ValueList<Ipv4Address> cloudServers)
    {
        var listen = EndPoints("--dns-listen", parsed.GetValue(_listen));
        var servers = EndPoints("--dns-server", parsed.GetValue(_servers));
        var domains = ParseDomains("--dns-domain", parsed.GetValue(_domains));
        if (listen.Count == 0)
        {
            if (All.FirstOrDefault(option => option != _listen && parsed.GetResult(option) is { Implicit: false }) is { } idle)
                throw new CliException(ExitCodes.WrongCall, $"{idle.Name} is about a DNS forwarder, and none is asked for", "give --dns-listen ADDRESS, an address of this host that clients reach");
            return null;
        }

        return new StoredNames
        {
            Listen = listen,
            Servers = servers.Count > 0 ? servers : [.. cloudServers.Select(address => new Ipv4EndPoint(address, Port).ToString())],
            Domains = domains.Count > 0 ? domains : [.. profile.DnsDomains],
            Upstreams = EndPoints("--dns-upstream", parsed.GetValue(_upstreams)),
            Allow = [.. Options.ParseRanges("--dns-allow", parsed.GetValue(_allow)).Select(range => range.ToString())],
            KeepChains = parsed.GetValue(_keepChains),
        };
    }

    private static Option<string[]> Text(string name, string description, string value) => new(name) { Description = description, AllowMultipleArgumentsPerToken = true, HelpName = value };

    private static IEnumerable<string> Words(string[]? values) => (values ?? []).SelectMany(value => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    /// <summary>Servers stay in the order in which they are given.</summary>
    public static List<string> EndPoints(string option, string[]? values) =>
    [
        .. Words(values).Select(text => Ipv4EndPoint.TryParse(text, Port, out var endPoint)
            ? endPoint.ToString()
            : throw new CliException(ExitCodes.WrongCall, $"{option}: '{text}' is not an IPv4 address with or without a port", "for example 10.1.0.53 or 10.1.0.53:5300")).Distinct(),
    ];

    public static List<string> ParseDomains(string option, string[]? values)
    {
        var domains = new List<string>();
        foreach (var text in Words(values))
        {
            var domain = text.TrimEnd('.').ToLowerInvariant();
            if (domain.Length == 0 || !domain.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_') || !DomainName.TryParse(domain, out _))
                throw new CliException(ExitCodes.WrongCall, $"{option}: '{text}' is not a domain", "for example cloud.example");
            domains.Add(domain);
        }

        return [.. domains.Distinct(StringComparer.Ordinal)];
    }
}
