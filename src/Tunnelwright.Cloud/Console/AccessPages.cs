using Tunnelwright.Cloud.Contract;
using Tunnelwright.Cloud.Pages;

namespace Tunnelwright.Cloud;

/// <summary>Users and API tokens, of a customer or the provider's own.</summary>
internal static class AccessPages
{
    public static void Map(IEndpointRouteBuilder pages)
    {
        Map(pages.MapGroup("/access"), Audience.Provider);
        Map(pages.MapGroup("/customers/{customer}/access"), Audience.Customer);
    }

    private static void Map(RouteGroupBuilder group, Audience audience)
    {
        group.MapGet("", (HttpContext context, Database database, PageFrames frames, string? customer) => ShowAsync(context, database, frames, customer)).For(audience, Role.Administrator);
        foreach (var form in new[] { "/users", "/tokens" }) group.MapGet(form, (string? customer) => Results.Redirect(ConsolePaths.Access(customer))).For(audience, Role.Administrator);
        group.MapPost("/users", AddUserAsync).For(audience, Role.Administrator);
        group.MapPost("/users/{user}/password", ChangePasswordAsync).For(audience, Role.Administrator);
        group.MapPost("/users/{user}/remove", (HttpContext context, Database database, PageFrames frames, string? customer, string user) =>
            ActAsync(context, database, frames, customer, () => UserEndpoints.RemoveAsync(context, database, customer, user))).For(audience, Role.Administrator);
        group.MapPost("/tokens", IssueAsync).For(audience, Role.Administrator);
        group.MapPost("/tokens/{token}/revoke", (HttpContext context, Database database, PageFrames frames, string? customer, string token) =>
            ActAsync(context, database, frames, customer, () => TokenEndpoints.RevokeAsync(context, database, customer, token))).For(audience, Role.Administrator);
    }

    private static async Task<IResult> AddUserAsync(HttpContext context, Database database, PageFrames frames, Idempotency idempotency, string? customer)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var asked = new NewUser(form["email"].ToString(), form["password"].ToString(), RoleOf(form));
        return await ActAsync(context, database, frames, customer, () => UserEndpoints.AddAsync(context, idempotency, customer, asked), asked.Email);
    }

    private static async Task<IResult> ChangePasswordAsync(HttpContext context, Database database, PageFrames frames, string? customer, string user)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        return await ActAsync(context, database, frames, customer, () => UserEndpoints.ChangeAsync(context, database, customer, user, new UserChange(form["password"].ToString())), changed: user);
    }

    /// <summary>Makes a token. The answer to this form is the one place where its text is shown; the page is in no history and no cache.</summary>
    private static async Task<IResult> IssueAsync(HttpContext context, Database database, PageFrames frames, Idempotency idempotency, TimeProvider time, string? customer)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var asked = new NewApiToken(form["name"].ToString(), RoleOf(form));
        try
        {
            var issued = await PageFrames.ReadAsync(TokenEndpoints.AddAsync(context, idempotency, time, customer, asked), CloudJson.Default.IssuedToken);
            return await ShowAsync(context, database, frames, customer, issued: issued);
        }
        catch (ProblemException problem) when (problem.Status is 409 or 422)
        {
            return await ShowAsync(context, database, frames, customer, asked.Name, problem);
        }
    }

    private static async Task<IResult> ActAsync(HttpContext context, Database database, PageFrames frames, string? customer, Func<Task<IResult>> act, string? typed = null, string? changed = null)
    {
        try
        {
            await act();
            return Results.Redirect(ConsolePaths.Access(customer));
        }
        catch (ProblemException problem) when (problem.Status is 409 or 422)
        {
            return await ShowAsync(context, database, frames, customer, typed, problem, changed: changed);
        }
    }

    private static async Task<IResult> ShowAsync(
        HttpContext context, Database database, PageFrames frames, string? customer, string? typed = null, ProblemException? problem = null, IssuedToken? issued = null, string? changed = null)
    {
        var users = await PageFrames.ReadAsync(UserEndpoints.ListAsync(context, database, customer, 200, null), CloudJson.Default.PageUser);
        var tokens = await PageFrames.ReadAsync(TokenEndpoints.ListAsync(context, database, customer, 200, null), CloudJson.Default.PageApiToken);
        return PageFrames.Page<AccessPage>(
            await frames.MakeAsync(context, "Access", customer),
            problem?.Status ?? 200,
            ("Users", users.Items),
            ("Tokens", tokens.Items),
            ("Typed", typed),
            ("Problems", problem?.ToDocument().Problems ?? []),
            ("Issued", issued),
            ("Changed", changed));
    }

    private static Role RoleOf(IFormCollection form) => form["role"].ToString() switch
    {
        "administrator" => Role.Administrator,
        "operator" => Role.Operator,
        _ => Role.Viewer,
    };
}
