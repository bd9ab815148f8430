using Dapper;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>
/// Another node for one tunnel's endpoint, with the same outside address: its MED is raised so that traffic goes over the other tunnel, the old
/// node gives the endpoint up, the new one takes it, and the MED goes back when the tunnel is up again. It never waits for a node that there is not: when none can
/// take the endpoint any more, it ends with the endpoint where it was.
/// </summary>
internal sealed class ReplaceSteps(Placement placement, CloudOptions options) : IOperationSteps
{
    public const string Draining = "traffic is leaving the endpoint";

    /// <summary>What is added to the MED of an endpoint that is being replaced.</summary>
    public const int RaisedMed = 1000;

    private const string Releasing = "the old node is giving the endpoint up";
    private const string Moving = "the new node is taking the endpoint";
    private const string Restoring = "traffic may come back";

    private const string NoNodeStep = "no node can take the endpoint";

    /// <summary>How an earlier program waited for a node.</summary>
    private const string Waiting = "waiting for a node of a free failure domain";

    /// <summary>How long a customer's gateway may take to come back before the MED is restored anyway.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>How much longer than the traffic's leave the other tunnel is waited for when it goes down meanwhile.</summary>
    private static readonly TimeSpan OtherPatience = TimeSpan.FromSeconds(30);

    public OperationKind Kind => OperationKind.ReplaceEndpoint;

    /// <summary>Why no node can take an endpoint, in words.</summary>
    public static string NoNode(int other) => $"No node can take the endpoint: none that reports, is not draining and is in another failure domain than tunnel {other}'s.";

    public async Task AdvanceAsync(StepContext context)
    {
        var tunnel = context.Tunnel(context.Operation.Tunnel ?? 1);
        switch (context.Operation.Step)
        {
            case Draining or Waiting when tunnel.NodeId is { } node && context.Data.Left is { } left && node != left:
                // The node fell silent meanwhile, and its endpoints were moved away.
                await OperationStore.StepAsync(context.Store, context.Operation, Moving, tunnel.Number, context.Data);
                break;
            case Draining or Waiting when TakesTheOnlyWay(context, tunnel):
                await WaitForTheOtherAsync(context, tunnel);
                break;
            case Draining or Waiting when tunnel.Silent || (tunnel.IsProgrammed && (!context.Data.WasUp || context.Operation.StepAge >= TimeSpan.FromSeconds(options.DrainSeconds))):
                await ReleaseAsync(context, tunnel);
                break;
            case Releasing:
                await MoveAsync(context, tunnel);
                break;
            case Moving when tunnel.Silent || (tunnel.IsProgrammed && (!context.Data.WasUp || Carrying.Is(context.Row, tunnel) || context.Operation.StepAge >= Patience)):
                await RestoreAsync(context, tunnel);
                await OperationStore.StepAsync(context.Store, context.Operation, Restoring, tunnel.Number, context.Data);
                await NodeStore.TouchAsync(context.Store, context.Row.CustomerId, [tunnel.NodeId]);
                break;
            case Restoring when !tunnel.IsAwaited:
                await FinishAsync(context, "done", "endpoint.replaced", $"The endpoint of tunnel {tunnel.Number} was replaced.{context.Unreached}");
                break;
        }
    }

    /// <summary>Whether the endpoint has all of the traffic: the other tunnel, which had a way when this began, has none any more.</summary>
    private static bool TakesTheOnlyWay(StepContext context, TunnelRow tunnel) =>
        context.Data.WasUp && tunnel.IsProgrammed && Carrying.Is(context.Row, tunnel) && !Carrying.Is(context.Row, context.Tunnel(3 - tunnel.Number));

    /// <summary>The other tunnel gets some time to come back; then the endpoint stays, so that the customer's other changes are not held up.</summary>
    private async Task WaitForTheOtherAsync(StepContext context, TunnelRow tunnel)
    {
        if (context.Operation.StepAge < TimeSpan.FromSeconds(options.DrainSeconds) + OtherPatience) return;
        await EndAsync(context, tunnel, "traffic has no other way", $"{Carrying.WhyNot(context.Tunnel(3 - tunnel.Number))}: traffic would have no other way. It stays where it was.");
        await NodeStore.TouchAsync(context.Store, context.Row.CustomerId, [tunnel.NodeId]);
    }

    private async Task ReleaseAsync(StepContext context, TunnelRow tunnel)
    {
        if (await placement.FindAsync(context.Store, tunnel.NodeId, OtherDomain(context, tunnel)) is null)
        {
            await EndAsync(context, tunnel, NoNodeStep, $"{NoNode(3 - tunnel.Number)} It stays where it was.");
            await NodeStore.TouchAsync(context.Store, context.Row.CustomerId, [tunnel.NodeId]);
            return;
        }

        await context.Store.ExecuteAsync("update tunnels set node_id = null, generation = generation + 1 where connection_id = @Id and number = @Number", new { context.Row.Id, tunnel.Number });
        var versions = await NodeStore.TouchAsync(context.Store, context.Row.CustomerId, [tunnel.NodeId]);
        await Holds.AddAsync(context.Store, [tunnel.CloudAddress], versions);
        await OperationStore.StepAsync(context.Store, context.Operation, Releasing, tunnel.Number, context.Data with { Awaited = versions });
    }

    private async Task MoveAsync(StepContext context, TunnelRow tunnel)
    {
        if (!await OperationStore.IsCarriedOutAsync(context.Store, context.Data, context.Silence)) return;
        var old = context.Data.Awaited.Keys.FirstOrDefault();

        // The node that there was when the old one was asked to give the endpoint up may be gone: then the old one is better than none, also when it is draining.
        var other = OtherDomain(context, tunnel);
        if ((await placement.OneAsync(context.Store, old, other) ?? await placement.OneAsync(context.Store, null, other) ?? await LivingAsync(context, old)) is not { } node)
        {
            await EndAsync(context, tunnel, NoNodeStep, $"{NoNode(3 - tunnel.Number)} The first one that can will have it.");
            return;
        }

        await context.Store.ExecuteAsync("update tunnels set node_id = @node, generation = generation + 1 where connection_id = @Id and number = @Number", new { node, context.Row.Id, tunnel.Number });
        await OperationStore.StepAsync(context.Store, context.Operation, Moving, tunnel.Number, context.Data with { Awaited = new Dictionary<string, long>(StringComparer.Ordinal) });
        await JournalWriter.EventAsync(context.Store, "endpoint.moved", context.Row.CustomerId, context.Row.Id, $"The endpoint of tunnel {tunnel.Number} has moved to another node, with its address {tunnel.CloudAddress}.", tunnel.Number);
        await NodeStore.TouchAsync(context.Store, context.Row.CustomerId, [node]);
    }

    private static Task<string?> LivingAsync(StepContext context, string? node) => context.Store.QuerySingleOrDefaultAsync<string?>(
        "select id from nodes where id = @node and forgotten_at is null and last_seen_at >= now() - @Silence", new { node, context.Silence });

    /// <summary>The end without another node. The MED goes back, whoever has the endpoint.</summary>
    private static async Task EndAsync(StepContext context, TunnelRow tunnel, string step, string why)
    {
        await RestoreAsync(context, tunnel);
        await FinishAsync(context, step, "endpoint.not-replaced", $"The endpoint of tunnel {tunnel.Number} was not replaced. {why}");
        await JournalWriter.AuditAsync(context.Store, Caller.Service, "connection.replacement-failed", context.Row.CustomerId, context.Row.Id, $"tunnel {tunnel.Number}");
    }

    private static Task<int> RestoreAsync(StepContext context, TunnelRow tunnel) => context.Store.ExecuteAsync(
        "update tunnels set med = @med, generation = generation + 1 where connection_id = @Id and number = @Number", new { med = Allocator.MedOf(tunnel.Number), context.Row.Id, tunnel.Number });

    private static async Task FinishAsync(StepContext context, string step, string kind, string text)
    {
        await OperationStore.SetStateAsync(context.Store, context.Row.Id, ConnectionState.Available);
        await OperationStore.FinishAsync(context.Store, context.Operation.Id, step);
        await JournalWriter.EventAsync(context.Store, kind, context.Row.CustomerId, context.Row.Id, text, context.Operation.Tunnel);
    }

    private static string? OtherDomain(StepContext context, TunnelRow tunnel) => context.Tunnel(3 - tunnel.Number).FailureDomain;
}
