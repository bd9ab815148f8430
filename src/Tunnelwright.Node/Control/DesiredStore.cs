using System.Text.Json;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Linux;

namespace Tunnelwright.Node.Control;

/// <summary>
/// The last desired state, in memory and on disk: a node that is cut off from the service, or restarted without it, goes on with it.
/// Changes are merged into it; what is kept is always everything.
/// </summary>
internal sealed class DesiredStore
{
    private readonly string _path;
    private volatile NodeDesiredState? _current;

    private DesiredStore(string path, NodeDesiredState? current) => (_path, _current) = (path, current);

    /// <summary>The whole desired state; null before the first was ever taken.</summary>
    public NodeDesiredState? Current => _current;

    /// <summary>Opens the store. A file that cannot be read counts as none: the service is asked for everything.</summary>
    /// <param name="path">The file.</param>
    public static DesiredStore Open(string path)
    {
        try
        {
            return new DesiredStore(path, File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllText(path), CloudJson.Default.NodeDesiredState) : null);
        }
        catch (JsonException)
        {
            return new DesiredStore(path, null);
        }
    }

    /// <summary>Takes what the service sent: everything, or what changed.</summary>
    /// <param name="next">The service's answer.</param>
    /// <param name="cancellationToken">Only keeps the write from starting.</param>
    public async Task TakeAsync(NodeDesiredState next, CancellationToken cancellationToken)
    {
        var merged = Merge(_current, next);
        await AtomicFile.WriteAsync(_path, JsonSerializer.Serialize(merged, CloudJson.Default.NodeDesiredState), cancellationToken: cancellationToken);
        _current = merged;
    }

    /// <summary>A desired state with a later one put into it.</summary>
    public static NodeDesiredState Merge(NodeDesiredState? current, NodeDesiredState next)
    {
        if (next.Complete || current is null) return next with { Complete = true, Removed = [] };
        var changed = next.Customers.Select(customer => customer.Id).Concat(next.Removed).ToHashSet(StringComparer.Ordinal);
        var customers = current.Customers.Where(customer => !changed.Contains(customer.Id)).Concat(next.Customers).OrderBy(customer => customer.Id, StringComparer.Ordinal);
        return new NodeDesiredState(next.Version, Complete: true, [.. customers], []);
    }
}
