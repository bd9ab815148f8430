using System.Net;
using Tunnelwright.Diagnosis;
using Tunnelwright.Gateway;
using Tunnelwright.Ike;
using Tunnelwright.Linux;
using Tunnelwright.Model;
using IcmpError = Tunnelwright.Linux.IcmpError;

namespace Tunnelwright.Doctor;

/// <summary>Asks the cloud's DNS servers through the tunnels, from an address of the customer's network: the only hosts there that answer ping.</summary>
internal sealed class CloudExamination() : Examination("cloud DNS")
{
    /// <summary>How long the cloud's routing may take to follow a tunnel that came back.</summary>
    private static readonly TimeSpan FollowTime = TimeSpan.FromSeconds(8);

    public override async Task LookAsync(Scene scene, ExaminationResult result, CancellationToken cancellationToken)
    {
        if (scene.Observed is not { } observed) return;
        var devices = scene.Tunnels.Select(tunnel => tunnel.Device).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var connection in scene.Connections)
        {
            if (!await RouteExamination.CarriesAsync(scene, connection)) continue;
            if (await LosesAsync(scene, connection))
            {
                result.Skip(Name, "the tunnels lose packets: what does not answer there says nothing");
                continue;
            }

            if (connection.HostSource(observed) is not { } source)
            {
                result.Skip(Name, "this host has no address in the customer's ranges, and the cloud answers no other");
                continue;
            }

            var servers = Servers(connection.CloudDnsServers, RouteExamination.Ranges(connection, observed, devices)).ToList();
            if (servers.Count == 0) result.Skip(Name, "the cloud's DNS servers are not known");
            else await AskAsync(scene, servers, source.ToIPAddress(), connection.CloudDnsServers.Count > 0 || KnowsProvider(scene, connection), result, cancellationToken);
        }
    }

    /// <summary>Whether a tunnel that could carry the questions loses many of them.</summary>
    private static async Task<bool> LosesAsync(Scene scene, ConnectionView connection)
    {
        foreach (var tunnel in scene.Tunnels.Where(tunnel => tunnel.Connection.Id == connection.Id && tunnel.HasPair))
        {
            if (await scene.Senses.InsideAsync(tunnel) is { IsSilent: false, Loss: >= TunnelExamination.Noticeable }) return true;
        }

        return false;
    }

    /// <summary>Those that were named; else the second and third address of the cloud's range, where providers put them.</summary>
    internal static IEnumerable<Ipv4Address> Servers(IReadOnlyList<Ipv4Address> named, IReadOnlyList<Cidr> ranges) =>
        named.Count > 0 ? named : ranges.Where(range => range.Size >= 8).Take(1).SelectMany(range => new[] { range.Network.Offset(2), range.Network.Offset(3) });

    private static async Task AskAsync(Scene scene, IReadOnlyList<Ipv4Address> servers, IPAddress source, bool named, ExaminationResult result, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(servers.Select(async server =>
        {
            var address = server.ToIPAddress();
            var udp = Names.AnswersUdpAsync(address, source, cancellationToken);
            var tcp = Names.AnswersTcpAsync(address, source, cancellationToken);
            var ping = EchoSample.TakeAsync(address, new EchoOptions { Source = source }, 5, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1), cancellationToken);
            return (Server: server, Udp: await udp, Tcp: await tcp, Ping: await ping);
        }));
        const string name = "cloud DNS";
        var said = string.Join("; ", answers.Select(answer => $"{answer.Server}: ping {(answer.Ping.IsSilent ? answer.Ping.Error is { } error ? EchoSample.Words(error) : "silent" : "answered")}, UDP 53 {Word(answer.Udp)}, TCP 53 {Word(answer.Tcp)}"));
        if (answers.Any(answer => answer is { Udp: true, Tcp: true }))
        {
            if (answers.All(answer => answer is { Udp: true, Tcp: true })) result.Pass(name, said);
            else result.Fail(name, said);
        }
        else if (Unreachable(answers.Select(answer => answer.Ping)) is { } unreachable)
        {
            HasNoRoute(scene, unreachable, said, result);
        }
        else if (!named && answers.All(answer => !answer.Udp || answer.Ping.IsSilent))
        {
            result.Skip(name, $"the cloud's DNS servers are not known, and nobody is where they often are ({said}); name one with --dns");
        }
        else if (answers.Any(answer => answer.Udp))
        {
            result.Saw(FactKind.CloudDnsTcpSilent, name, $"UDP 53 answers, TCP 53 does not ({said})");
        }
        else if (answers.Any(answer => !answer.Ping.IsSilent))
        {
            result.Saw(FactKind.CloudDnsSilent, name, $"ping answers, port 53 does not ({said})");
        }
        else
        {
            await SilentAsync(answers[0].Server, source, named, scene, said, result, cancellationToken);
        }
    }

    private static IcmpError? Unreachable(IEnumerable<EchoSample> samples) => samples.Select(sample => sample.Error).FirstOrDefault(error => error is { Type: 3, Code: 0 or 1 });

    /// <summary>Who says "unreachable": a router behind the endpoint, or this host itself, whose kernel says so of a route into an interface without SAs.</summary>
    private static void HasNoRoute(Scene scene, IcmpError unreachable, string said, ExaminationResult result)
    {
        if (scene.Observed?.Addresses.Any(own => own.Address == unreachable.From.ToString()) == true) result.Skip("cloud DNS", $"this host's own route to them leads into a tunnel that is down ({said})");
        else result.Saw(FactKind.CloudHasNoRoute, "cloud DNS", $"{unreachable.From} answers ICMP {EchoSample.Words(unreachable)}: the cloud's end has no route to its own network ({said})");
    }

    /// <summary>Whether it is known that this provider has DNS servers where they are looked for: a person's connection without the provider's file may lead anywhere.</summary>
    private static bool KnowsProvider(Scene scene, ConnectionView connection) => scene.Request.Profile.Name == RequirementProfile.Default.Name && (!connection.IsHandMade || connection.File is not null);

    /// <summary>Nothing beyond the endpoint answers: whether a router behind it does, which answers only what it was let have.</summary>
    private static async Task SilentAsync(Ipv4Address server, IPAddress source, bool known, Scene scene, string said, ExaminationResult result, CancellationToken cancellationToken)
    {
        const string name = "cloud DNS";

        // A router says "unreachable" once a second at most, and not to each that asks.
        var patient = await Task.WhenAll(scene.Tunnels.Where(tunnel => tunnel.HasPair).Select(tunnel => EchoSample.TakeAsync(
            server.ToIPAddress(), new EchoOptions { Source = source, Device = tunnel.Device }, 4, TimeSpan.FromSeconds(0.8), TimeSpan.FromSeconds(1), cancellationToken)));
        if (Unreachable(patient) is { } unreachable)
        {
            HasNoRoute(scene, unreachable, said, result);
            return;
        }

        var beyond = await EchoSample.TakeAsync(server.ToIPAddress(), new EchoOptions { Source = source, TimeToLive = 2 }, 4, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), cancellationToken);
        if (!await AnyAnswersAsync(scene))
        {
            result.Skip(name, $"no endpoint answers, inside or outside its tunnel: what is behind it cannot be judged ({said})");
        }
        else if (await HasSilentSiblingAsync(scene))
        {
            result.Skip(name, $"one of the tunnels carries nothing, and the cloud may answer through it ({said})");
        }
        else if (CameBackLately(scene))
        {
            result.Skip(name, $"a tunnel came back a moment ago, and the cloud's routing may still be following ({said})");
            result.LeavesOpen = true;
        }
        else if (beyond.Error is { Type: 11 } passed && known) result.Saw(FactKind.CloudDnsSilent, name, $"a router behind the endpoint ({passed.From}) answers, the DNS servers do not ({said})");
        else if (known) result.Saw(FactKind.SourceNotTaken, name, $"the tunnel carries packets to the endpoint, and nothing behind it answers {source}: packets of this range go no further ({said})");
        else result.Skip(name, $"nobody answers; whether somebody should is not known ({said})");
    }

    /// <summary>
    /// Whether anything comes back from an endpoint whose tunnel has SAs. A peer that answers no echo request is told from one whose path has just died, before the agent has heard a
    /// first answer, by what it says outside the tunnel.
    /// </summary>
    private static async Task<bool> AnyAnswersAsync(Scene scene)
    {
        foreach (var tunnel in scene.Tunnels.Where(tunnel => tunnel.HasPair))
        {
            if (!(await scene.Senses.InsideAsync(tunnel)).IsSilent || (await scene.Senses.PortsAsync(tunnel)).Ports.Any(port => port.State == IkePortState.Open) || !(await scene.Senses.OutsideAsync(tunnel)).IsSilent) return true;
        }

        return false;
    }

    /// <summary>Whether a person's other tunnel does not work: no agent knows since when, and the cloud's routing may not have noticed.</summary>
    private static async Task<bool> HasSilentSiblingAsync(Scene scene)
    {
        foreach (var tunnel in scene.Tunnels.Where(tunnel => tunnel.Written is not null))
        {
            if (!await TunnelExamination.WorksAsync(scene, tunnel)) return true;
        }

        return false;
    }

    private static bool CameBackLately(Scene scene) => scene.History.Any(happened => happened.Kind is EventKind.Up or EventKind.BgpUp && TimeProvider.System.GetUtcNow() - happened.At < FollowTime);

    private static string Word(bool answered) => answered ? "answered" : "silent";
}
