using Microsoft.AspNetCore.Http.HttpResults;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Cloud.Pages;
using Tunnelwright.Model;

namespace Tunnelwright.Cloud;

/// <summary>A customer's connections, the request form, and a connection with its file.</summary>
internal static class ConnectionPages
{
    private const int TimelineLength = 30;

    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.MapGet("/customers/{customer}/connections", ListAsync).For(Audience.Customer);
        pages.MapGet("/customers/{customer}/new-connection", NewAsync).For(Audience.Customer, Role.Operator);
        pages.MapPost("/customers/{customer}/new-connection", CreateAsync).For(Audience.Customer, Role.Operator);
        pages.MapGet("/customers/{customer}/connections/{connection}", (HttpContext context, Database database, CloudOptions options, PageFrames frames, string customer, string connection) => ShowAsync(context, database, options, frames, customer, connection))
            .For(Audience.Customer);
        pages.MapGet("/customers/{customer}/connections/{connection}/file", FileEndpoints.DownloadAsync).For(Audience.Customer, Role.Operator);
    }

    /// <summary>A connection's page.</summary>
    /// <param name="context">The request.</param>
    /// <param name="database">The store.</param>
    /// <param name="options">The service's options.</param>
    /// <param name="frames">Makes the frame.</param>
    /// <param name="customer">The customer's id.</param>
    /// <param name="connection">The connection's id.</param>
    /// <param name="typed">A change that was refused, as it was typed; null for none.</param>
    /// <param name="problem">Why it was refused.</param>
    public static async Task<IResult> ShowAsync(HttpContext context, Database database, CloudOptions options, PageFrames frames, string customer, string connection, ConnectionChange? typed = null, ProblemException? problem = null)
    {
        var frame = await frames.MakeAsync(context, "Connection", customer);
        var shown = await PageFrames.ReadAsync(ConnectionEndpoints.GetAsync(context, database, options, customer, connection), CloudJson.Default.Connection);
        var timeline = await PageFrames.ReadAsync(JournalEndpoints.TimelineAsync(context, database, customer, connection, TimelineLength, null), CloudJson.Default.PageChangeEvent);
        return PageFrames.Page<ConnectionPage>(
            frame with { Title = Presentation.NameOf(shown) },
            problem?.Status ?? 200,
            ("Connection", shown),
            ("Timeline", timeline.Items),
            ("Typed", typed),
            ("Problem", problem?.ToDocument()));
    }

    private static async Task<IResult> ListAsync(HttpContext context, Database database, CloudOptions options, PageFrames frames, string customer, string? cursor)
    {
        var frame = await frames.MakeAsync(context, "Connections", customer);
        var page = await PageFrames.ReadAsync(ConnectionEndpoints.ListAsync(context, database, options, customer, null, cursor), CloudJson.Default.PageConnection);
        return PageFrames.Page<ConnectionsPage>(frame, 200, ("Page", page));
    }

    private static async Task<IResult> NewAsync(HttpContext context, PageFrames frames, RequirementProfile profile, string customer)
    {
        var caller = Caller.Of(context);
        var form = new RequestForm { Key = Secrets.Id("form-", 32), ContactEmail = MailAddress.IsValid(caller.Name) ? caller.Name : "" };
        return Form(await frames.MakeAsync(context, "New connection", customer), form, profile, null);
    }

    private static async Task<IResult> CreateAsync(HttpContext context, PageFrames frames, Idempotency idempotency, ConnectionChanges changes, RequirementProfile profile, string customer)
    {
        var form = RequestForm.Read(await context.Request.ReadFormAsync(context.RequestAborted));
        try
        {
            if (form.Key.Length > 0) context.Request.Headers[Headers.IdempotencyKey] = form.Key;
            var made = await PageFrames.ReadAsync(ConnectionEndpoints.CreateAsync(context, idempotency, changes, customer, form.ToRequest()), CloudJson.Default.Connection);
            return Results.Redirect(ConsolePaths.Connection(customer, made.Id));
        }
        catch (ProblemException problem) when (problem.Status is 409 or 422)
        {
            return Form(await frames.MakeAsync(context, "New connection", customer), form, profile, problem);
        }
    }

    private static RazorComponentResult<RequestPage> Form(Frame frame, RequestForm form, RequirementProfile profile, ProblemException? problem) => PageFrames.Page<RequestPage>(
        frame,
        problem?.Status ?? 200,
        ("Form", form),
        ("Choices", new RequestChoices(profile)),
        ("Problems", problem is null ? [] : form.Named(problem.ToDocument().Problems)));
}
