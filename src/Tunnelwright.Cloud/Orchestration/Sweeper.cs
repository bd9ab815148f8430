using Dapper;

namespace Tunnelwright.Cloud;

/// <summary>Takes away what nobody needs any more. Two replicas at once do no harm.</summary>
internal sealed class Sweeper(Database database)
{
    public Task SweepAsync(CancellationToken cancellationToken) => database.ReadAsync(
        connection => connection.ExecuteAsync(
            """
            delete from idempotency where created_at < now() - interval '1 day';
            delete from sessions where expires_at < now();
            delete from outbox where coalesce(delivered_at, abandoned_at) < now() - interval '30 days';
            delete from operations where finished_at < now() - interval '30 days';
            delete from observations o where not exists (select 1 from tunnels t where t.connection_id = o.connection_id and t.number = o.number);
            delete from node_registrations r where expires_at < now() - interval '1 day' and not exists (select 1 from nodes n where n.registration_id = r.id);
            delete from held_addresses h using nodes n where n.id = h.node_id and n.applied_version >= h.version;
            with gone as (
              delete from nodes n where forgotten_at is not null and applied_version >= desired_version and not exists (select 1 from tunnels t where t.node_id = n.id)
              returning id, name, registration_id),
            told as (insert into audit (actor, action, target, detail) select @Name, 'node.remove', id, name || ', which has given up what it had' from gone)
            delete from node_registrations r using gone where r.id = gone.registration_id;
            delete from node_customers nc using nodes n where n.id = nc.node_id and n.applied_version >= nc.version
              and not exists (select 1 from tunnels t where t.node_id = nc.node_id and t.customer_id = nc.customer_id);
            """,
            new { Caller.Service.Name }),
        cancellationToken);
}
