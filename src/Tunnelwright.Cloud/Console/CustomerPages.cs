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

    private static async Task<IResult> ShowAsync(HttpContext context, Database database, PageFrames frames, string? cursor, NewCustomer asked, IReadOnlyList<RequestProblem> problems)
    {
        var page = await PageFrames.ReadAsync(CustomerEndpoints.ListAsync(context, database, null, cursor), CloudJson.Default.PageCustomer);
        return PageFrames.Page<CustomersPage>(frames.Make(context, "Customers"), problems.Count == 0 ? 200 : 422, ("Page", page), ("Asked", asked), ("Problems", problems));
    }
}
