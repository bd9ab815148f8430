using Microsoft.AspNetCore.Http.HttpResults;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Cloud.Pages;

namespace Tunnelwright.Cloud;

/// <summary>Signing in and out.</summary>
internal static class SessionPages
{
    public static void Map(IEndpointRouteBuilder pages)
    {
        pages.MapGet("", (HttpContext context) => Results.Redirect(ConsolePaths.Start(Caller.Of(context).CustomerId))).For(Audience.SignedIn);
        pages.MapGet("/sign-in", (HttpContext context, PageFrames frames, string? to) => Show(frames.Make(context, "Sign in"), "", to, null)).For(Audience.Anyone);
        pages.MapPost("/sign-in", SignInAsync).For(Audience.Anyone).RequireRateLimiting(RateLimits.SignIn);
        pages.MapPost("/sign-out", SignOutAsync).For(Audience.SignedIn);
    }

    private static async Task<IResult> SignInAsync(HttpContext context, Database database, CloudOptions options, PageFrames frames)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var (email, to) = (form["email"].ToString(), form["to"].ToString());
        try
        {
            var session = await PageFrames.ReadAsync(SessionEndpoints.SignInAsync(context, database, options, new SignIn(email, form["password"].ToString())), CloudJson.Default.Session);
            return Results.Redirect(IsOurs(to) ? to : ConsolePaths.Start(session.CustomerId));
        }
        catch (ProblemException problem) when (problem.Status == 401)
        {
            return Show(frames.Make(context, "Sign in"), email, to, problem.Message);
        }
    }

    private static async Task<IResult> SignOutAsync(HttpContext context, Database database)
    {
        await SessionEndpoints.SignOutAsync(context, database);
        return Results.Redirect(ConsolePaths.SignIn);
    }

    private static RazorComponentResult<SignInPage> Show(Frame frame, string email, string? to, string? problem) =>
        PageFrames.Page<SignInPage>(frame, problem is null ? 200 : 401, ("Email", email), ("To", to is not null && IsOurs(to) ? to : null), ("Problem", problem));

    /// <summary>Whether a path is one of the console's: nobody is sent elsewhere after signing in.</summary>
    private static bool IsOurs(string path) => path.StartsWith(ConsolePaths.Root + "/", StringComparison.Ordinal) && !path.Any(char.IsControl) && !path.Contains('\\');
}
