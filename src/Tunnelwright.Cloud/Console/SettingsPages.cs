using Tunnelwright.Cloud.Contract;
using Tunnelwright.Cloud.Pages;

namespace Tunnelwright.Cloud;

/// <summary>What a customer's administrator sets: name, forwarded domains and notifications; with the provider's own also edition, limits, names of the cloud and services.</summary>
internal static class SettingsPages
{
    public static void Map(IEndpointRouteBuilder pages)
    {
        var group = pages.MapGroup("/customers/{customer}/settings");
        group.MapGet("", (HttpContext context, Database database, PageFrames frames, string customer) => ShowAsync(context, database, frames, customer)).For(Audience.Customer, Role.Administrator);
        foreach (var form in new[] { "/customer", "/names", "/services", "/notifications", "/webhook-secret" }) group.MapGet(form, (string customer) => Results.Redirect(ConsolePaths.Settings(customer))).For(Audience.Customer, Role.Administrator);
        group.MapPost("/customer", Form(typed => typed.ToCustomer())).For(Audience.Customer, Role.Administrator);
        group.MapPost("/names", Form(typed => new CustomerChange(Dns: typed.ToNames()))).For(Audience.Customer, Role.Administrator);
        group.MapPost("/services", Form(typed => new CustomerChange(Services: typed.ToServices()))).For(Audience.Customer, Role.Administrator);
        group.MapPost("/notifications", Form(typed => new CustomerChange(Notifications: typed.ToNotifications()))).For(Audience.Customer, Role.Administrator);
        group.MapPost("/webhook-secret", NewSecretAsync).For(Audience.Customer, Role.Administrator);
    }

    private static Func<HttpContext, Database, CloudOptions, PageFrames, string, Task<IResult>> Form(Func<SettingsForm, CustomerChange> change) =>
        (context, database, options, frames, customer) => ChangeAsync(context, database, options, frames, customer, change);

    /// <summary>Changes what the form is for, of the version that its page showed; what is refused is told beside it, with what was typed.</summary>
    private static async Task<IResult> ChangeAsync(HttpContext context, Database database, CloudOptions options, PageFrames frames, string customer, Func<SettingsForm, CustomerChange> change)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var typed = SettingsForm.Read(form, await GetAsync(context, database, customer));
        await PageFrames.MeantForAsync(context);
        try
        {
            await CustomerEndpoints.ChangeAsync(context, database, options, customer, change(typed));
            return Results.Redirect(ConsolePaths.Settings(customer));
        }
        catch (ProblemException problem) when (problem.Status is 409 or 412 or 422)
        {
            return await ShowAsync(context, database, frames, customer, typed, problem);
        }
    }

    /// <summary>Makes a webhook secret. The answer to this form is the one place where it is shown; the page is in no history and no cache.</summary>
    private static async Task<IResult> NewSecretAsync(HttpContext context, Database database, PageFrames frames, Idempotency idempotency, KeyRing keys, string customer)
    {
        var issued = await PageFrames.ReadAsync(CustomerEndpoints.NewSecretAsync(context, idempotency, keys, customer), CloudJson.Default.WebhookSecret);
        return await ShowAsync(context, database, frames, customer, issued: issued);
    }

    private static async Task<IResult> ShowAsync(HttpContext context, Database database, PageFrames frames, string customer, SettingsForm? typed = null, ProblemException? problem = null, WebhookSecret? issued = null)
    {
        var now = await GetAsync(context, database, customer);
        var said = problem?.ToDocument();
        return PageFrames.Page<SettingsPage>(
            frames.Make(context, "Settings", now),
            problem?.Status ?? 200,
            ("Form", typed ?? SettingsForm.Of(now)),
            ("Problems", said is { Problems.Count: 0 } ? [new RequestProblem("refused", null, said.Detail ?? said.Title)] : said?.Problems ?? []),
            ("Issued", issued));
    }

    private static Task<Customer> GetAsync(HttpContext context, Database database, string customer) => PageFrames.ReadAsync(CustomerEndpoints.GetAsync(context, database, customer), CloudJson.Default.Customer);
}
