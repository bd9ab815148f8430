using System.Text.Json;
using Dapper;
using Npgsql;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Model;

namespace Tunnelwright.Cloud;

/// <summary>What people ask for: each change is checked and begun in one transaction, with its first step; the orchestrator takes it to its end.</summary>
internal sealed class ConnectionChanges(Allocator allocator, Placement placement, RequirementProfile profile, CloudOptions options)
{
    private const string Busy = "It's not possible to change the VPN connection now. Please try again later.";

    /// <summary>A new connection.</summary>
    public async Task<Connection> CreateAsync(NpgsqlConnection store, Caller caller, string customerId, ConnectionRequest request)
    {
        var (customer, situation) = await SituationAsync(store, CustomerStore.Lock, customerId);
        Check(situation, request);
        var allocation = await allocator.FindAsync(store, customerId);
        var statements = new Statements(store);
        var row = Insert(statements, customerId, request, allocation.Missing is null ? ConnectionState.Programming : ConnectionState.Allocating);
        OperationStore.Start(statements, row.Id, customerId, OperationKind.Create, allocation.Missing ?? CreateSteps.Programming);
        JournalWriter.Audit(statements, caller, "connection.create", customerId, row.Id, $"{row.GatewayAddress}, {Words.Write(request.Routing)}, {string.Join(", ", row.Ranges)}");
        JournalWriter.Event(statements, "connection.requested", customerId, row.Id, $"A connection to {row.GatewayAddress} was asked for.");
        allocator.Take(statements, allocation, customerId, row.Id);
        await statements.RunAsync();
        var shown = await ConnectionStore.ShowAsync(store, options.Silent(), customerId, row.Id);
        NodeStore.Touch(store, customerId, await NodeStore.ConcernedAsync(store, customer, allocation.Nodes));
        return shown;
    }

    /// <summary>Ends with every problem that a request for a new connection has.</summary>
    public async Task CheckAsync(NpgsqlConnection store, string customerId, ConnectionRequest request) => Check((await SituationAsync(store, CustomerStore.One, customerId)).Situation, request);

    private async Task<(CustomerRow Customer, CustomerSituation Situation)> SituationAsync(NpgsqlConnection store, string first, string customerId)
    {
        // Each of the statements sees what was committed before it began: what follows a lock sees all that its last holder did.
        await using var found = await store.QueryMultipleAsync($"{first}; {ConnectionStore.AllOf}; {ConnectionStore.OperationOf}", new { customer = customerId });
        var customer = await found.ReadSingleOrDefaultAsync<CustomerRow?>() ?? throw ProblemException.NotFound();
        var others = await found.ReadAsync<ConnectionRow>();
        return (customer, ConnectionModel.Situation(customer, others, await found.ReadSingleOrDefaultAsync<OperationRow?>() is not null, options.Lab));
    }

    private void Check(CustomerSituation situation, ConnectionRequest request)
    {
        var faults = RequestRules.Check(
            new RequestedConnection
            {
                Purpose = request.Purpose,
                ContactEmail = request.ContactEmail?.Trim(),
                GatewayAddress = request.GatewayAddress,
                Routing = request.Routing == RoutingKind.Bgp ? Routing.Bgp : Routing.Static,
                CustomerAsn = request.CustomerAsn,
                Ranges = (request.Ranges ?? []).ToValueList(),
                Device = request.Device,
                Parameters = ConnectionModel.Of(request.Ike ?? new IkeParameters(), request.Ipsec ?? new IpsecParameters()),
            },
            situation,
            profile);
        if (faults.Count > 0) throw ProblemException.Of(faults);
    }

    /// <summary>Changed ranges, purpose, contact or device.</summary>
    public async Task<Connection> ChangeAsync(NpgsqlConnection store, HttpContext context, string customerId, string id, ConnectionChange change)
    {
        var (customer, row) = await LockAsync(store, context, customerId, id);
        var ranges = change.Ranges is null || SameRanges(change.Ranges, row.Ranges) ? null : change.Ranges;
        var running = await ConnectionStore.OperationAsync(store, customerId) is not null;
        var others = (await ConnectionStore.OfCustomerAsync(store, customerId)).Where(other => other.Id != id);
        var situation = ConnectionModel.Situation(customer, others, running, options.Lab);
        var wanted = new RequestedConnection
        {
            Purpose = change.Purpose ?? row.Purpose,
            ContactEmail = change.ContactEmail?.Trim() ?? row.ContactEmail,
            Device = change.Device ?? row.Device,
            Ranges = (ranges ?? row.Ranges).ToValueList(),
        };
        var faults = RequestRules.CheckDescription(wanted, situation, profile).Concat(ranges is null ? [] : RequestRules.CheckRanges(wanted, situation, profile)).ToArray();
        if (faults.Length > 0) throw ProblemException.Of(faults);
        if (row.State == Words.Write(ConnectionState.Deleting)) throw ProblemException.Conflict("deleting", "The connection is being deleted.");
        await store.ExecuteAsync(
            "update connections set purpose = @Purpose, contact_email = @ContactEmail, device = @Device, ranges = @ranges::text[]::cidr[], updated_at = now(), version = version + 1 where id = @id",
            new { wanted.Purpose, wanted.ContactEmail, wanted.Device, ranges = Clean(wanted.Ranges), id });
        var caller = Caller.Of(context);
        if (ranges is null)
        {
            await JournalWriter.AuditAsync(store, caller, "connection.describe", customerId, id);
            return await ConnectionStore.ShowAsync(store, options.Silent(), customerId, id);
        }

        await JournalWriter.AuditAsync(store, caller, "connection.change-ranges", customerId, id, $"{string.Join(", ", row.Ranges)} to {string.Join(", ", Clean(wanted.Ranges))}");
        await store.ExecuteAsync("update connections set state = 'changing' where id = @id; update tunnels set generation = generation + 1 where connection_id = @id", new { id });
        await OperationStore.StartAsync(store, row, OperationKind.ChangeRanges, "both endpoints are taking the ranges over");
        var shown = await ConnectionStore.ShowAsync(store, options.Silent(), customerId, id);
        NodeStore.Touch(store, customerId, await NodeStore.ConcernedAsync(store, customer, await NodesAsync(store, id)));
        return shown;
    }

    /// <summary>New keys.</summary>
    public async Task<Connection> RotateAsync(NpgsqlConnection store, HttpContext context, string customerId, string id)
    {
        var (_, row) = await LockAsync(store, context, customerId, id);
        var tunnels = await AvailableAsync(store, row);
        foreach (var tunnel in tunnels) await store.ExecuteAsync("update tunnels set next_key = @key where connection_id = @id and number = @Number", new { id, tunnel.Number, key = allocator.NewKey(id, tunnel.Number) });
        var first = RotateSteps.FirstOf(row, tunnels);
        await RotateSteps.SwitchAsync(store, id, first);
        await OperationStore.SetStateAsync(store, id, ConnectionState.Changing);
        await OperationStore.StartAsync(store, row, OperationKind.RotateKeys, RotateSteps.StepOf(first), first, new OperationData { First = first });
        await JournalWriter.AuditAsync(store, Caller.Of(context), "connection.rotate-keys", customerId, id);
        await JournalWriter.EventAsync(store, "keys.rotating", customerId, id, $"New keys: tunnel {first} first. The file has both.", first);
        var shown = await ConnectionStore.ShowAsync(store, options.Silent(), customerId, id);
        NodeStore.Touch(store, customerId, [tunnels[first - 1].NodeId]);
        return shown;
    }

    /// <summary>An operator says that the customer's gateway has the new key: of a tunnel, or of the one that the rotation has come to (null).</summary>
    public async Task<Connection> ConfirmAsync(NpgsqlConnection store, Caller caller, string customerId, string id, int? tunnel)
    {
        await CustomerStore.LockAsync(store, customerId);
        await ConnectionStore.GetAsync(store, customerId, id);
        if (await ConnectionStore.OperationAsync(store, customerId) is not { } operation || operation.ConnectionId != id || operation.Kind != Words.Write(OperationKind.RotateKeys))
            throw ProblemException.Conflict("not-rotating", "No keys of this connection are being rotated.");
        if (tunnel is not null && tunnel != operation.Tunnel) throw ProblemException.Conflict("other-tunnel", $"The rotation has come to tunnel {operation.Tunnel} in the meantime.");
        await store.ExecuteAsync("update operations set confirmed = true where id = @Id", new { operation.Id });
        await JournalWriter.AuditAsync(store, caller, "connection.confirm-keys", customerId, id, $"tunnel {operation.Tunnel}");
        Signals.Send(store, Signals.Work);
        return await ConnectionStore.ShowAsync(store, options.Silent(), customerId, id);
    }

    /// <summary>Another node for a tunnel's endpoint. Refused when traffic has no other way, or no node could take it.</summary>
    public async Task<Connection> ReplaceAsync(NpgsqlConnection store, HttpContext context, string customerId, string id, int number)
    {
        var (_, row) = await LockAsync(store, context, customerId, id);
        if (number is not (1 or 2)) throw ProblemException.NotFound();
        var tunnels = await AvailableAsync(store, row);
        var (tunnel, other) = (tunnels[number - 1], tunnels[2 - number]);
        var up = Carrying.IsUp(tunnel);
        if (up && !Carrying.Is(row, other)) throw ProblemException.Conflict("other-tunnel-down", $"{Carrying.WhyNot(other)}: traffic would have no other way.");
        if (await placement.FindAsync(store, tunnel.NodeId, other.FailureDomain) is null) throw ProblemException.Conflict("no-node", ReplaceSteps.NoNode(other.Number));
        await store.ExecuteAsync("update tunnels set med = @med, generation = generation + 1 where connection_id = @id and number = @number", new { med = Allocator.MedOf(number) + ReplaceSteps.RaisedMed, id, number });
        await OperationStore.SetStateAsync(store, id, ConnectionState.Changing);
        await OperationStore.StartAsync(store, row, OperationKind.ReplaceEndpoint, ReplaceSteps.Draining, number, new OperationData { WasUp = up, Left = tunnel.NodeId });
        await JournalWriter.AuditAsync(store, Caller.Of(context), "connection.replace-endpoint", customerId, id, $"tunnel {number}");
        await JournalWriter.EventAsync(store, "endpoint.replacing", customerId, id, $"The endpoint of tunnel {number} is being replaced; traffic goes over tunnel {other.Number}.", number);
        var shown = await ConnectionStore.ShowAsync(store, options.Silent(), customerId, id);
        NodeStore.Touch(store, customerId, [tunnel.NodeId]);
        return shown;
    }

    /// <summary>A connection goes. A change of the same connection that is on its way ends with it.</summary>
    public async Task<Connection> DeleteAsync(NpgsqlConnection store, HttpContext context, string customerId, string id)
    {
        var (customer, row) = await LockAsync(store, context, customerId, id);
        if (row.State == Words.Write(ConnectionState.Deleting)) return await ConnectionStore.ShowAsync(store, options.Silent(), customerId, id);
        var awaited = new Dictionary<string, long>(StringComparer.Ordinal);
        if (await ConnectionStore.OperationAsync(store, customerId) is { } running)
        {
            if (running.ConnectionId != id) throw ProblemException.Conflict(RequestFault.ChangeInProgress, Busy);
            foreach (var (node, version) in OperationData.Of(running).Awaited) awaited[node] = version;
            await OperationStore.FinishAsync(store, running.Id, "ended by a deletion");
        }

        await OperationStore.SetStateAsync(store, id, ConnectionState.Deleting);
        await JournalWriter.AuditAsync(store, Caller.Of(context), "connection.delete", customerId, id, row.GatewayAddress);
        await JournalWriter.EventAsync(store, "connection.deleting", customerId, id, "The connection is being deleted.");
        var own = await NodesAsync(store, id);
        var versions = await NodeStore.TouchAsync(store, customerId, await NodeStore.ConcernedAsync(store, customer, own));
        foreach (var node in own) awaited[node] = versions[node];
        await OperationStore.StartAsync(store, row, OperationKind.Delete, DeleteSteps.Removing, null, new OperationData { Awaited = awaited });
        Signals.Send(store, Signals.Work);
        return await ConnectionStore.ShowAsync(store, options.Silent(), customerId, id);
    }

    private static async Task<(CustomerRow Customer, ConnectionRow Row)> LockAsync(NpgsqlConnection store, HttpContext context, string customerId, string id)
    {
        var customer = await CustomerStore.LockAsync(store, customerId);
        var row = await ConnectionStore.GetAsync(store, customerId, id);
        Preconditions.Check(context, row.Version);
        return (customer, row);
    }

    private async Task<TunnelRow[]> AvailableAsync(NpgsqlConnection store, ConnectionRow row)
    {
        if (await ConnectionStore.OperationAsync(store, row.CustomerId) is not null) throw ProblemException.Conflict(RequestFault.ChangeInProgress, Busy);
        return await ConnectionStore.TunnelsAsync(store, options.Silent(), row.Id);
    }

    private static async Task<string[]> NodesAsync(NpgsqlConnection store, string id) =>
        (await store.QueryAsync<string>("select node_id from tunnels where connection_id = @id and node_id is not null", new { id })).ToArray();

    private static (string Id, string GatewayAddress, string[] Ranges) Insert(Statements statements, string customer, ConnectionRequest request, ConnectionState state)
    {
        var (id, address, ranges) = (Secrets.Id("vpn-", 17), request.GatewayAddress!.Trim(), Clean(request.Ranges!));
        statements.Add(
            """
            insert into connections (id, customer_id, cloud_gateway_id, customer_gateway_id, purpose, contact_email, gateway_address, routing, customer_asn, ranges, device, ike, ipsec, state)
            values (@id, @customer, @cloud, @gateway, @purpose, @mail, @address::inet, @routing, @CustomerAsn, @ranges::text[]::cidr[], @device, @ike::jsonb, @ipsec::jsonb, @state)
            """,
            new
            {
                id,
                customer,
                cloud = Secrets.Id("vgw-", 17),
                gateway = Secrets.Id("cgw-", 17),
                purpose = request.Purpose?.Trim() ?? "",
                mail = request.ContactEmail!.Trim(),
                address,
                routing = Words.Write(request.Routing),
                request.CustomerAsn,
                ranges,
                device = (request.Device ?? ConnectionFiles.Generic).ToLowerInvariant(),
                ike = JsonSerializer.Serialize(request.Ike ?? new IkeParameters(), CloudJson.Default.IkeParameters),
                ipsec = JsonSerializer.Serialize(request.Ipsec ?? new IpsecParameters(), CloudJson.Default.IpsecParameters),
                state = Words.Write(state),
            });
        return (id, address, ranges);
    }

    private static string[] Clean(IEnumerable<string> ranges) => [.. ranges.Select(range => range.Trim())];

    private static bool SameRanges(IEnumerable<string> one, IEnumerable<string> other) => Clean(one).Order(StringComparer.Ordinal).SequenceEqual(other.Order(StringComparer.Ordinal));
}
