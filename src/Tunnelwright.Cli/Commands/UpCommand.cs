using System.CommandLine;
using System.Globalization;
using Tunnelwright.Cli.Customer;
using Tunnelwright.Gateway;
using Tunnelwright.Model;

namespace Tunnelwright.Cli.Commands;

/// <summary>The files and options of plan and up.</summary>
internal sealed class ConnectionOptions
{
    private readonly Argument<string[]> _files = Options.Files("the provider's file");
    private readonly Option<string[]> _local = Options.Ranges("--local-range", "ranges on this side that go through the tunnels; default: the private networks connected to this host");
    private readonly Option<string[]> _cloud = Options.Ranges("--cloud-range", "ranges behind the cloud's end; default: what the file says, or what BGP announces");
    private readonly Option<string[]> _dns = Options.Addresses("--cloud-dns", "the cloud's DNS servers: a little traffic goes to them through every tunnel, so that none is closed for being idle");
    private readonly Option<int?> _echo = new("--echo-interval") { Description = "milliseconds from one echo request through a healthy tunnel to the next, 100 to 10000; default: 100. The less is asked, the later a death is seen", HelpName = "MS" };
    private readonly Option<string?> _prefer = new("--prefer") { Description = "the tunnel to use as long as it lives: 1, 2 or none; both: the two at once (ECMP), where the cloud's end allows it; default: 1 with static routing, none with BGP", HelpName = "1|2|none|both" };
    private readonly Option<string?> _asn = new("--customer-asn") { Description = "the customer gateway's AS number, where the file has a placeholder" };
    private readonly Option<string?> _address = new("--customer-address") { Description = "the customer gateway's public address, where the file has a placeholder" };
    private readonly Option<string> _plane = Options.DataPlane();
    private readonly Option<string> _profile = Options.Profile();
    private readonly NameOptions _names = new();

    public void AddTo(Command command)
    {
        command.Add(_files);
        foreach (var option in (Option[])[_local, _cloud, _dns, _echo, _prefer, _asn, _address, _plane, _profile, .. _names.All]) command.Add(option);
    }

    /// <summary>The connections of the command's files with the options, and the file's bytes.</summary>
    public async Task<IReadOnlyList<(StoredConnection Connection, byte[] Content)>> ReadAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var profile = Options.LoadProfile(parsed.GetRequiredValue(_profile));
        var prefer = parsed.GetValue(_prefer) switch
        {
            null => (int?)null,
            "none" or "both" => 0,
            "1" => 1,
            "2" => 2,
            var other => throw new CliException(ExitCodes.WrongCall, $"--prefer: '{other}' is not 1, 2, none or both"),
        };
        var echo = parsed.GetValue(_echo);
        if (echo is < 100 or > 10_000) throw new CliException(ExitCodes.WrongCall, $"--echo-interval: {echo} is not 100 to 10000 milliseconds");
        var local = Options.ParseRanges("--local-range", parsed.GetValue(_local));
        var cloud = Options.ParseRanges("--cloud-range", parsed.GetValue(_cloud));
        var servers = Options.ParseAddresses("--cloud-dns", parsed.GetValue(_dns));
        var names = _names.Read(parsed, profile, servers);
        var found = new List<(StoredConnection, byte[])>();
        foreach (var path in parsed.GetRequiredValue(_files))
        {
            var (connection, content) = ProviderFiles.ReadUsable(path, profile);
            if (found.Find(known => known.Item1.Connection.Id == connection.Id).Item1 is { } twin)
                throw new CliException(ExitCodes.WrongCall, $"{path} is {connection.Id}, as {twin.File} is", "give each connection once");
            var localRanges = local.Count > 0 ? local : connection.CustomerRanges.Count > 0 ? connection.CustomerRanges : await CustomerHost.GuessLocalRangesAsync(connection, cancellationToken);
            foreach (var range in cloud.Count > 0 ? cloud : connection.CloudRanges)
            {
                if (localRanges.FirstOrDefault(other => other.Overlaps(range)) is { PrefixLength: > 0 } clash)
                    throw new CliException(ExitCodes.WrongCall, $"the cloud's range {range} overlaps this side's range {clash}", "renumber one side, or give --local-range");
            }

            var options = new StoredOptions
            {
                LocalRanges = [.. localRanges.Select(range => range.ToString())],
                CloudRanges = [.. cloud.Select(range => range.ToString())],
                CloudDnsServers = [.. servers.Select(address => address.ToString())],
                EchoInterval = echo,
                Prefer = prefer,
                EqualCost = parsed.GetValue(_prefer) == "both",
                CustomerAsn = parsed.GetValue(_asn),
                CustomerAddress = parsed.GetValue(_address),
                DataPlane = Options.ParseDataPlane(parsed.GetRequiredValue(_plane)),
                Names = names,
            };
            var stored = new StoredConnection(path, connection, options);
            CustomerHost.Desire([stored]);
            if (connection.Routing == Routing.Static && cloud.Count == 0 && connection.CloudRanges.Count == 0)
                Console.Error.WriteLine($"warning: {path} does not say which networks are behind the cloud's end: the tunnels come up, but nothing is routed into them; give --cloud-range [route-missing]");
            found.Add((stored, content));
        }

        return found;
    }

    /// <summary>What is in service already, with the command's connections in place of their older selves.</summary>
    public static DesiredGateway Merge(IEnumerable<StoredConnection> added)
    {
        var list = added.ToList();
        var kept = ConnectionsFolder.Read(problem => Console.Error.WriteLine($"warning: {problem}"))
            .Where(stored => !list.Any(other => other.Connection.Id == stored.Connection.Id));
        return CustomerHost.Desire([.. kept, .. list]);
    }
}

/// <summary>plan: what up would change.</summary>
internal static class PlanCommand
{
    public static Command Create()
    {
        var connections = new ConnectionOptions();
        var json = Options.Json();
        var command = new Command("plan", "Print what up would change; nothing is done.");
        connections.AddTo(command);
        command.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            CustomerHost.Require(bgp: false);
            var added = await connections.ReadAsync(parsed, cancellationToken);
            var plan = await GatewayEngine.PlanAsync(ConnectionOptions.Merge(added.Select(item => item.Connection)), cancellationToken);
            return PlanText.Write(plan, parsed.GetValue(json));
        });
        return command;
    }
}

/// <summary>up: applies the plan and waits for proof.</summary>
internal static class UpCommand
{
    public static Command Create()
    {
        var connections = new ConnectionOptions();
        var wait = new Option<int>("--wait") { Description = "seconds to wait for traffic through every tunnel; 0 does not wait", DefaultValueFactory = _ => 30, HelpName = "SECONDS" };
        var json = Options.Json();
        var command = new Command("up", "Bring a provider's connection up on this host and prove it with packets.");
        connections.AddTo(command);
        command.Add(wait);
        command.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            try
            {
                return await RunAsync(connections, parsed, parsed.GetValue(wait), parsed.GetValue(json), cancellationToken);
            }
            catch (OperationCanceledException)
            {
                throw new CliException(ExitCodes.NotHealthy, "interrupted before every tunnel was proved; what had begun goes on in the background", "tunnelwright status shows it, tunnelwright down takes it away");
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(ConnectionOptions connections, ParseResult parsed, int waitSeconds, bool json, CancellationToken cancellationToken)
    {
        if (waitSeconds is < 0 or > 86400) throw new CliException(ExitCodes.WrongCall, "--wait takes 0 to 86400 seconds");
        CustomerHost.Require(bgp: false);
        GatewayEngine.Prepare();
        var added = await connections.ReadAsync(parsed, cancellationToken);
        CustomerHost.Require(added.Any(item => item.Connection.Connection.Routing == Routing.Bgp));
        using var agent = new AgentClient(CustomerHost.GatewayName);
        var current = await agent.TryGetStatusAsync(cancellationToken) is null ? null : await agent.TryGetDesiredAsync(cancellationToken);
        var desired = ConnectionOptions.Merge(added.Select(item => item.Connection));
        foreach (var difference in Differences(current, desired)) Console.Error.WriteLine(difference);

        // Everything that forbids it is found before anything is written.
        await using var drive = current is null ? FirstDrive.TryTake(desired, agent) : null;
        if (current is null)
        {
            var plan = drive is null ? await GatewayEngine.PlanAsync(desired, cancellationToken) : await drive.PlanAsync(cancellationToken);
            if (plan.Problems.Count > 0) throw new CliException(ExitCodes.MachineCannot, plan.Problems[0].Message, plan.Problems[0].Hint);
        }

        foreach (var (connection, content) in added) ConnectionsFolder.Store(connection.Connection, content, connection.Options);
        var ids = added.Select(item => item.Connection.Connection.Id).ToHashSet(StringComparer.Ordinal);
        var limit = TimeSpan.FromSeconds(waitSeconds);
        if (current is not null)
            return await Progress.FollowAsync(agent.TryGetStatusAsync, ids, await agent.SetDesiredAsync(desired, cancellationToken), limit, json, cancellationToken);
        if (drive is null)
        {
            // Another call drives the gateway and is about to hand it over.
            await FirstDrive.UntilListensAsync(agent, null, cancellationToken);
            return await Progress.FollowAsync(agent.TryGetStatusAsync, ids, await agent.SetDesiredAsync(ConnectionOptions.Merge(added.Select(item => item.Connection)), cancellationToken), limit, json, cancellationToken);
        }

        drive.Start();
        return await Progress.FollowAsync(drive.AskAsync, ids, 0, limit, json, cancellationToken);
    }

    /// <summary>What is different from what is in service, in words; keys are only said to differ.</summary>
    internal static IEnumerable<string> Differences(DesiredGateway? current, DesiredGateway next)
    {
        if (current is not null && current.Dns != next.Dns) yield return $"DNS forwarder: {Names(current.Dns)} → {Names(next.Dns)}";
        foreach (var connection in next.Connections)
        {
            if (current?.Connections.FirstOrDefault(known => known.Id == connection.Id) is not { } known) continue;
            if (known == connection)
            {
                yield return $"{connection.Id} is in service with these values already";
                continue;
            }

            yield return $"{connection.Id} is in service with other values and is changed:";
            if (known.LocalRanges != connection.LocalRanges) yield return $"  this side's ranges: {known.LocalRanges} → {connection.LocalRanges}";
            if (known.RemoteRanges != connection.RemoteRanges) yield return $"  the cloud's ranges: {known.RemoteRanges} → {connection.RemoteRanges}";
            if (known.PreferredTunnel != connection.PreferredTunnel) yield return $"  preferred tunnel: {Preference(known.PreferredTunnel)} → {Preference(connection.PreferredTunnel)}";
            if (known.Routing != connection.Routing) yield return $"  routing: {known.Routing} → {connection.Routing}";
            foreach (var tunnel in connection.Tunnels)
            {
                var before = known.Tunnels.FirstOrDefault(other => other.Number == tunnel.Number);
                if (before is null) yield return $"  tunnel {tunnel.Number}: new";
                else if (before != tunnel) yield return $"  tunnel {tunnel.Number}: {string.Join(", ", Changed(before, tunnel))}";
            }
        }
    }

    private static string Names(DesiredDns? dns) => dns is null ? "none" : $"at {dns.Listen} for {string.Join(", ", dns.Rules.Select(rule => rule.Domain))}";

    private static string Preference(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "none";

    private static IEnumerable<string> Changed(DesiredTunnel before, DesiredTunnel after)
    {
        if (before.RemoteOutside != after.RemoteOutside) yield return $"cloud address {before.RemoteOutside} → {after.RemoteOutside}";
        if (before.LocalInside != after.LocalInside) yield return $"inside address {before.LocalInside} → {after.LocalInside}";
        if (!Equals(before.Ike.PreSharedKey, after.Ike.PreSharedKey)) yield return "another pre-shared key";
        if (before.Ike with { PreSharedKey = null } != after.Ike with { PreSharedKey = null }) yield return $"phase 1 IKEv{(int)before.Ike.Version} {before.Ike.Proposal} → IKEv{(int)after.Ike.Version} {after.Ike.Proposal}";
        if (before.Ipsec != after.Ipsec) yield return $"phase 2 {before.Ipsec.Proposal}, {before.Ipsec.Lifetime} → {after.Ipsec.Proposal}, {after.Ipsec.Lifetime}";
        if (before.Bgp != after.Bgp) yield return "BGP";
        if (before.MaximumMtu != after.MaximumMtu || before.MaximumMss != after.MaximumMss) yield return "MTU or MSS";
    }
}
