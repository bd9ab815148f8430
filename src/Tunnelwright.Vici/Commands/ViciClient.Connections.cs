namespace Tunnelwright.Vici;

public sealed partial class ViciClient
{
    /// <summary>
    /// Loads a connection, in place of one of the same name (<c>load-conn</c>). The daemon takes an empty configuration without a word,
    /// so this refuses one.
    /// </summary>
    /// <param name="name">The name of the connection.</param>
    /// <param name="configuration">The keys of swanctl.conf(5), section "connections.&lt;conn&gt;".</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <exception cref="ArgumentException">The name or the configuration is empty.</exception>
    /// <exception cref="ViciCommandFailedException">The daemon found a mistake, and kept what it had.</exception>
    public Task LoadConnectionAsync(string name, ViciSection configuration, CancellationToken cancellationToken = default) =>
        LoadNamedAsync("load-conn", name, configuration, cancellationToken);

    /// <summary>Unloads a connection that was loaded over VICI; its SAs stay up (<c>unload-conn</c>).</summary>
    /// <exception cref="ViciCommandFailedException">There is no such connection.</exception>
    public Task UnloadConnectionAsync(string name, CancellationToken cancellationToken = default) =>
        RequestAsync("unload-conn", new ViciSection { { "name", name } }, cancellationToken);

    /// <summary>The names of the connections that were loaded over VICI (<c>get-conns</c>).</summary>
    public Task<IReadOnlyList<string>> GetConnectionNamesAsync(CancellationToken cancellationToken = default) =>
        GetNamesAsync("get-conns", "conns", cancellationToken);

    /// <summary>Loads a certification authority, in place of one of the same name (<c>load-authority</c>).</summary>
    /// <param name="name">A name for it.</param>
    /// <param name="configuration">
    /// The keys of swanctl.conf(5), section "authorities.&lt;name&gt;"; <c>cacert</c> holds the certificate itself.
    /// </param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <exception cref="ArgumentException">The name or the configuration is empty.</exception>
    public Task LoadAuthorityAsync(string name, ViciSection configuration, CancellationToken cancellationToken = default) =>
        LoadNamedAsync("load-authority", name, configuration, cancellationToken);

    /// <summary>Unloads a certification authority (<c>unload-authority</c>).</summary>
    /// <exception cref="ViciCommandFailedException">There is no such authority.</exception>
    public Task UnloadAuthorityAsync(string name, CancellationToken cancellationToken = default) =>
        RequestAsync("unload-authority", new ViciSection { { "name", name } }, cancellationToken);

    /// <summary>The names of the loaded certification authorities (<c>get-authorities</c>).</summary>
    public Task<IReadOnlyList<string>> GetAuthorityNamesAsync(CancellationToken cancellationToken = default) =>
        GetNamesAsync("get-authorities", "authorities", cancellationToken);

    /// <summary>Loads a pool of virtual addresses and attributes, in place of one of the same name (<c>load-pool</c>).</summary>
    /// <param name="name">The name of the pool.</param>
    /// <param name="configuration">
    /// <c>addrs</c> (a network or a range) and lists of attributes: <c>dns</c>, <c>subnet</c> … (swanctl.conf(5), "pools").
    /// </param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <exception cref="ArgumentException">The name or the configuration is empty.</exception>
    public Task LoadPoolAsync(string name, ViciSection configuration, CancellationToken cancellationToken = default) =>
        LoadNamedAsync("load-pool", name, configuration, cancellationToken);

    /// <summary>Unloads a pool (<c>unload-pool</c>).</summary>
    /// <exception cref="ViciCommandFailedException">There is no such pool, or it has leases in use.</exception>
    public Task UnloadPoolAsync(string name, CancellationToken cancellationToken = default) =>
        RequestAsync("unload-pool", new ViciSection { { "name", name } }, cancellationToken);

    /// <summary>The loaded pools (<c>get-pools</c>).</summary>
    /// <param name="name">The name of one, or null for all.</param>
    /// <param name="leases">Whether to tell their leases.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    public async Task<IReadOnlyList<PoolStatus>> GetPoolsAsync(
        string? name = null, bool leases = false, CancellationToken cancellationToken = default)
    {
        var arguments = new ViciSection { { "leases", leases } };
        arguments.AddOptional("name", name);
        var answer = await RequestAsync("get-pools", arguments, cancellationToken);
        return [.. answer.Sections.Select(pool => PoolStatus.Read(pool.Key, pool.Value))];
    }

    private Task<ViciSection> LoadNamedAsync(string command, string name, ViciSection configuration, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(configuration);
        if (configuration.Count == 0)
            throw new ArgumentException("The configuration is empty.", nameof(configuration));
        return RequestAsync(command, new ViciSection { { name, configuration } }, cancellationToken);
    }

    private async Task<IReadOnlyList<string>> GetNamesAsync(string command, string key, CancellationToken cancellationToken) =>
        (await RequestAsync(command, arguments: null, cancellationToken)).GetList(key);
}
