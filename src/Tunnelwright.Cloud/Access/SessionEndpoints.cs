using Dapper;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>Signing in to the console, and out.</summary>
internal static class SessionEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost(Paths.Session, SignInAsync)
            .For(Audience.Anyone).RequireRateLimiting(RateLimits.SignIn).Produces<Session>().WithSummary("Sign in; the answer sets the console's cookie").WithTags("access");
        app.MapGet(Paths.Session, (HttpContext context) => Answer.Of(Describe(Caller.Of(context)), CloudJson.Default.Session))
            .For(Audience.SignedIn).Produces<Session>().WithSummary("Who is signed in").WithTags("access");
        app.MapDelete(Paths.Session, SignOutAsync)
            .For(Audience.SignedIn).Produces(204).WithSummary("Sign out").WithTags("access");
    }

    internal static async Task<IResult> SignInAsync(HttpContext context, Database database, CloudOptions options, SignIn body)
    {
        var address = context.Connection.RemoteIpAddress?.ToString();
        var email = body.Email?.Trim() ?? "";
        if (email.Length > 254 || body.Password?.Length > UserStore.LongestPassword) throw Wrong();
        var user = await database.ReadAsync(connection => UserStore.FindByEmailAsync(connection, email), context.RequestAborted);
        var right = Secrets.Verify(body.Password ?? "", user?.PasswordHash);
        if (user is null || !right)
        {
            var nobody = new Caller("nobody", user?.Email ?? "nobody", Role.Viewer, user?.CustomerId, IsToken: false) { Address = address };
            await database.WriteAsync(connection => JournalWriter.AuditAsync(connection, nobody, "session.refused", user?.CustomerId, user?.Id), context.RequestAborted);
            throw Wrong();
        }

        var secret = Secrets.New("tws_");
        var age = TimeSpan.FromHours(options.SessionHours);
        var caller = new Caller(user.Id, user.Email, Words.Read<Role>(user.Role), user.CustomerId, IsToken: false) { Address = address };
        await database.WriteAsync(
            async connection =>
            {
                await connection.ExecuteAsync("insert into sessions (hash, user_id, expires_at) values (@hash, @Id, now() + @age)", new { hash = Secrets.Hash(secret), user.Id, age });
                await JournalWriter.AuditAsync(connection, caller, "session.begin", user.CustomerId, user.Id);
            },
            context.RequestAborted);
        SessionCookie.Set(context, secret, age);
        return Answer.Of(Describe(caller), CloudJson.Default.Session);
    }

    internal static async Task<IResult> SignOutAsync(HttpContext context, Database database)
    {
        var caller = Caller.Of(context);
        await database.WriteAsync(
            async connection =>
            {
                await connection.ExecuteAsync("delete from sessions where hash = @SessionHash", new { caller.SessionHash });
                await JournalWriter.AuditAsync(connection, caller, "session.end", caller.CustomerId, caller.Id);
            },
            context.RequestAborted);
        SessionCookie.Clear(context);
        return Answer.Nothing;
    }

    internal static Session Describe(Caller caller) => new(caller.Name, caller.Role, caller.CustomerId, caller.IsToken);

    private static ProblemException Wrong() => new(401, "sign-in", "E-mail address or password is wrong.");
}
