using Dapper;
using Npgsql;

namespace Tunnelwright.Cloud;

/// <summary>Writes the audit log and the change feed, in the transaction of what they tell about.</summary>
internal static class JournalWriter
{
    /// <summary>An entry of the audit log.</summary>
    public static Task AuditAsync(NpgsqlConnection connection, Caller caller, string action, string? customer, string? target, string? detail = null) => connection.ExecuteAsync(
        "insert into audit (actor, action, customer_id, target, detail, address) values (@Name, @action, @customer, @target, @detail, @Address)",
        new { caller.Name, action, customer, target, detail, caller.Address });

    /// <summary>An event, for the feed, the timeline, and the customer's webhook where there is one.</summary>
    public static async Task EventAsync(NpgsqlConnection connection, string kind, string customer, string? vpn, string text, int? tunnel = null, string? cause = null)
    {
        var sent = await connection.ExecuteAsync(
            """
            with event as (
              insert into events (kind, customer_id, connection_id, tunnel, cause, text) values (@kind, @customer, @vpn, @tunnel, @cause, @text) returning *)
            insert into outbox (customer_id, channel, recipient, subject, body)
            select customer_id, 'webhook', k.notifications->>'webhookUrl', kind, jsonb_build_object(
              'id', event.transaction::text || '-' || event.id, 'at', to_char(event.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'kind', kind,
              'customerId', customer_id, 'connectionId', connection_id, 'tunnel', tunnel, 'cause', cause, 'text', text)::text
            from event join customers k on k.id = event.customer_id where k.notifications->>'webhookUrl' is not null
            """,
            new { kind, customer, vpn, tunnel, cause, text });
        await Signals.SendAsync(connection, sent > 0 ? [Signals.Feed(customer), Signals.Outbox] : [Signals.Feed(customer)]);
    }

    /// <summary>A mail to a connection's contact, where the customer wants mail.</summary>
    public static async Task MailAsync(NpgsqlConnection connection, CustomerRow customer, ConnectionRow row, string subject, string body)
    {
        if (!customer.ReadNotifications().Mail) return;
        await connection.ExecuteAsync(
            "insert into outbox (customer_id, channel, recipient, subject, body) values (@Id, 'mail', @ContactEmail, @subject, @body)",
            new { customer.Id, row.ContactEmail, subject, body });
        await Signals.SendAsync(connection, Signals.Outbox);
    }
}
