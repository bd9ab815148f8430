using System.Text.Json;
using Dapper;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>The audit log, timelines and the change feed.</summary>
internal static class JournalEndpoints
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/audit", (HttpContext context, Database database, int? limit, string? cursor) => AuditAsync(context, database, null, limit, cursor))
            .For(Audience.Provider).Produces<Page<AuditEntry>>().WithSummary("The whole audit log, newest first").WithTags("journal");
        app.MapGet("/v1/customers/{customer}/audit", (HttpContext context, Database database, string customer, int? limit, string? cursor) => AuditAsync(context, database, customer, limit, cursor))
            .For(Audience.Customer).Produces<Page<AuditEntry>>().WithSummary("The customer's audit log, newest first").WithTags("journal");
        app.MapGet("/v1/customers/{customer}/connections/{connection}/timeline", TimelineAsync)
            .For(Audience.Customer).Produces<Page<ChangeEvent>>().WithSummary("What happened to a connection, newest first").WithTags("journal");
        app.MapGet("/v1/customers/{customer}/events", FollowAsync)
            .For(Audience.Customer).RequireRateLimiting(RateLimits.Feed).Produces(200, contentType: "text/event-stream").WithSummary("The customer's change feed: server-sent events").WithTags("journal");
    }

    internal static async Task<IResult> AuditAsync(HttpContext context, Database database, string? customer, int? limit, string? cursor)
    {
        var query = PageQuery.Of(limit, cursor);
        var rows = await database.ReadAsync(
            async connection =>
            {
                if (customer is not null) await CustomerStore.GetAsync(connection, customer);
                return await connection.QueryAsync<AuditRow>(
                    "select id, at, actor, action, customer_id, target, detail, address from audit where id < @before and (@customer::text is null or customer_id = @customer) order by id desc limit @rows",
                    new { before = query.Number(long.MaxValue), customer, rows = query.Limit + 1 });
            },
            context.RequestAborted);
        var items = rows.Select(row => new AuditEntry(row.Id, row.At, row.Actor, row.Action, row.CustomerId, row.Target, row.Detail, row.Address)).ToArray();
        return Answer.Of(query.Cut(items, entry => entry.Id.ToString()), CloudJson.Default.PageAuditEntry);
    }

    internal static async Task<IResult> TimelineAsync(HttpContext context, Database database, string customer, string connection, int? limit, string? cursor)
    {
        var query = PageQuery.Of(limit, cursor);
        var rows = await database.ReadAsync(
            async store =>
            {
                await ConnectionStore.GetAsync(store, customer, connection);
                return (await store.QueryAsync<EventRow>(
                    $"select {EventRow.Columns} from events where customer_id = @customer and connection_id = @connection and id < @before order by id desc limit @rows",
                    new { customer, connection, before = query.Number(long.MaxValue), rows = query.Limit + 1 })).ToArray();
            },
            context.RequestAborted);
        var page = query.Cut(rows, row => row.Id.ToString());
        return Answer.Of(new Page<ChangeEvent>([.. page.Items.Select(row => row.ToEvent())], page.Next), CloudJson.Default.PageChangeEvent);
    }

    private static async Task FollowAsync(HttpContext context, Database database, Signals signals, TimeProvider time, IHostApplicationLifetime lifetime, string customer)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        var caller = Caller.Of(context);
        var last = context.Request.Headers["Last-Event-ID"].ToString();
        var now = await NowAsync(database, customer, stop.Token);
        var place = last.Length == 0 ? now : FeedPlace.TryParse(last) ?? throw ProblemException.NotValid("last-event-id", null, "Last-Event-ID is none that this feed gave.");
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync(": change feed\n\n", stop.Token);
        await context.Response.Body.FlushAsync(stop.Token);
        var spoken = time.GetTimestamp();
        try
        {
            while (true)
            {
                var signal = signals.Next(Signals.Feed(customer));
                if (await NextAsync(database, caller, customer, place, stop.Token) is not { } rows) return;
                var count = 0;
                foreach (var row in rows)
                {
                    count++;
                    place = row.Place;
                    await context.Response.WriteAsync($"id: {place}\nevent: {row.Kind}\ndata: {JsonSerializer.Serialize(row.ToEvent(), CloudJson.Default.ChangeEvent)}\n\n", stop.Token);
                }

                await context.Response.Body.FlushAsync(stop.Token);
                if (count > 0) continue;
                if (await Signals.WaitAsync(signal, Look, stop.Token)) await Task.Delay(FeedPlace.Settling, stop.Token);
                if (time.GetElapsedTime(spoken) < Quiet) continue;
                await context.Response.WriteAsync(": quiet\n\n", stop.Token);
                spoken = time.GetTimestamp();
            }
        }
        catch (OperationCanceledException)
        {
            // The reader went away, or the service ends.
        }
    }

    /// <summary>What comes after a place; null when the reader may not read any more: a token was revoked, a session has ended, the customer is gone.</summary>
    private static Task<IEnumerable<EventRow>?> NextAsync(Database database, Caller caller, string customer, FeedPlace place, CancellationToken cancellationToken) => database.ReadAsync<IEnumerable<EventRow>?>(
        async connection => await caller.LastsAsync(connection, customer)
            ? await connection.QueryAsync<EventRow>(
                $"""
                select {EventRow.Columns} from events
                where customer_id = @customer and (transaction, id) > (@Transaction::text::xid8, @Id) and transaction < pg_snapshot_xmin(pg_current_snapshot())
                order by transaction, id limit 200
                """,
                new { customer, Transaction = place.Transaction.ToString(), place.Id })
            : null,
        cancellationToken);

    private static Task<FeedPlace> NowAsync(Database database, string customer, CancellationToken cancellationToken) => database.ReadAsync(
        async connection =>
        {
            await CustomerStore.GetAsync(connection, customer);
            return new FeedPlace(ulong.Parse(await connection.QuerySingleAsync<string>("select pg_snapshot_xmin(pg_current_snapshot())::text")), 0);
        },
        cancellationToken);

    private sealed class AuditRow
    {
        public long Id { get; init; }

        public DateTime At { get; init; }

        public required string Actor { get; init; }

        public required string Action { get; init; }

        public string? CustomerId { get; init; }

        public string? Target { get; init; }

        public string? Detail { get; init; }

        public string? Address { get; init; }
    }
}

/// <summary>A place in the feed: an event's transaction and number.</summary>
internal readonly record struct FeedPlace(ulong Transaction, long Id)
{
    /// <summary>How long to wait for older transactions to end.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(20);

    public static FeedPlace? TryParse(string text) =>
        text.Split('-') is [var transaction, var id] && ulong.TryParse(transaction, out var first) && long.TryParse(id, out var second) ? new FeedPlace(first, second) : null;

    public override string ToString() => $"{Transaction}-{Id}";
}

/// <summary>A row of events.</summary>
internal sealed class EventRow
{
    public const string Columns = "id, transaction::text as transaction, at, kind, customer_id, connection_id, tunnel, cause, text";

    public long Id { get; init; }

    public required string Transaction { get; init; }

    public DateTime At { get; init; }

    public required string Kind { get; init; }

    public required string CustomerId { get; init; }

    public string? ConnectionId { get; init; }

    public int? Tunnel { get; init; }

    public string? Cause { get; init; }

    public required string Text { get; init; }

    public FeedPlace Place => new(ulong.Parse(Transaction), Id);

    public ChangeEvent ToEvent() => new(Place.ToString(), At, Kind, CustomerId, ConnectionId, Tunnel, Cause, Text);
}
