using Tunnelwright.Cloud.Contract;
using Tunnelwright.Cloud.Pages;

namespace Tunnelwright.Cloud;

/// <summary>The forms of a connection's page: each asks the API's own handler, for the version that the page showed.</summary>
internal static class ConnectionForms
{
    public static void Map(IEndpointRouteBuilder pages)
    {
        var one = pages.MapGroup("/customers/{customer}/connections/{connection}");
        foreach (var form in new[] { "/change", "/rotate-keys", "/confirm-keys" }) one.MapGet(form, (string customer, string connection) => Results.Redirect(ConsolePaths.Connection(customer, connection))).For(Audience.Customer);
        one.MapPost("/change", ChangeAsync).For(Audience.Customer, Role.Operator);
        one.MapPost("/rotate-keys", (HttpContext context, Database database, CloudOptions options, PageFrames frames, Idempotency idempotency, ConnectionChanges changes, string customer, string connection) =>
            ActAsync(context, database, options, frames, customer, connection, () => ConnectionEndpoints.RotateAsync(context, idempotency, changes, customer, connection))).For(Audience.Customer, Role.Operator);
        one.MapPost("/confirm-keys", (HttpContext context, Database database, CloudOptions options, PageFrames frames, Idempotency idempotency, ConnectionChanges changes, string customer, string connection) =>
            ActAsync(context, database, options, frames, customer, connection, () => ConfirmAsync(context, idempotency, changes, customer, connection))).For(Audience.Customer, Role.Operator);
        one.MapPost("/tunnels/{tunnel:int}/replace-endpoint", (HttpContext context, Database database, CloudOptions options, PageFrames frames, Idempotency idempotency, ConnectionChanges changes, string customer, string connection, int tunnel) =>
            ActAsync(context, database, options, frames, customer, connection, () => ConnectionEndpoints.ReplaceAsync(context, idempotency, changes, customer, connection, tunnel))).For(Audience.Customer, Role.Operator);
        one.MapGet("/delete", (HttpContext context, Database database, CloudOptions options, PageFrames frames, string customer, string connection) =>
            AskAsync(context, database, options, frames, customer, connection, "", null)).For(Audience.Customer, Role.Operator);
        one.MapPost("/delete", DeleteAsync).For(Audience.Customer, Role.Operator);
    }

    private static async Task<IResult> ChangeAsync(HttpContext context, Database database, CloudOptions options, PageFrames frames, ConnectionChanges changes, string customer, string connection)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var change = new ConnectionChange(form["purpose"].ToString().ReplaceLineEndings("\n"), form["contactEmail"].ToString(), RequestForm.Split(form["ranges"].ToString()), form["device"].ToString());
        return await ActAsync(context, database, options, frames, customer, connection, () => ConnectionEndpoints.ChangeAsync(context, database, changes, customer, connection, change), change);
    }

    /// <summary>Who says that the gateway has a key says it of the tunnel that the page showed, not of the one that it came to in the meantime.</summary>
    private static async Task<IResult> ConfirmAsync(HttpContext context, Idempotency idempotency, ConnectionChanges changes, string customer, string connection)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        return await ConnectionEndpoints.ConfirmAsync(context, idempotency, changes, customer, connection, int.TryParse(form["tunnel"].ToString(), out var tunnel) ? tunnel : 0);
    }

    /// <summary>Does it and shows the connection; what is refused is told on its page, with what was typed.</summary>
    private static async Task<IResult> ActAsync(HttpContext context, Database database, CloudOptions options, PageFrames frames, string customer, string connection, Func<Task<IResult>> act, ConnectionChange? typed = null)
    {
        await PageFrames.MeantForAsync(context);
        try
        {
            await act();
            return Results.Redirect(ConsolePaths.Connection(customer, connection));
        }
        catch (ProblemException problem) when (problem.Status is 409 or 412 or 422)
        {
            return await ConnectionPages.ShowAsync(context, database, options, frames, customer, connection, typed, problem);
        }
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, Database database, CloudOptions options, PageFrames frames, ConnectionChanges changes, string customer, string connection)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var typed = form["name"].ToString().Trim();
        var shown = await PageFrames.ReadAsync(ConnectionEndpoints.GetAsync(context, database, options, customer, connection), CloudJson.Default.Connection);
        if (typed != shown.GatewayAddress) return await AskAsync(context, database, options, frames, customer, connection, typed, $"Type {shown.GatewayAddress} to delete this connection.");
        await PageFrames.MeantForAsync(context);
        try
        {
            await ConnectionEndpoints.DeleteAsync(context, database, changes, customer, connection);
            return Results.Redirect(ConsolePaths.Connections(customer));
        }
        catch (ProblemException problem) when (problem.Status is 409 or 412)
        {
            return await AskAsync(context, database, options, frames, customer, connection, typed, problem.Status == 412 ? problem.Message : problem.ToDocument().Detail ?? problem.Message);
        }
    }

    private static async Task<IResult> AskAsync(HttpContext context, Database database, CloudOptions options, PageFrames frames, string customer, string connection, string typed, string? problem)
    {
        var frame = await frames.MakeAsync(context, "Delete the connection", customer);
        var shown = await PageFrames.ReadAsync(ConnectionEndpoints.GetAsync(context, database, options, customer, connection), CloudJson.Default.Connection);
        return PageFrames.Page<DeletePage>(frame, problem is null ? 200 : 422, ("Connection", shown), ("Typed", typed), ("Problem", problem));
    }
}
