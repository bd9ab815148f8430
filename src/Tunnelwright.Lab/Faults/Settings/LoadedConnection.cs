using System.Globalization;
using Tunnelwright.Gateway;
using Tunnelwright.Model;
using Tunnelwright.Vici;

namespace Tunnelwright.Lab.Faults;

/// <summary>
/// A tunnel's connection, loaded into the IKE daemon behind the agent's back with one setting that our own desired state does not know. The key
/// keeps its name, by which the agent sees that all is loaded, so that it stays until it is healed.
/// </summary>
internal static class LoadedConnection
{
    /// <summary>Loads it and ends the SAs that were made before.</summary>
    /// <param name="site">The lab.</param>
    /// <param name="host">The lab host.</param>
    /// <param name="tunnel">1 or 2.</param>
    /// <param name="change">Takes the message of load-conn below the connection's name, and the name of its child.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task ReplaceAsync(FaultSite site, string host, int tunnel, Func<ViciSection, string, ViciSection> change, CancellationToken cancellationToken)
    {
        var desired = await site.DesiredAsync(host, cancellationToken);
        var (connection, item) = desired.AllTunnels().First(candidate => candidate.Tunnel.Number == tunnel);
        var name = GatewayNames.Connection(connection.Id, tunnel);
        var outside = item.LocalOutside ?? Ipv4Address.Parse(site.Host(host).Addresses.First(address => !address.StartsWith("10.", StringComparison.Ordinal)));
        using var agent = LabHostProcesses.AgentOf(site.Host(host));
        var userspace = (await agent.TryGetStatusAsync(cancellationToken))?.DataPlane == "userspace";
        site.ReloadAtHealing(host);
        await LabHostProcesses.WithCharonsAsync(site.Host(host), async (client, socket) =>
        {
            if (!(await client.GetConnectionNamesAsync(cancellationToken)).Contains(name)) return;
            var folder = Path.GetFileName(Path.GetDirectoryName(socket))!;
            var instance = new CharonInstance(desired.Name, int.Parse(folder["charon-".Length..], CultureInfo.InvariantCulture), userspace);
            var settings = TunnelSecurity.Connection(connection, item, instance, outside).Sections.First().Value;
            await client.LoadConnectionAsync(name, change(settings, name), cancellationToken);
            await EndAsync(client, name, cancellationToken);
        });
    }

    /// <summary>Ends a connection's SAs without waiting for the peer.</summary>
    public static async Task EndAsync(ViciClient client, string name, CancellationToken cancellationToken)
    {
        foreach (var sa in (await client.ListSasAsync(cancellationToken: cancellationToken)).Where(sa => sa.Name == name))
        {
            try
            {
                await client.TerminateAsync(new TerminateRequest { IkeId = sa.UniqueId, Force = true, Timeout = TimeSpan.FromSeconds(2) }, cancellationToken: cancellationToken);
            }
            catch (ViciCommandFailedException)
            {
                // It ended by itself in between.
            }
        }
    }

    /// <summary>A copy of a section in which one entry is another.</summary>
    /// <param name="section">The section.</param>
    /// <param name="path">The names of the sections on the way, and the entry's.</param>
    /// <param name="add">Adds the entry of this name.</param>
    public static ViciSection With(ViciSection section, IReadOnlyList<string> path, Action<ViciSection, string> add)
    {
        var copy = new ViciSection();
        foreach (var entry in section.Where(entry => entry.Key != path[0] || path.Count > 1))
        {
            if (entry.Section is { } inner) copy.Add(entry.Key, entry.Key == path[0] ? With(inner, [.. path.Skip(1)], add) : inner);
            else if (entry.Kind == ViciEntryKind.List) copy.Add(entry.Key, entry.Items);
            else copy.Add(entry.Key, entry.Text);
        }

        if (path.Count == 1) add(copy, path[0]);
        return copy;
    }
}
