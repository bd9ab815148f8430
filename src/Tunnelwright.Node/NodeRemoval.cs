using System.Globalization;
using Tunnelwright.Linux;
using Tunnelwright.Node.Customers;
using Tunnelwright.Node.Edge;

namespace Tunnelwright.Node;

/// <summary>Takes a node off its machine.</summary>
public static class NodeRemoval
{
    /// <summary>Ends the node's agent, then every customer's gateway, and takes away namespaces, wires, routes, filter, BIRD, credential and desired state. What is not there is fine.</summary>
    /// <param name="cancellationToken">Ends the work; the next call goes on.</param>
    /// <returns>How many customers were taken away.</returns>
    public static async Task<int> RemoveAsync(CancellationToken cancellationToken)
    {
        if (Agent() is { } agent) await agent.StopAsync(TimeSpan.FromSeconds(5), cancellationToken);
        NodePaths.Create();
        using var held = await FileLock.AcquireAsync(NodePaths.Lock, cancellationToken: cancellationToken).WaitAsync(TimeSpan.FromSeconds(10), cancellationToken);
        await EdgeAnnouncer.RemoveAsync(cancellationToken);
        var customers = await CustomerNamespace.ThereAsync(cancellationToken);
        foreach (var customer in customers) await CustomerNamespace.RemoveAsync(customer, cancellationToken);
        await NodeFilter.RemoveAsync(cancellationToken);
        foreach (var folder in new[] { NodePaths.Kept, NodePaths.State }.Where(Directory.Exists)) Directory.Delete(folder, recursive: true);
        return customers.Count;
    }

    private static ServiceProcess? Agent()
    {
        if (!File.Exists(NodePaths.Process)) return null;
        var words = File.ReadAllText(NodePaths.Process).Trim().Split(' ');
        return words is [var pid, var start] && int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var time)
            ? new ServiceProcess(number, time)
            : null;
    }
}
