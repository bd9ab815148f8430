using Dapper;
using Npgsql;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>API tokens, of a customer and of the provider's own.</summary>
internal static class TokenEndpoints
{
    private const string Columns = "id, customer_id, name, role, created_at, expires_at, last_used_at";

    public static void Map(IEndpointRouteBuilder app)
    {
        Map(app.MapGroup(Paths.ProviderTokens), Audience.Provider);
        Map(app.MapGroup("/v1/customers/{customer}/tokens"), Audience.Customer);
    }

    /// <summary>Makes a token; its text is in the answer and nowhere else.</summary>
    public static async Task<IssuedToken> IssueAsync(NpgsqlConnection connection, string? customer, string name, Role role, DateTimeOffset? expiresAt)
    {
        var secret = Secrets.New("twt_");
        var row = await connection.QuerySingleAsync<TokenRow>(
            $"insert into tokens (id, customer_id, name, role, hash, expires_at) values (@id, @customer, @name, @role, @hash, @expiresAt) returning {Columns}",
            new { id = Secrets.Id("token-", 12), customer, name, role = Words.Write(role), hash = Secrets.Hash(secret), expiresAt = expiresAt?.UtcDateTime });
        return new IssuedToken(row.ToToken(), secret);
    }

    private static void Map(RouteGroupBuilder group, Audience audience)
    {
        group.WithTags("access");
        group.MapGet("", ListAsync).For(audience, Role.Administrator).Produces<Page<ApiToken>>().WithSummary("API tokens");
        group.MapPost("", AddAsync).For(audience, Role.Administrator).Produces<IssuedToken>(201).WithSummary("Make an API token; its text is shown once");
        group.MapDelete("/{token}", RevokeAsync).For(audience, Role.Administrator).Produces(204).WithSummary("Revoke an API token");
    }

    internal static async Task<IResult> ListAsync(HttpContext context, Database database, string? customer, int? limit, string? cursor)
    {
        var query = PageQuery.Of(limit, cursor);
        var rows = await database.ReadAsync(
            async connection =>
            {
                if (customer is not null) await CustomerStore.GetAsync(connection, customer);
                return (await connection.QueryAsync<TokenRow>(
                    $"select {Columns} from tokens where customer_id is not distinct from @customer and id > @after order by id limit @rows",
                    new { customer, after = query.After ?? "", rows = query.Limit + 1 })).ToArray();
            },
            context.RequestAborted);
        var page = query.Cut(rows, row => row.Id);
        return Answer.Of(new Page<ApiToken>([.. page.Items.Select(row => row.ToToken())], page.Next), CloudJson.Default.PageApiToken);
    }

    internal static async Task<IResult> AddAsync(HttpContext context, Idempotency idempotency, TimeProvider time, string? customer, NewApiToken body)
    {
        var name = body.Name?.Trim() ?? "";
        var problems = new List<RequestProblem>();
        if (name.Length is 0 or > 100 || name.Any(char.IsControl)) problems.Add(new RequestProblem("name", "name", "A token's name has 1 to 100 characters."));
        if (body.ExpiresAt is { } end && end <= time.GetUtcNow()) problems.Add(new RequestProblem("expires-at", "expiresAt", "The token would have ended already."));
        if (problems.Count > 0) throw ProblemException.NotValid(problems);
        return await idempotency.RunAsync(context, body, CloudJson.Default.NewApiToken, async connection =>
        {
            if (customer is not null) await CustomerStore.GetAsync(connection, customer);
            var issued = await IssueAsync(connection, customer, name, body.Role, body.ExpiresAt);
            await JournalWriter.AuditAsync(connection, Caller.Of(context), "token.issue", customer, issued.Token.Id, $"{name}, {Words.Write(body.Role)}");
            return Answer.Of(issued, CloudJson.Default.IssuedToken, 201, location: $"{context.Request.Path}/{issued.Token.Id}");
        });
    }

    internal static async Task<IResult> RevokeAsync(HttpContext context, Database database, string? customer, string token)
    {
        await database.WriteAsync(
            async connection =>
            {
                if (await connection.ExecuteAsync("delete from tokens where id = @token and customer_id is not distinct from @customer", new { token, customer }) == 0) throw ProblemException.NotFound();
                await JournalWriter.AuditAsync(connection, Caller.Of(context), "token.revoke", customer, token);
            },
            context.RequestAborted);
        return Answer.Nothing;
    }

    private sealed class TokenRow
    {
        public required string Id { get; init; }

        public string? CustomerId { get; init; }

        public required string Name { get; init; }

        public required string Role { get; init; }

        public DateTime CreatedAt { get; init; }

        public DateTime? ExpiresAt { get; init; }

        public DateTime? LastUsedAt { get; init; }

        public ApiToken ToToken() => new(Id, Name, Words.Read<Role>(Role), CustomerId, CreatedAt, ExpiresAt, LastUsedAt);
    }
}
