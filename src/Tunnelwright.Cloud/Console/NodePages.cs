using Tunnelwright.Cloud.Contract;
using Tunnelwright.Cloud.Pages;

namespace Tunnelwright.Cloud;

/// <summary>Gateway nodes, how new ones register, and the addresses of endpoints, for the provider's own.</summary>
internal static class NodePages
{
    public static void Map(IEndpointRouteBuilder pages)
    {
        var nodes = pages.MapGroup("/nodes");
        nodes.MapGet("", (HttpContext context, Database database, CloudOptions options, PageFrames frames, string? cursor) => ShowAsync(context, database, options, frames, new NodeForms(), cursor)).For(Audience.Provider);
        foreach (var form in new[] { "/registrations", "/addresses" }) nodes.MapGet(form, () => Results.Redirect(ConsolePaths.Nodes)).For(Audience.Provider);
        nodes.MapPost("/{node}/drain", (HttpContext context, Database database, CloudOptions options, string node) => DrainAsync(context, database, options, node, true)).For(Audience.Provider, Role.Administrator);
        nodes.MapPost("/{node}/undrain", (HttpContext context, Database database, CloudOptions options, string node) => DrainAsync(context, database, options, node, false)).For(Audience.Provider, Role.Administrator);
        nodes.MapGet("/{node}/forget", (HttpContext context, Database database, CloudOptions options, PageFrames frames, string node) => AskAsync(context, database, options, frames, node, "", null)).For(Audience.Provider, Role.Administrator);
        nodes.MapPost("/{node}/forget", ForgetAsync).For(Audience.Provider, Role.Administrator);
        nodes.MapPost("/registrations", InviteAsync).For(Audience.Provider, Role.Administrator);
        nodes.MapPost("/addresses", AddRangeAsync).For(Audience.Provider, Role.Administrator);
        nodes.MapPost("/addresses/{pool}/remove", (HttpContext context, Database database, CloudOptions options, PageFrames frames, string pool) =>
            ActAsync(context, database, options, frames, () => AddressPoolEndpoints.RemoveAsync(context, database, pool), new NodeForms())).For(Audience.Provider, Role.Administrator);
    }

    /// <summary>Makes a registration token. The answer to this form is the one place where its text is shown; the page is in no history and no cache.</summary>
    private static async Task<IResult> InviteAsync(HttpContext context, Database database, CloudOptions options, PageFrames frames, Idempotency idempotency, TimeProvider time)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var typed = new NodeForms { FailureDomain = form["failureDomain"].ToString(), ExpiresInSeconds = form["expiresInSeconds"].ToString() };
        try
        {
            var asked = new NewRegistrationToken(typed.FailureDomain, int.TryParse(typed.ExpiresInSeconds, out var seconds) ? seconds : 0);
            var issued = await PageFrames.ReadAsync(NodeEndpoints.InviteAsync(context, idempotency, time, asked), CloudJson.Default.RegistrationToken);
            return await ShowAsync(context, database, options, frames, new NodeForms { Issued = issued });
        }
        catch (ProblemException problem) when (problem.Status is 409 or 422)
        {
            return await ShowAsync(context, database, options, frames, typed.Refused(problem));
        }
    }

    private static async Task<IResult> AddRangeAsync(HttpContext context, Database database, CloudOptions options, PageFrames frames, Idempotency idempotency)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var typed = new NodeForms { Range = form["range"].ToString() };
        return await ActAsync(context, database, options, frames, () => AddressPoolEndpoints.AddAsync(context, idempotency, options, new NewAddressPool(typed.Range)), typed);
    }

    private static async Task<IResult> ActAsync(HttpContext context, Database database, CloudOptions options, PageFrames frames, Func<Task<IResult>> act, NodeForms typed)
    {
        try
        {
            await act();
            return Results.Redirect(ConsolePaths.Nodes);
        }
        catch (ProblemException problem) when (problem.Status is 409 or 422)
        {
            return await ShowAsync(context, database, options, frames, typed.Refused(problem));
        }
    }

    private static async Task<IResult> ShowAsync(HttpContext context, Database database, CloudOptions options, PageFrames frames, NodeForms forms, string? cursor = null)
    {
        var page = await PageFrames.ReadAsync(NodeEndpoints.ListAsync(context, database, options, null, cursor), CloudJson.Default.PageNode);
        var pools = await PageFrames.ReadAsync(AddressPoolEndpoints.ListAsync(context, database, 200, null), CloudJson.Default.PageAddressPool);
        return PageFrames.Page<NodesPage>(frames.Make(context, "Nodes"), forms.Status, ("Page", page), ("Pools", pools.Items), ("Forms", forms));
    }

    private static async Task<IResult> ForgetAsync(HttpContext context, Database database, CloudOptions options, PageFrames frames, string node)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var typed = form["name"].ToString().Trim();
        var shown = await PageFrames.ReadAsync(NodeEndpoints.GetAsync(context, database, options, node), CloudJson.Default.Node);
        if (typed != shown.Name) return await AskAsync(context, database, options, frames, node, typed, $"Type {shown.Name} to forget this node.");
        try
        {
            await NodeEndpoints.RemoveAsync(context, database, options, node, form["force"] == "true");
            return Results.Redirect(ConsolePaths.Nodes);
        }
        catch (ProblemException problem) when (problem.Status == 409)
        {
            return await AskAsync(context, database, options, frames, node, typed, problem.ToDocument().Detail ?? problem.Message);
        }
    }

    private static async Task<IResult> AskAsync(HttpContext context, Database database, CloudOptions options, PageFrames frames, string node, string typed, string? problem)
    {
        var shown = await PageFrames.ReadAsync(NodeEndpoints.GetAsync(context, database, options, node), CloudJson.Default.Node);
        return PageFrames.Page<ForgetNodePage>(frames.Make(context, "Forget the node"), problem is null ? 200 : 422, ("Node", shown), ("Typed", typed), ("Problem", problem));
    }

    private static async Task<IResult> DrainAsync(HttpContext context, Database database, CloudOptions options, string node, bool draining)
    {
        await NodeEndpoints.ChangeAsync(context, database, options, node, new NodeChange(draining));
        return Results.Redirect(ConsolePaths.Nodes);
    }
}
