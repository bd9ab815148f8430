using Tunnelwright.Diagnosis;
using Tunnelwright.Gateway;

namespace Tunnelwright.Doctor;

/// <summary>Leads packets that ought to pass through this host's own nftables rules, and tells which rule drops them.</summary>
internal sealed class FilterExamination() : Examination("filter")
{
    public override async Task LookAsync(Scene scene, ExaminationResult result, CancellationToken cancellationToken)
    {
        if (scene.Observed is not { } observed || scene.Tunnels.Count == 0) return;
        var walk = await scene.Senses.RulesetAsync();
        var before = result.Facts.Count;
        foreach (var connection in scene.Connections) Forwarded(scene, walk, connection, observed, result);
        if (result.Facts.Count == before) result.Pass(Name, $"no rule of this host drops what belongs to the tunnels ({walk.TableCount} table{(walk.TableCount == 1 ? "" : "s")})");
    }

    private static void Forwarded(Scene scene, RulesetWalk walk, ConnectionView connection, ObservedGateway observed, ExaminationResult result)
    {
        var tunnels = scene.Tunnels.Where(tunnel => tunnel.Connection.Id == connection.Id && tunnel.Device is not null).ToList();
        if (tunnels.Count == 0 || connection.HostSource(observed) is not { } own || observed.Addresses.FirstOrDefault(address => address.Address == own.ToString()) is not { } inner) return;
        var devices = tunnels.Select(tunnel => tunnel.Device!).ToHashSet(StringComparer.Ordinal);
        var host = own.Offset(9);
        foreach (var range in RouteExamination.Ranges(connection, observed, devices).Where(range => range.Size >= 8))
        {
            // Every address of a small range, some of a large one.
            var step = Math.Max(1, range.Size / 256);
            var places = Enumerable.Range(0, (int)Math.Min(range.Size, 256)).Select(index => range.Network.Offset(index * step)).Where(place => place != range.Network && place != range.Last).ToList();
            var out_ = places.Select(place => (Place: place, Drop: walk.Follow("forward", new TracedPacket(host, place) { In = inner.Device, Out = tunnels[0].Device!, Protocol = "tcp", SourcePort = 40000, DestinationPort = 443, IsNew = true }))).ToList();
            var dropped = out_.Where(item => item.Drop is not null).ToList();
            if (dropped.Count == out_.Count && dropped.Count > 0)
                result.Saw(FactKind.ForwardedDropped, "filter", $"this host's own filter drops what is forwarded to the cloud: {dropped[0].Drop}", source: "nft list ruleset");
            else if (dropped.Count > 0)
                result.Saw(FactKind.SomeAddressesDropped, "filter", $"this host's own filter lets {out_.Count - dropped.Count} of {out_.Count} addresses of {range} pass and drops the others, such as {dropped[0].Place}: {dropped[0].Drop}", source: "nft list ruleset");
            var from = range.Network.Offset(2);
            var back = new TracedPacket(from, host) { In = tunnels[0].Device!, Out = inner.Device, Protocol = "tcp", SourcePort = 443, DestinationPort = 40000 };
            if (walk.Follow("forward", back) is { } answer)
                result.Saw(FactKind.ForwardedDropped, "filter", $"this host's own filter drops the cloud's answers: {answer}", source: "nft list ruleset");
            else if (walk.Follow("forward", back with { Protocol = "udp", SourcePort = 40000, DestinationPort = 53, IsNew = true }) is { } question && walk.Follow("forward", back with { Protocol = "udp", SourcePort = 40000, DestinationPort = 40001, IsNew = true }) is null)
                result.Saw(FactKind.OnsiteDnsDropped, "filter", $"this host's own filter drops the cloud's questions to DNS servers here: {question}", source: "nft list ruleset");
        }
    }
}
