using Npgsql;

namespace Tunnelwright.Cloud;

/// <summary>Writes the audit log and the change feed, in the transaction of what they tell about.</summary>
internal static class JournalWriter
{
    /// <summary>An entry of the audit log.</summary>
    public static Task AuditAsync(NpgsqlConnection connection, Caller caller, string action, string? customer, string? target, string? detail = null) =>
        AloneAsync(connection, statements => Audit(statements, caller, action, customer, target, detail));

    /// <summary>An entry of the audit log.</summary>
    public static void Audit(Statements statements, Caller caller, string action, string? customer, string? target, string? detail = null) => statements.Add(
        "insert into audit (actor, action, customer_id, target, detail, address) values (@Name, @action, @customer, @target, @detail, @Address)",
        new { caller.Name, action, customer, target, detail, caller.Address });

    /// <summary>An event, for the feed, the timeline, and the customer's webhook where there is one.</summary>
    public static Task EventAsync(NpgsqlConnection connection, string kind, string customer, string? vpn, string text, int? tunnel = null, string? cause = null) =>
        AloneAsync(connection, statements => Event(statements, kind, customer, vpn, text, tunnel, cause));

    /// <summary>An event, for the feed, the timeline, and the customer's webhook where there is one.</summary>
    public static void Event(Statements statements, string kind, string customer, string? vpn, string text, int? tunnel = null, string? cause = null)
    {
        statements.Add(
            """
            with event as (
              insert into events (kind, customer_id, connection_id, tunnel, cause, text) values (@kind, @customer, @vpn, @tunnel, @cause, @text) returning *)
            insert into outbox (customer_id, channel, recipient, subject, body)
            select customer_id, 'webhook', k.notifications->>'webhookUrl', kind, jsonb_build_object(
              'id', event.transaction::text || '-' || event.id, 'at', to_char(event.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'kind', kind,
              'customerId', customer_id, 'connectionId', connection_id, 'tunnel', tunnel, 'cause', cause, 'text', text)::text
            from event join customers k on k.id = event.customer_id where k.notifications->>'webhookUrl' is not null
            """,
            new { kind, customer, vpn, tunnel, cause, text },
            () => Signals.Send(statements.Connection, Signals.Outbox));
        Signals.Send(statements.Connection, Signals.Feed(customer));
    }

    /// <summary>A mail to a connection's contact, where the customer wants mail.</summary>
    public static Task MailAsync(NpgsqlConnection connection, CustomerRow customer, ConnectionRow row, string subject, string body) =>
        AloneAsync(connection, statements => Mail(statements, customer, row, subject, body));

    /// <summary>A mail to a connection's contact, where the customer wants mail.</summary>
    public static void Mail(Statements statements, CustomerRow customer, ConnectionRow row, string subject, string body)
    {
        if (!customer.ReadNotifications().Mail) return;
        statements.Add(
            "insert into outbox (customer_id, channel, recipient, subject, body) values (@Id, 'mail', @ContactEmail, @subject, @body)",
            new { customer.Id, row.ContactEmail, subject, body },
            () => Signals.Send(statements.Connection, Signals.Outbox));
    }

    private static Task AloneAsync(NpgsqlConnection connection, Action<Statements> add)
    {
        var statements = new Statements(connection);
        add(statements);
        return statements.RunAsync();
    }
}
