using Tunnelwright.Cloud.Pages;

namespace Tunnelwright.Cloud;

/// <summary>Problems as people get them: who is not signed in may sign in, everything else is a page.</summary>
internal static class ErrorPages
{
    public static async Task WriteAsync(HttpContext context, ProblemException problem)
    {
        if (problem.Status == 401)
        {
            var back = HttpMethods.IsGet(context.Request.Method) ? $"?to={Uri.EscapeDataString(context.Request.Path + context.Request.QueryString)}" : "";
            context.Response.Redirect(ConsolePaths.SignIn + back);
            return;
        }

        var frame = context.RequestServices.GetRequiredService<PageFrames>().Make(context, problem.Message);
        await PageFrames.Page<ErrorPage>(frame, problem.Status, ("Problem", problem.ToDocument())).ExecuteAsync(context);
    }
}
