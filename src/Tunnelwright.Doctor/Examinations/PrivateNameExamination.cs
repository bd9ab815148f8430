using System.Net;
using Tunnelwright.Diagnosis;
using Tunnelwright.Dns.Lookup;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Doctor;

/// <summary>
/// Puts what this host's resolvers say of names beside what the cloud's DNS servers say of them through the tunnel, for the names that it was told; and looks at what
/// the gateway's own forwarder had to answer lately.
/// </summary>
internal sealed class PrivateNameExamination() : Examination("private names")
{
    /// <summary>How long ago a public answer of the forwarder still counts.</summary>
    private static readonly TimeSpan Lately = TimeSpan.FromMinutes(10);

    public override async Task LookAsync(Scene scene, ExaminationResult result, CancellationToken cancellationToken)
    {
        Forwarder(scene, result);
        if (scene.Request.Names.Count == 0) return;
        var own = SystemResolvers.Read().Select(server => server.Address).ToList();
        var source = scene.Observed is { } observed ? scene.Connections.Select(connection => connection.HostSource(observed)).FirstOrDefault(address => address is not null)?.ToIPAddress() : null;
        var known = Cloud(scene).ToList();
        var cloud = known.Except(own).ToList();
        if (cloud.Count == 0)
        {
            result.Skip(Name, known.Count == 0 ? "the cloud's DNS servers are not known; --dns names them" : "this host asks the cloud's DNS servers itself");
            return;
        }

        foreach (var (name, here, there, elsewhere) in await Task.WhenAll(scene.Request.Names.Select(async name =>
        {
            var (here, there) = await BothAsync(name);
            var (absentHere, absentThere) = here is not null && there is not null && NameVerdicts.IsAlias(here) && !here.Addresses.Any(NameVerdicts.IsPrivate) ? await BothAsync(AliasOrigin.Sibling(name)) : default;
            return (Name: name, Here: here, There: there, Elsewhere: here is not null && there is not null ? AliasOrigin.FromElsewhere(here, there, absentHere, absentThere) : null);
        })))
            Compare(name, here, there, elsewhere, result);

        async Task<(LookupAnswer? Here, LookupAnswer? There)> BothAsync(string name)
        {
            var there = Names.ResolveAsync(cloud, name, source, cancellationToken);
            return (await Names.ResolveAsHereAsync(own, name, cancellationToken), await there);
        }
    }

    private void Compare(string name, LookupAnswer? here, LookupAnswer? there, string? elsewhere, ExaminationResult result)
    {
        var known = there is null ? "" : $"{there.Server.Address} says {string.Join(", ", there.Addresses)} through the tunnel";
        switch (NameVerdicts.Judge(here, there, elsewhere))
        {
            case NameVerdict.NothingToCompare:
                result.Skip(Name, $"the cloud's DNS {(there is null ? "does not answer" : "knows no private address")} for {name}");
                break;
            case NameVerdict.Silent:
                result.Skip(Name, $"this host's resolvers do not answer for {name}; {known}");
                break;
            case NameVerdict.Fails:
                result.Fail(Name, $"{name}: {here!.Server.Address} says {Words(here)}, which does not show whom it asks; {known}");
                result.LeavesOpen = true;
                break;
            case NameVerdict.Private:
                result.Pass(Name, $"{name} is {string.Join(", ", here!.Addresses)}");
                break;
            case var verdict:
                result.Saw(
                    verdict == NameVerdict.AliasIsPublic ? FactKind.AliasIsPublic : FactKind.NameIsPublic,
                    Name,
                    $"{name}: {here!.Server.Address} says {Words(here)}, where {known}{(elsewhere is null ? "" : $"; it does not ask the cloud: {elsewhere}")}",
                    source: $"DNS {here.Server.Address}");
                break;
        }
    }

    private void Forwarder(Scene scene, ExaminationResult result)
    {
        if (scene.Observed?.Dns?.Status is not { } status) return;
        foreach (var rule in status.Rules)
        {
            if (rule.LastPublic is not { } answer || TimeProvider.System.GetUtcNow() - answer.At > Lately) continue;
            result.Saw(
                answer.Escapes ? FactKind.AliasIsPublic : FactKind.NameIsPublic,
                Name,
                $"the gateway's forwarder got public addresses alone for {answer.Name} from {answer.Server}, where the rule for {rule.Domain} wants private ones ({rule.PublicAnswers} times since {status.Since:yyyy-MM-dd HH:mm} UTC)",
                source: "DNS forwarder");
        }
    }

    /// <summary>Those that were named; else those that the cloud's range is searched for.</summary>
    private static IEnumerable<IPAddress> Cloud(Scene scene)
    {
        var named = Names.NamedServers(scene).ToList();
        return named.Count > 0
            ? named
            : scene.Connections.SelectMany(connection => CloudExamination.Servers([], connection.RemoteRanges)).Select(server => server.ToIPAddress()).Distinct();
    }

    private static string Words(LookupAnswer answer)
    {
        var alias = answer.Chain.LastOrDefault(record => record.Type == RecordType.Cname) is { } record ? $"alias of {record.Data}, " : "";
        var addresses = string.Join(", ", answer.Addresses);
        return alias + (addresses.Length > 0 ? addresses : answer.Code is { } code ? ResponseCodes.Name(code) : "nothing");
    }
}
