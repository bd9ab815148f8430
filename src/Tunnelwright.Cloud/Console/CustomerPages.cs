using Tunnelwright.Cloud.Contract;
using Tunnelwright.Cloud.Pages;

namespace Tunnelwright.Cloud;

/// <summary>The customers, for the provider's own; a customer's user sees its own alone.</summary>
internal static class CustomerPages
{
    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.MapGet("/customers", (HttpContext context, Database database, PageFrames frames, string? cursor) => ShowAsync(context, database, frames, cursor, new NewCustomer(), [])).For(Audience.SignedIn);
        pages.MapPost("/customers", AddAsync).For(Audience.Provider, Role.Administrator);
        pages.MapGet("/customers/{customer}/remove", (HttpContext context, PageFrames frames, string customer) => AskAsync(context, frames, customer, "", null)).For(Audience.Provider, Role.Administrator);
        pages.MapPost("/customers/{customer}/remove", RemoveAsync).For(Audience.Provider, Role.Administrator);
    }

    private static async Task<IResult> AddAsync(HttpContext context, Database database, PageFrames frames, Idempotency idempotency, CloudOptions options, Model.RequirementProfile profile)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var asked = new NewCustomer(form["name"].ToString(), form["cloudNetwork"].ToString());
        try
        {
            var customer = await PageFrames.ReadAsync(CustomerEndpoints.AddAsync(context, idempotency, options, profile, asked), CloudJson.Default.Customer);
            return Results.Redirect(ConsolePaths.Connections(customer.Id));
        }
        catch (ProblemException problem) when (problem.Status == 422)
        {
            return await ShowAsync(context, database, frames, null, asked, problem.ToDocument().Problems);
        }
    }

    private static async Task<IResult> RemoveAsync(HttpContext context, Database database, PageFrames frames, string customer)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var typed = form["name"].ToString().Trim();
        var shown = await PageFrames.ReadAsync(CustomerEndpoints.GetAsync(context, database, customer), CloudJson.Default.Customer);
        if (typed != shown.Name) return await AskAsync(context, frames, customer, typed, $"Type {shown.Name} to remove this customer.");
        await PageFrames.MeantForAsync(context);
        try
        {
            await CustomerEndpoints.RemoveAsync(context, database, customer);
            return Results.Redirect(ConsolePaths.Customers);
        }
        catch (ProblemException problem) when (problem.Status is 409 or 412)
        {
            return await AskAsync(context, frames, customer, typed, problem.Status == 412 ? problem.Message : problem.ToDocument().Detail ?? problem.Message);
        }
    }

    private static async Task<IResult> AskAsync(HttpContext context, PageFrames frames, string customer, string typed, string? problem) =>
        PageFrames.Page<RemoveCustomerPage>(await frames.MakeAsync(context, "Remove the customer", customer), problem is null ? 200 : 422, ("Typed", typed), ("Problem", problem));

    private static async Task<IResult> ShowAsync(HttpContext context, Database database, PageFrames frames, string? cursor, NewCustomer asked, IReadOnlyList<RequestProblem> problems)
    {
        var page = await PageFrames.ReadAsync(CustomerEndpoints.ListAsync(context, database, null, cursor), CloudJson.Default.PageCustomer);
        return PageFrames.Page<CustomersPage>(frames.Make(context, "Customers"), problems.Count == 0 ? 200 : 422, ("Page", page), ("Asked", asked), ("Problems", problems));
    }
}
