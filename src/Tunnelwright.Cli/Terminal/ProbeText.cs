using Tunnelwright.Cli.Commands;
using Tunnelwright.Ike;

namespace Tunnelwright.Cli.Terminal;

/// <summary>What probe prints for people: one line for each endpoint, and lines below it for a walk.</summary>
internal static class ProbeText
{
    public static void Write(TextWriter output, IReadOnlyList<ProbeTarget> targets, IReadOnlyList<IkeProbeResult> results)
    {
        var colours = new Colours(output);
        foreach (var (target, result) in targets.Zip(results))
        {
            var ports = string.Join(", ", result.Ports.Select(port => $"UDP {port.Port.Number} {Port(colours, port)}"));
            var tunnel = target.Tunnel is { } number ? $"tunnel {number}  " : "";
            output.WriteLine($"{tunnel}{colours.Bold(result.Address.ToString())}  {ports}{Line(target, result)}");
            if (result.Acceptance is { } acceptance) WriteAcceptance(output, target, acceptance);
        }
    }

    private static string Line(ProbeTarget target, IkeProbeResult result)
    {
        var parts = Parts(target, result).ToList();
        return parts.Count == 0 ? "" : $"  {string.Join("; ", parts)}";
    }

    private static IEnumerable<string> Parts(ProbeTarget target, IkeProbeResult result)
    {
        // A refusal shows that the version is understood, and is of no interest beside one that is accepted.
        var names = result.Versions.Where(version => result.IsAccepted ? version.State == IkeVersionState.Accepted : version.State is IkeVersionState.Refused or IkeVersionState.Answered)
            .Select(version => $"IKEv{version.Version}").Order(StringComparer.Ordinal).ToList();
        if (names.Count > 0) yield return string.Join(", ", (string[])[string.Join(" and ", names), .. result.Vendor is { } vendor ? (string[])[result.IsVendorGuessed ? $"probably {vendor}" : vendor] : []]);
        foreach (var version in result.Versions.Where(version => version.State == IkeVersionState.NotSupported)) yield return $"no IKEv{version.Version}";
        if (result.Nat is { } nat)
        {
            yield return (nat.IsHereTranslated, nat.IsPeerTranslated) switch
            {
                (false, false) => "no NAT",
                (true, false) => "NAT on this side",
                (false, true) => "NAT on the peer's side, or it forces encapsulation",
                _ => "NAT on both sides, or the peer forces encapsulation",
            };
            if (target.Options.ExpectedSources is [var registered]) yield return nat.SeenFrom is null ? $"not seen from the registered address {registered}" : $"seen from {registered} as registered";
        }

        if (result.DemandedCookie) yield return "demands a cookie";
        if (result.Redirect is { } gateway) yield return $"sends us to {gateway}";
        if (!result.IsAccepted && result.Versions.Any(version => version.State == IkeVersionState.Refused))
            yield return $"refuses {(target.Options.Suites.Count == 0 ? "everything" : string.Join(", ", target.Options.Suites))}, or knows no connection for us";
        foreach (var version in result.Versions)
        {
            switch (version)
            {
                case { Taken: { } taken }:
                    yield return result.Versions.Count(other => other.Taken is not null) > 1 ? $"takes {taken} in IKEv{version.Version}" : $"takes {taken}";
                    break;
                case { State: IkeVersionState.Answered, Notifies: [var notify, ..] }:
                    yield return $"answers {notify} in IKEv{version.Version}";
                    break;
            }
        }
    }

    private static void WriteAcceptance(TextWriter output, ProbeTarget target, IkeAcceptance acceptance)
    {
        var space = target.Options.Space;
        var taken = acceptance.Ciphers.Select(cipher => cipher.ToString()).Concat(acceptance.Integrities.Select(IkeSuite.Name)).Concat(acceptance.Groups.Select(IkeGroups.Name)).ToList();
        var refused = space.Ciphers.Select(cipher => cipher.ToString()).Concat(space.Integrities.Select(IkeSuite.Name)).Concat(space.Groups.Select(IkeGroups.Name)).Except(taken).Except(acceptance.Unknown).ToList();
        foreach (var (word, list) in new[] { ("takes", taken), ("refuses", refused), ("not known", acceptance.Unknown) })
            if (list.Count > 0)
                output.WriteLine($"    {word,-9} {string.Join(' ', list)}");
    }

    private static string Port(Colours colours, IkePortResult port)
    {
        var word = port.State switch
        {
            IkePortState.OtherService => "not IKE",
            IkePortState.NotTried => "not tried",
            var other => other.Word(),
        };
        var text = port is { Detail: { } detail, State: IkePortState.Unreachable or IkePortState.NotTried } ? $"{word} ({detail})" : word;
        return port.State == IkePortState.Open ? colours.Green(text) : colours.Red(text);
    }
}
