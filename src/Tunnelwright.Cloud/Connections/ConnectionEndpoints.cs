using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>Connections.</summary>
internal static class ConnectionEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/customers/{customer}/connections").WithTags("connections");
        group.MapGet("", ListAsync).For(Audience.Customer).Produces<Page<Connection>>().WithSummary("The customer's connections with what nodes see");
        group.MapPost("", CreateAsync).For(Audience.Customer, Role.Operator).Produces<Connection>(201).WithSummary("Ask for a connection");
        group.MapPost("/check", CheckAsync).For(Audience.Customer, Role.Operator).Produces(204).WithSummary("What would be wrong with a request, without making anything");
        group.MapGet("/{connection}", GetAsync).For(Audience.Customer).Produces<Connection>().WithSummary("A connection with what nodes see");
        group.MapPatch("/{connection}", ChangeAsync).For(Audience.Customer, Role.Operator).Produces<Connection>().WithSummary("Change ranges, purpose, contact or device");
        group.MapDelete("/{connection}", DeleteAsync).For(Audience.Customer, Role.Operator).Produces<Connection>(202).WithSummary("Delete a connection");
        group.MapPost("/{connection}/rotate-keys", RotateAsync).For(Audience.Customer, Role.Operator).Produces<Connection>(202).WithSummary("New keys, one tunnel at a time");
        group.MapPost("/{connection}/rotate-keys/confirm", ConfirmAsync).For(Audience.Customer, Role.Operator).Produces<Connection>(202).WithSummary("The gateway has the new key, of the tunnel that is named: go on without having seen it");
        group.MapPost("/{connection}/tunnels/{tunnel:int}/replace-endpoint", ReplaceAsync).For(Audience.Customer, Role.Operator).Produces<Connection>(202).WithSummary("Move a tunnel's endpoint to another node");
    }

    internal static async Task<IResult> ListAsync(HttpContext context, Database database, CloudOptions options, string customer, int? limit, string? cursor)
    {
        var query = PageQuery.Of(limit, cursor);
        return Answer.Of(await database.ReadAsync(store => ConnectionStore.ListAsync(store, options.Silent(), customer, query), context.RequestAborted), CloudJson.Default.PageConnection);
    }

    internal static async Task<IResult> GetAsync(HttpContext context, Database database, CloudOptions options, string customer, string connection)
    {
        var shown = await database.ReadAsync(store => ConnectionStore.ShowAsync(store, options.Silent(), customer, connection), context.RequestAborted);
        return Answer.Of(shown, CloudJson.Default.Connection, version: shown.Version);
    }

    internal static async Task<IResult> CreateAsync(HttpContext context, Idempotency idempotency, ConnectionChanges changes, string customer, ConnectionRequest body) =>
        await idempotency.RunAsync(context, body, CloudJson.Default.ConnectionRequest, async store =>
        {
            var made = await changes.CreateAsync(store, Caller.Of(context), customer, body);
            return Answer.Of(made, CloudJson.Default.Connection, 201, made.Version, Paths.Connection(customer, made.Id));
        });

    internal static async Task<IResult> CheckAsync(HttpContext context, Database database, ConnectionChanges changes, string customer, ConnectionRequest body)
    {
        await database.ReadAsync(
            async store =>
            {
                await changes.CheckAsync(store, customer, body);
                return true;
            },
            context.RequestAborted);
        return Answer.Nothing;
    }

    internal static async Task<IResult> ChangeAsync(HttpContext context, Database database, ConnectionChanges changes, string customer, string connection, ConnectionChange body) => await database.WriteAsync(
        async store =>
        {
            var shown = await changes.ChangeAsync(store, context, customer, connection, body);
            return Answer.Of(shown, CloudJson.Default.Connection, 200, shown.Version);
        },
        context.RequestAborted);

    internal static async Task<IResult> DeleteAsync(HttpContext context, Database database, ConnectionChanges changes, string customer, string connection) => await database.WriteAsync(
        async store => Answer.Of(await changes.DeleteAsync(store, context, customer, connection), CloudJson.Default.Connection, 202),
        context.RequestAborted);

    internal static async Task<IResult> RotateAsync(HttpContext context, Idempotency idempotency, ConnectionChanges changes, string customer, string connection) =>
        await idempotency.RunAsync(context, null, CloudJson.Default.ConnectionRequest, async store =>
            Answer.Of(await changes.RotateAsync(store, context, customer, connection), CloudJson.Default.Connection, 202));

    internal static async Task<IResult> ConfirmAsync(HttpContext context, Idempotency idempotency, ConnectionChanges changes, string customer, string connection, int? tunnel) =>
        await idempotency.RunAsync(context, null, CloudJson.Default.ConnectionRequest, async store =>
            Answer.Of(await changes.ConfirmAsync(store, Caller.Of(context), customer, connection, tunnel), CloudJson.Default.Connection, 202));

    internal static async Task<IResult> ReplaceAsync(HttpContext context, Idempotency idempotency, ConnectionChanges changes, string customer, string connection, int tunnel) =>
        await idempotency.RunAsync(context, null, CloudJson.Default.ConnectionRequest, async store =>
            Answer.Of(await changes.ReplaceAsync(store, context, customer, connection, tunnel), CloudJson.Default.Connection, 202));
}
