using Tunnelwright.Diagnosis;
using Tunnelwright.Gateway;
using Tunnelwright.Model;

namespace Tunnelwright.Doctor;

/// <summary>Makes tunnels of the connections that a person wrote: which of them belong together, which tunnel of the provider's file each is, and which networks are at its ends.</summary>
internal sealed class WrittenTunnels(DoctorRequest request, DeviceConfiguration configuration, ObservedGateway? observed)
{
    private static readonly Cidr LinkLocal = Cidr.Parse("169.254.0.0/16");

    /// <summary>The tunnels in the order of the files.</summary>
    public IReadOnlyList<TunnelView> Of(IReadOnlyList<DeviceConnection> connections)
    {
        var agreed = Agreed(connections);
        var tunnels = new List<TunnelView>();
        foreach (var group in connections.GroupBy(connection => agreed.TryGetValue(connection, out var found) ? found.File.Read.Connection!.Id : Networks(connection), StringComparer.Ordinal))
        {
            var file = agreed.TryGetValue(group.First(), out var first) ? first.File : null;
            var view = View(file is null ? group.First().Name : group.Key, [.. group], file);
            foreach (var connection in group)
            {
                if (request.Only is { } only && only != view.Id && only != connection.Name) continue;
                var tunnel = agreed.TryGetValue(connection, out var found) ? found.Tunnel : null;
                tunnels.Add(Tunnel(view, connection, tunnel, tunnel?.Number ?? tunnels.Count + 1));
            }
        }

        return tunnels;
    }

    /// <summary>The tunnel of the provider's file that each connection is for: the one with its peer's address, else, of what is left over on both sides, the next one.</summary>
    private Dictionary<DeviceConnection, (DoctorConnection File, Tunnel Tunnel)> Agreed(IReadOnlyList<DeviceConnection> connections)
    {
        var found = new Dictionary<DeviceConnection, (DoctorConnection, Tunnel)>();
        var missing = new Queue<(DoctorConnection, Tunnel)>();
        foreach (var file in request.Files.Concat(request.Connections))
        {
            foreach (var tunnel in file.Read.Connection?.Tunnels ?? [])
            {
                var own = connections.Where(connection => connection.Peers.Contains(tunnel.CloudOutside)).ToList();
                foreach (var connection in own) found.TryAdd(connection, (file, tunnel));
                if (own.Count == 0) missing.Enqueue((file, tunnel));
            }
        }

        foreach (var connection in connections.Where(connection => !found.ContainsKey(connection)))
        {
            if (missing.TryDequeue(out var stale)) found[connection] = stale;
        }

        return found;
    }

    private ConnectionView View(string id, IReadOnlyList<DeviceConnection> group, DoctorConnection? file)
    {
        var local = group.SelectMany(connection => Ranges(connection.LocalSelectors.Select(setting => setting.Text))).Distinct().ToList();
        var remote = group.SelectMany(connection => Ranges(connection.RemoteSelectors.Select(setting => setting.Text))).Distinct().ToList();
        if (local.Count == 0) local = [.. file?.Read.Connection?.CustomerRanges ?? []];
        if (local.Count == 0) local = Attached([.. group.SelectMany(connection => connection.Peers)]);
        if (remote.Count == 0) remote = [.. file?.Read.Connection?.CloudRanges ?? []];
        return new ConnectionView { Id = id, LocalRanges = local, RemoteRanges = remote, File = file, IsHandMade = true };
    }

    private TunnelView Tunnel(ConnectionView view, DeviceConnection connection, Tunnel? agreed, int number) => new()
    {
        Connection = view,
        Number = number,
        Name = connection.Name,
        RemoteOutside = connection.Peers[0],
        LocalOutside = Ipv4Address.TryParse(connection.Local?.Text, out var local) && local != default ? local : null,
        Version = connection.Version ?? 2,
        Proposals = WrittenProposals.Expand(connection.IkeProposals?.Text),
        Keys = [.. configuration.Keys.Select(key => key.Key), .. new[] { agreed?.Ike.PreSharedKey?.Reveal() }.OfType<string>()],
        Agreed = agreed,
        Written = connection,
    };

    /// <summary>Networks on private addresses that this host is attached to other than by what leads to the peers: what is behind a gateway.</summary>
    private List<Cidr> Attached(IReadOnlyList<Ipv4Address> peers)
    {
        if (observed is null) return [];
        var uplinks = observed.Routes.Where(route => route.Destination == "default").Select(route => route.Device).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var networks = observed.Addresses
            .Where(address => address.Device != "lo" && address.Peer is null && address.PrefixLength is >= 8 and <= 30)
            .Select(address => Ipv4Address.TryParse(address.Address, out var own) ? (address.Device, Own: own, Network: Cidr.Containing(own, address.PrefixLength)) : default)
            .Where(item => item.Device is not null).ToList();
        uplinks.UnionWith(networks.Where(item => peers.Any(item.Network.Contains)).Select(item => item.Device));
        return [.. networks.Where(item => !uplinks.Contains(item.Device) && SpecialRanges.MeaningOf(item.Own)?.StartsWith("private", StringComparison.Ordinal) == true).Select(item => item.Network).Distinct()];
    }

    private static string Networks(DeviceConnection connection) => string.Join(',', Ranges(connection.RemoteSelectors.Select(setting => setting.Text)).Select(range => range.ToString()).Order(StringComparer.Ordinal));

    /// <summary>The ranges of traffic selectors, without everything (0.0.0.0/0), inside addresses, and what is only known at run time (dynamic).</summary>
    internal static IEnumerable<Cidr> Ranges(IEnumerable<string> selectors)
    {
        foreach (var word in selectors.SelectMany(text => text.Split([',', ' ', '{', '}'], StringSplitOptions.RemoveEmptyEntries)))
        {
            var plain = word.Split('[', 2)[0];
            if (!plain.Contains('/', StringComparison.Ordinal)) plain += "/32";
            if (Cidr.TryParse(plain, out var range) && range.PrefixLength > 0 && !LinkLocal.Contains(range)) yield return range;
        }
    }
}
