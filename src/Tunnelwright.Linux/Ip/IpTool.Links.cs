namespace Tunnelwright.Linux;

/// <content>Links and addresses.</content>
public sealed partial class IpTool
{
    /// <summary>All links with their counters.</summary>
    public async Task<IReadOnlyList<Link>> GetLinksAsync(CancellationToken cancellationToken = default)
        => IpJson.ReadLinks(await RunAsync(["-json", "-details", "-statistics", "link", "show"], cancellationToken));

    /// <summary>One link, or null when there is none of this name.</summary>
    public async Task<Link?> GetLinkAsync(string name, CancellationToken cancellationToken = default)
    {
        try
        {
            var text = await RunAsync(["-json", "-details", "-statistics", "link", "show", "dev", LinkNames.Check(name)], cancellationToken);
            return IpJson.ReadLinks(text).FirstOrDefault(link => link.Name == name);
        }
        catch (KernelException exception) when (exception.ErrorNumber == KernelErrors.NoDevice)
        {
            return null;
        }
    }

    /// <summary>Makes a link with its MTU, alias and state, or brings one that exists there. One process when it is new.</summary>
    /// <returns>True when it was made now.</returns>
    /// <exception cref="KernelException">
    /// The kernel refused: EOPNOTSUPP when it has no links of this kind; EEXIST when the name belongs to a link of another kind or if_id.
    /// </exception>
    public async Task<bool> EnsureLinkAsync(LinkSpec link, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(link);
        var change = new LinkChange { Up = link.Up, Alias = link.Alias };
        List<string[]> lines = [IpArguments.AddLink(link)];
        if (!change.IsEmpty)
            lines.Add(IpArguments.SetLink(link.Name, change));
        var failure = await RunBatchAsync(lines, cancellationToken);
        if (failure is null)
            return true;
        if (failure is not { Line: 1, ErrorNumber: KernelErrors.Exists })
            throw failure;

        if (await GetLinkAsync(link.Name, cancellationToken) is not { } existing)
            throw failure;
        if (existing.Kind != link.Kind || (link is XfrmLinkSpec xfrm && existing.IfId != xfrm.IfId))
        {
            var identity = existing.IfId is { } number ? $"{existing.Kind} with if_id {number}" : existing.Kind;
            throw new KernelException(
                $"make {link.Kind} link {link.Name}", KernelErrors.Exists, $"File exists (it is of kind '{identity}')", failure);
        }

        change = new LinkChange
        {
            Up = existing.Up == link.Up ? null : link.Up,
            Alias = existing.Alias == link.Alias ? null : link.Alias,
            Mtu = existing.Mtu == link.Mtu ? null : link.Mtu,
        };
        await SetLinkAsync(link.Name, change, cancellationToken);
        return false;
    }

    /// <summary>Changes a link.</summary>
    /// <exception cref="KernelException">The kernel refused: ENODEV when there is no such link.</exception>
    public async Task SetLinkAsync(string name, LinkChange change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (!change.IsEmpty)
            await RunAsync(IpArguments.SetLink(name, change), cancellationToken);
    }

    /// <summary>Takes a link away. An absent one is fine.</summary>
    /// <returns>True when it was there.</returns>
    /// <exception cref="KernelException">The kernel refused: EOPNOTSUPP for a link that cannot be deleted.</exception>
    public Task<bool> DeleteLinkAsync(string name, CancellationToken cancellationToken = default)
        => ChangeAsync(IpArguments.DeleteLink(name), new[] { KernelErrors.NoDevice }, cancellationToken);

    /// <summary>The addresses of one link, or of all.</summary>
    /// <returns>Empty when there is no such link.</returns>
    public async Task<IReadOnlyList<InterfaceAddress>> GetAddressesAsync(string? device = null, CancellationToken cancellationToken = default)
    {
        string[] selector = device is null ? [] : ["dev", LinkNames.Check(device)];
        try
        {
            return IpJson.ReadAddresses(await RunAsync(["-json", "-details", "address", "show", .. selector], cancellationToken));
        }
        catch (KernelException exception) when (exception.ErrorNumber == KernelErrors.NoDevice)
        {
            return [];
        }
    }

    /// <summary>Puts an address on a link. One that is there is fine.</summary>
    /// <param name="device">The link.</param>
    /// <param name="address">The address with its prefix length, such as <c>169.254.10.2/30</c>.</param>
    /// <param name="peer">The address of the other end of a point-to-point link, or null.</param>
    /// <param name="cancellationToken">Kills the process.</param>
    /// <exception cref="KernelException">The kernel refused: ENODEV when there is no such link.</exception>
    public Task EnsureAddressAsync(string device, string address, string? peer = null, CancellationToken cancellationToken = default)
        => RunAsync(IpArguments.ReplaceAddress(device, address, peer), cancellationToken);

    /// <summary>Takes an address from a link. An absent address or link is fine.</summary>
    /// <returns>True when it was there.</returns>
    public Task<bool> RemoveAddressAsync(string device, string address, string? peer = null, CancellationToken cancellationToken = default)
        => ChangeAsync(
            IpArguments.DeleteAddress(device, address, peer), new[] { KernelErrors.NoDevice, KernelErrors.AddressNotAvailable }, cancellationToken);
}
