using Dapper;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>Users, of a customer and of the provider's own.</summary>
internal static class UserEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        Map(app.MapGroup(Paths.ProviderUsers), Audience.Provider);
        Map(app.MapGroup("/v1/customers/{customer}/users"), Audience.Customer);
    }

    private static void Map(RouteGroupBuilder group, Audience audience)
    {
        group.WithTags("access");
        group.MapGet("", ListAsync).For(audience, Role.Administrator).Produces<Page<User>>().WithSummary("Users");
        group.MapPost("", AddAsync).For(audience, Role.Administrator).Produces<User>(201).WithSummary("Add a user");
        group.MapPatch("/{user}", ChangeAsync).For(audience, Role.Administrator).Produces<User>().WithSummary("Change a user's role or password");
        group.MapDelete("/{user}", RemoveAsync).For(audience, Role.Administrator).Produces(204).WithSummary("Remove a user");
    }

    internal static async Task<IResult> ListAsync(HttpContext context, Database database, string? customer, int? limit, string? cursor)
    {
        var query = PageQuery.Of(limit, cursor);
        var page = await database.ReadAsync(
            async connection =>
            {
                if (customer is not null) await CustomerStore.GetAsync(connection, customer);
                return await UserStore.ListAsync(connection, customer, query);
            },
            context.RequestAborted);
        return Answer.Of(page, CloudJson.Default.PageUser);
    }

    internal static async Task<IResult> AddAsync(HttpContext context, Idempotency idempotency, string? customer, NewUser body)
    {
        if (UserStore.Problems(body.Email?.Trim(), body.Password, emailToo: true).ToArray() is { Length: > 0 } problems) throw ProblemException.NotValid(problems);
        var hash = Secrets.HashPassword(body.Password!);
        return await idempotency.RunAsync(context, body, CloudJson.Default.NewUser, async connection =>
        {
            if (customer is not null) await CustomerStore.GetAsync(connection, customer);
            var user = (await UserStore.AddAsync(connection, customer, body.Email!.Trim(), hash, body.Role)).ToUser();
            await JournalWriter.AuditAsync(connection, Caller.Of(context), "user.add", customer, user.Id, $"{user.Email}, {Words.Write(user.Role)}");
            return Answer.Of(user, CloudJson.Default.User, 201, user.Version, $"{context.Request.Path}/{user.Id}");
        });
    }

    internal static async Task<IResult> ChangeAsync(HttpContext context, Database database, string? customer, string user, UserChange body)
    {
        if (UserStore.Problems(null, body.Password, emailToo: false).ToArray() is { Length: > 0 } problems) throw ProblemException.NotValid(problems);
        var hash = body.Password is null ? null : Secrets.HashPassword(body.Password);
        return await database.WriteAsync(
            async connection =>
            {
                var row = await UserStore.GetAsync(connection, customer, user);
                Preconditions.Check(context, row.Version);
                if (body.Role is { } role && role != Role.Administrator) await KeepOneAdministratorAsync(connection, customer, row);
                var changed = (await UserStore.ChangeAsync(connection, user, hash, body.Role)).ToUser();
                await JournalWriter.AuditAsync(connection, Caller.Of(context), "user.change", customer, user, $"{Words.Write(changed.Role)}{(hash is null ? "" : ", new password")}");
                return Answer.Of(changed, CloudJson.Default.User, 200, changed.Version);
            },
            context.RequestAborted);
    }

    internal static async Task<IResult> RemoveAsync(HttpContext context, Database database, string? customer, string user)
    {
        await database.WriteAsync(
            async connection =>
            {
                var row = await UserStore.GetAsync(connection, customer, user);
                Preconditions.Check(context, row.Version);
                await KeepOneAdministratorAsync(connection, customer, row);
                await connection.ExecuteAsync("delete from users where id = @user", new { user });
                await JournalWriter.AuditAsync(connection, Caller.Of(context), "user.remove", customer, user, row.Email);
            },
            context.RequestAborted);
        return Answer.Nothing;
    }

    /// <summary>The provider keeps an administrator who can sign in, or nobody could ever help anybody.</summary>
    private static async Task KeepOneAdministratorAsync(Npgsql.NpgsqlConnection connection, string? customer, UserRow row)
    {
        if (customer is not null || Words.Read<Role>(row.Role) != Role.Administrator) return;
        var others = (await connection.QueryAsync<string>("select id from users where customer_id is null and role = 'administrator' and id <> @Id for update", new { row.Id })).Count();
        if (others == 0) throw ProblemException.Conflict("last-administrator", "This is the provider's last administrator.");
    }
}
