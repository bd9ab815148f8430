using System.CommandLine;
using System.Globalization;
using System.Net;
using Tunnelwright.Cli.Terminal;
using Tunnelwright.Dns.Configuration;
using Tunnelwright.Dns.Lookup;
using Tunnelwright.Dns.Wire;
using Tunnelwright.Linux;

namespace Tunnelwright.Cli.Commands;

/// <summary>dns lookup: the whole chain of a name, and where each address lies.</summary>
internal static class DnsLookupCommand
{
    /// <summary>How the alias of every tunnel's interface of ours starts.</summary>
    private const string TunnelAlias = "tunnelwright/";

    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "the name, such as app.example" };
        var via = new Option<string?>("--via") { Description = "the server to ask, with or without a port; this host's own servers without it", HelpName = "SERVER" };
        var type = new Option<string[]>("--type") { Description = "record types, such as A, AAAA, CNAME, TXT, TYPE65; A and AAAA without it", AllowMultipleArgumentsPerToken = true, HelpName = "TYPE" };
        var publicServer = new Option<string?>("--public") { Description = "a resolver of the internet to ask too, for comparison; it learns the name", HelpName = "SERVER" };
        var timeout = new Option<double>("--timeout") { Description = "seconds to wait for an answer", DefaultValueFactory = _ => 3, HelpName = "SECONDS" };
        var json = Options.Json();
        var lookup = new Command("lookup", "Look a name up: the whole chain, and whether each address is private or public.") { name, via, type, publicServer, timeout, json };
        lookup.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetRequiredValue(name),
            parsed.GetValue(via) is { } server ? [Server("--via", server)] : SystemResolvers.Read(),
            Types(parsed.GetValue(type)),
            parsed.GetValue(publicServer) is { } other ? Server("--public", other) : null,
            Patience(parsed.GetValue(timeout)),
            parsed.GetValue(json),
            cancellationToken));
        return lookup;
    }

    private static async Task<int> RunAsync(string name, IReadOnlyList<IPEndPoint> servers, IReadOnlyList<RecordType> types, IPEndPoint? publicServer, TimeSpan timeout, bool json, CancellationToken cancellationToken)
    {
        if (name.Length == 0 || !DomainName.TryParse(name, out var wire)) throw new CliException(ExitCodes.WrongCall, $"'{name}' is not a domain name", "labels of 1 to 63 characters with dots between them, 253 characters in all");
        var comparing = publicServer is null ? Task.FromResult<LookupAnswer[]>([]) : AskAsync(publicServer, wire, types, timeout, cancellationToken);
        var answers = await AskFirstAsync(servers, wire, types, timeout, cancellationToken);
        var document = DnsLookupDocument.From(name, answers, await comparing, await TunnelsAsync(answers, cancellationToken));
        if (json) Console.Out.WriteLine(document.ToJson());
        else DnsLookupText.Write(Console.Out, document);
        return document.Healthy ? ExitCodes.Done : ExitCodes.NotHealthy;
    }

    /// <summary>The first server that answers, as this host's own programs would have it.</summary>
    private static async Task<LookupAnswer[]> AskFirstAsync(IReadOnlyList<IPEndPoint> servers, byte[] name, IReadOnlyList<RecordType> types, TimeSpan timeout, CancellationToken cancellationToken)
    {
        LookupAnswer[] answers = [];
        foreach (var server in servers)
        {
            answers = await AskAsync(server, name, types, timeout, cancellationToken);
            if (answers.Any(answer => answer.Code is not null)) break;
        }

        return answers;
    }

    private static Task<LookupAnswer[]> AskAsync(IPEndPoint server, byte[] name, IReadOnlyList<RecordType> types, TimeSpan timeout, CancellationToken cancellationToken) =>
        Task.WhenAll(types.Select(type => DnsLookup.RunAsync(server, name, type, timeout, source: null, cancellationToken)));

    /// <summary>The addresses to which packets of this host go through a tunnel of ours, with the interface. Empty where ip does not tell.</summary>
    private static async Task<IReadOnlyDictionary<IPAddress, string>> TunnelsAsync(IEnumerable<LookupAnswer> answers, CancellationToken cancellationToken)
    {
        var inside = new Dictionary<IPAddress, string>();
        try
        {
            var ip = new IpTool(NetworkNamespace.Current);
            var tunnels = (await ip.GetLinksAsync(cancellationToken)).Where(link => link.Alias?.StartsWith(TunnelAlias, StringComparison.Ordinal) == true).Select(link => link.Name).ToHashSet(StringComparer.Ordinal);
            foreach (var address in answers.SelectMany(answer => answer.Addresses).Distinct())
            {
                if (tunnels.Count > 0 && (await ip.GetRouteToAsync(address.ToString(), cancellationToken: cancellationToken))?.Device is { } device && tunnels.Contains(device)) inside[address] = device;
            }
        }
        catch (Exception problem) when (problem is ProgramMissingException or KernelException or CommandFailedException or UnreadableOutputException)
        {
            // A look-up needs no ip: the mark is left out.
        }

        return inside;
    }

    private static IPEndPoint Server(string option, string text) => ForwarderOptionsReader.TryEndPoint(text, ForwarderOptions.DefaultPort, out var server)
        ? server
        : throw new CliException(ExitCodes.WrongCall, $"{option}: '{text}' is not an address of a server", "write it as 10.8.2.2, 10.8.2.2:53 or [fd00::53]:53");

    private static List<RecordType> Types(string[]? texts)
    {
        var types = new List<RecordType>();
        foreach (var text in (texts ?? []).SelectMany(value => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
        {
            if (!RecordTypes.TryParse(text, out var type) || type is RecordType.Opt or RecordType.Axfr or RecordType.Ixfr or RecordType.Tsig) throw new CliException(ExitCodes.WrongCall, $"--type: '{text}' is not a record type that can be asked for", "such as A, AAAA, CNAME, MX, SRV, TXT, TYPE65");
            if (!types.Contains(type)) types.Add(type);
        }

        return types.Count > 0 ? types : [RecordType.A, RecordType.Aaaa];
    }

    private static TimeSpan Patience(double seconds) => seconds is >= 0.1 and <= 60
        ? TimeSpan.FromSeconds(seconds)
        : throw new CliException(ExitCodes.WrongCall, string.Create(CultureInfo.InvariantCulture, $"--timeout: {seconds} is not 0.1 to 60 seconds"));
}
