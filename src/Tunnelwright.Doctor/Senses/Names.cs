using System.Net;
using Tunnelwright.Dns.Configuration;
using Tunnelwright.Dns.Lookup;
using Tunnelwright.Dns.Wire;
using Tunnelwright.Gateway;

namespace Tunnelwright.Doctor;

/// <summary>What DNS servers say.</summary>
internal static class Names
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.4);
    private static readonly TimeSpan CheckPatience = TimeSpan.FromSeconds(2.1);

    /// <summary>How long the C library waits for a resolver (resolv.conf(5), timeout).</summary>
    private static readonly TimeSpan LibraryPatience = TimeSpan.FromSeconds(5);

    /// <summary>Whether a resolver of this host answers over UDP within the time that its programs wait.</summary>
    public static Task<bool> ResolverAnswersAsync(IPAddress server, CancellationToken cancellationToken) =>
        ServerCheck.AnswersUdpAsync(EndPoint(server), null, LibraryPatience, cancellationToken);

    /// <summary>Whether a server answers over UDP.</summary>
    public static Task<bool> AnswersUdpAsync(IPAddress server, IPAddress? source, CancellationToken cancellationToken) =>
        ServerCheck.AnswersUdpAsync(EndPoint(server), source, CheckPatience, cancellationToken);

    /// <summary>Whether a server answers over TCP.</summary>
    public static Task<bool> AnswersTcpAsync(IPAddress server, IPAddress? source, CancellationToken cancellationToken) =>
        ServerCheck.AnswersTcpAsync(EndPoint(server), source, CheckPatience, cancellationToken);

    /// <summary>The IPv4 addresses of a name, with the chain that leads to them, as the first server that answers tells it; null when none answers or the name is none.</summary>
    /// <param name="servers">Whom to ask, all at once; the first of the list that answers counts.</param>
    /// <param name="name">The name.</param>
    /// <param name="source">The local address to ask from; null lets the route decide.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<LookupAnswer?> ResolveAsync(IReadOnlyList<IPAddress> servers, string name, IPAddress? source, CancellationToken cancellationToken)
    {
        if (!DomainName.TryParse(name, out var wire)) return null;
        var answers = await Task.WhenAll(servers.Select(server => DnsLookup.RunAsync(EndPoint(server), wire, RecordType.A, Patience, source, cancellationToken)));
        return answers.FirstOrDefault(answer => answer.Addresses.Any()) ?? answers.FirstOrDefault(answer => answer.Code is not null);
    }

    /// <summary>The IPv4 addresses of a name as the programs of this host get them, with as much patience as those have.</summary>
    /// <param name="resolvers">The servers of resolv.conf; all are asked at once.</param>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null when none answers or the name is none.</returns>
    public static async Task<LookupAnswer?> ResolveAsHereAsync(IReadOnlyList<IPAddress> resolvers, string name, CancellationToken cancellationToken)
    {
        if (!DomainName.TryParse(name, out var wire)) return null;
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var asked = resolvers.Select(server => DnsLookup.RunAsync(EndPoint(server), wire, RecordType.A, LibraryPatience, null, enough.Token)).ToList();
        var answers = new List<LookupAnswer>();
        foreach (var answer in asked)
        {
            answers.Add(await answer);
            if (NameVerdicts.Answers(answers[^1])) break;
        }

        await enough.CancelAsync();
        return NameVerdicts.Choose(answers);
    }

    /// <summary>The cloud's DNS servers as far as they are named.</summary>
    public static IEnumerable<IPAddress> NamedServers(Scene scene) => scene.Request.DnsServers
        .Concat(scene.Connections.SelectMany(connection => connection.CloudDnsServers).Select(server => server.ToIPAddress()))
        .Concat((scene.Desired.Dns?.Rules ?? []).SelectMany(rule => rule.Servers).Where(server => server.Port == DesiredDns.Port).Select(server => server.Address.ToIPAddress()))
        .Distinct();

    private static IPEndPoint EndPoint(IPAddress server) => new(server, ForwarderOptions.DefaultPort);
}
