using System.CommandLine;
using System.Net;
using Tunnelwright.Cli.Customer;
using Tunnelwright.Cli.Terminal;
using Tunnelwright.Ike;
using Tunnelwright.Model;

namespace Tunnelwright.Cli.Commands;

/// <summary>probe: ask an IKE endpoint, or both of a provider's file, with the first message of IKE.</summary>
internal static class ProbeCommand
{
    private const double ShortestTimeout = 0.1;
    private const double LongestTimeout = 60;

    public static Command Create()
    {
        var target = new Argument<string>("address|file") { Description = "the endpoint's address, or a provider's file: then both its endpoints with its proposals" };
        var version = new Option<int?>("--version") { Description = "IKE version, 1 or 2; both, or the file's, without it" };
        var port = new Option<int?>("--port") { Description = "500 or 4500; both without it" };
        var proposals = new Option<string[]>("--proposal") { Description = "what to offer, such as aes256-sha256-modp2048; may be given several times. All that providers allow, or the file's, without it", AllowMultipleArgumentsPerToken = true, HelpName = "PROPOSAL" };
        var all = new Option<bool>("--all-proposals") { Description = "find out which encryption, integrity and groups it takes, one question for each" };
        var source = new Option<string?>("--source") { Description = "local address to send from", HelpName = "ADDRESS" };
        var ikePorts = new Option<bool>("--ike-source-ports") { Description = "send from ports 500 and 4500 when no daemon holds them" };
        var timeout = new Option<double>("--timeout") { Description = "seconds to wait for a silent port", DefaultValueFactory = _ => 3, HelpName = "SECONDS" };
        var profile = Options.Profile();
        var json = Options.Json();
        var command = new Command("probe", "Ask an IKE endpoint with the first message of IKE: which ports, versions and proposals, NAT, vendor.") { target, version, port, proposals, all, source, ikePorts, timeout, profile, json };
        command.SetAction((parsed, cancellationToken) =>
        {
            var options = new IkeProbeOptions
            {
                Ports = Ports(parsed.GetValue(port)),
                Versions = Versions(parsed.GetValue(version)) ?? [2, 1],
                Suites = Suites(parsed.GetValue(proposals)),
                WalksSuites = parsed.GetValue(all),
                PrefersIkeSourcePorts = parsed.GetValue(ikePorts),
                Source = Source(parsed.GetValue(source)),
                Timeout = Timeout(parsed.GetValue(timeout)),
            };
            var targets = Targets(parsed.GetRequiredValue(target), options, parsed.GetValue(version) is not null, Options.LoadProfile(parsed.GetRequiredValue(profile)));
            return RunAsync(targets, parsed.GetValue(json), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(List<ProbeTarget> targets, bool json, CancellationToken cancellationToken)
    {
        var colours = new Colours(Console.Error);
        var results = await Task.WhenAll(targets.Select(target =>
            IkeProbe.RunAsync(target.Address, target.Options, line => Console.Error.WriteLine(colours.Dim($"{target.Address}  {line}")), cancellationToken: cancellationToken)));
        if (results.SelectMany(result => result.Ports).All(port => port.State == IkePortState.NotTried))
            throw new CliException(ExitCodes.MachineCannot, $"{targets[0].Address} could not be tried: {results[0].Ports[0].Detail}", targets[0].Options.Source is { } source ? $"is {source} an address of this host, and may it send? ip address shows them" : null);
        var healthy = targets.Zip(results).All(pair => IsHealthy(pair.First, pair.Second));
        if (json) Console.Out.WriteLine(ProbeDocument.From(targets, results, healthy).ToJson());
        else ProbeText.Write(Console.Out, targets, results);
        return healthy ? ExitCodes.Done : ExitCodes.NotHealthy;
    }

    /// <summary>Every port answers; and what was offered on purpose is taken. A refusal of everything may mean no more than that our address is not known there.</summary>
    private static bool IsHealthy(ProbeTarget target, IkeProbeResult result) => result.IsOpen && (target.Options.Suites.Count == 0 || result.IsAccepted);

    private static List<ProbeTarget> Targets(string text, IkeProbeOptions options, bool versionGiven, RequirementProfile profile)
    {
        if (Address(text) is { } address) return [new ProbeTarget(null, address, Fit(options, address))];
        if (text.Length == 0 || !File.Exists(text) && text != "-")
            throw new CliException(ExitCodes.WrongCall, Directory.Exists(text) ? $"{text} is a folder, not a provider's file" : $"'{text}' is neither an IP address nor a file", "give an address such as 198.51.100.2, or the provider's file");
        if (ProviderFiles.Read(text, profile).Connection is not { } connection) throw new CliException(ExitCodes.NotHealthy, $"{text} has no connection that could be probed", $"tunnelwright check {text}");
        return [.. connection.Tunnels.Select(tunnel => Target(tunnel, options, versionGiven, text))];
    }

    private static ProbeTarget Target(Tunnel tunnel, IkeProbeOptions options, bool versionGiven, string path)
    {
        if (options.Suites.Count == 0)
        {
            if (!IkeSuite.TryParse(tunnel.Ike.Proposal.ToString(), out var suite) || !IkeGroups.CanCreate(suite.Group))
                throw new CliException(ExitCodes.NotHealthy, $"{path}: tunnel {tunnel.Number}: {tunnel.Ike.Proposal} cannot be offered", "give another with --proposal");
            options = options with { Suites = [suite] };
        }

        if (!versionGiven) options = options with { Versions = [(int)tunnel.Ike.Version] };
        if (tunnel.CustomerOutside is { } registered) options = options with { ExpectedSources = [IPAddress.Parse(registered.ToString())] };
        var address = IPAddress.Parse(tunnel.CloudOutside.ToString());
        return new ProbeTarget(tunnel.Number, address, Fit(options, address));
    }

    private static IkeProbeOptions Fit(IkeProbeOptions options, IPAddress address)
    {
        if (options.Source is { } source && source.AddressFamily != address.AddressFamily) throw new CliException(ExitCodes.WrongCall, $"--source: {source} and {address} are not of one address family");
        if (options.Versions is [1] && options.Suites.Count > 0 && options.Suites.All(suite => suite.Cipher.IsAead)) throw new CliException(ExitCodes.WrongCall, $"IKEv1 cannot offer {options.Suites[0]}", "its own SA has no AES-GCM; leave out --version 1 or give another --proposal");
        return options;
    }

    /// <summary>An address as people write it: not every number that the library would take for one.</summary>
    private static IPAddress? Address(string text)
    {
        if (Ipv4Address.TryParse(text, out var four)) return IPAddress.Parse(four.ToString());
        return text.Contains(':', StringComparison.Ordinal) && IPAddress.TryParse(text, out var six) ? six : null;
    }

    private static IPAddress? Source(string? text) => text is null ? null : Address(text) ?? throw new CliException(ExitCodes.WrongCall, $"--source: '{text}' is not an IP address");

    private static IkeProbePort[] Ports(int? port) => port switch
    {
        null => [IkeProbePort.Ike, IkeProbePort.NatTraversal],
        500 => [IkeProbePort.Ike],
        4500 => [IkeProbePort.NatTraversal],
        _ => throw new CliException(ExitCodes.WrongCall, $"--port: {port} is not a port of IKE", "choose 500 or 4500"),
    };

    private static int[]? Versions(int? version) => version switch
    {
        null => null,
        1 or 2 => [version.Value],
        _ => throw new CliException(ExitCodes.WrongCall, $"--version: there is no IKE version {version}", "choose 1 or 2"),
    };

    private static List<IkeSuite> Suites(string[]? texts)
    {
        var suites = new List<IkeSuite>();
        foreach (var text in (texts ?? []).SelectMany(value => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
        {
            if (!IkeSuite.TryParse(text, out var suite)) throw new CliException(ExitCodes.WrongCall, $"--proposal: '{text}' is not a proposal", "write it as aes256-sha256-modp2048 or aes256gcm16-prfsha256-ecp256");
            if (!IkeGroups.CanCreate(suite.Group)) throw new CliException(ExitCodes.WrongCall, $"--proposal: {IkeGroups.Name(suite.Group)} cannot be offered", "groups: modp768 to modp8192, ecp256, ecp384, ecp521, modp1024s160, modp2048s224, modp2048s256, curve25519, curve448");
            suites.Add(suite);
        }

        return suites.Count <= 16 ? suites : throw new CliException(ExitCodes.WrongCall, "--proposal: at most 16 can be offered");
    }

    private static TimeSpan Timeout(double seconds) => seconds is >= ShortestTimeout and <= LongestTimeout
        ? TimeSpan.FromSeconds(seconds)
        : throw new CliException(ExitCodes.WrongCall, $"--timeout: {seconds} is not {ShortestTimeout} to {LongestTimeout} seconds");
}

/// <summary>An endpoint to probe; its tunnel's number when it comes from a file.</summary>
internal sealed record ProbeTarget(int? Tunnel, IPAddress Address, IkeProbeOptions Options);
