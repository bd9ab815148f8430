namespace Tunnelwright.Lab;

/// <summary>What the provider does without notice: a name of the cloud gets another address, which its DNS servers tell from then on, one after the other.</summary>
public static class CloudMoves
{
    /// <summary>What can move, and its name.</summary>
    public static IReadOnlyDictionary<string, string> Movable { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["load-balancer"] = LabNames.LoadBalancer,
        ["database"] = LabNames.Database,
    };

    /// <summary>Moves it to its other address.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="what">A key of <see cref="Movable"/>.</param>
    /// <param name="cancellationToken">Ends the work; the next call begins with what is there.</param>
    /// <returns>The name and its new address.</returns>
    /// <exception cref="LabException">Nothing of this name moves, or a DNS server does not start again.</exception>
    public static async Task<(string Name, string Address)> MoveAsync(LabInstance lab, string what, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lab);
        if (!Movable.TryGetValue(what, out var name)) throw new LabException($"'{what}' does not move; what does: {string.Join(", ", Movable.Keys)}");
        var known = await File.ReadAllTextAsync(CloudServices.DnsConfigurationOf(lab.Host("cloud-dns-1")), cancellationToken);
        var now = Movable.Values.ToDictionary(moving => moving, moving => LabNames.AddressesOf(moving).First(address => known.Contains($",{address}\n", StringComparison.Ordinal)));
        now[name] = LabNames.AddressesOf(name).First(address => address != now[name]);
        var service = known.Contains($"server=/{LabNames.CustomerDomain}/{LabAddresses.EndpointInCloud(1)}\n", StringComparison.Ordinal);
        foreach (var server in new[] { "cloud-dns-1", "cloud-dns-2" })
            await CloudServices.RestartDnsAsync(lab, server, LabNames.Cloud(now[LabNames.LoadBalancer], now[LabNames.Database], service) + (service && server == ServiceCustomer.First.Server ? ServiceCustomer.First.Record : ""), cancellationToken);
        return (name, now[name]);
    }
}
