using Dapper;
using Npgsql;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Model;

namespace Tunnelwright.Cloud;

/// <summary>A row of users.</summary>
internal sealed class UserRow
{
    public required string Id { get; init; }

    public string? CustomerId { get; init; }

    public required string Email { get; init; }

    public required string PasswordHash { get; init; }

    public required string Role { get; init; }

    public DateTime CreatedAt { get; init; }

    public long Version { get; init; }

    public User ToUser() => new(Id, Email, Words.Read<Role>(Role), CustomerId, CreatedAt, Version);
}

/// <summary>Users in the store.</summary>
internal static class UserStore
{
    public const int ShortestPassword = 12;
    public const int LongestPassword = 200;

    private const string Columns = "id, customer_id, email, password_hash, role, created_at, version";

    public static Task<UserRow?> FindByEmailAsync(NpgsqlConnection connection, string email) =>
        connection.QuerySingleOrDefaultAsync<UserRow?>($"select {Columns} from users where lower(email) = lower(@email)", new { email });

    /// <summary>A user of a customer, or of the provider's own (null), locked for a change.</summary>
    public static async Task<UserRow> GetAsync(NpgsqlConnection connection, string? customer, string id) =>
        await connection.QuerySingleOrDefaultAsync<UserRow?>($"select {Columns} from users where id = @id and customer_id is not distinct from @customer for update", new { id, customer })
        ?? throw ProblemException.NotFound();

    public static async Task<Page<User>> ListAsync(NpgsqlConnection connection, string? customer, PageQuery query)
    {
        var rows = (await connection.QueryAsync<UserRow>(
            $"select {Columns} from users where customer_id is not distinct from @customer and lower(email) > @after order by lower(email) limit @rows",
            new { customer, after = query.After ?? "", rows = query.Limit + 1 })).ToArray();
        var page = query.Cut(rows, row => row.Email.ToLowerInvariant());
        return new Page<User>([.. page.Items.Select(row => row.ToUser())], page.Next);
    }

    public static async Task<UserRow> AddAsync(NpgsqlConnection connection, string? customer, string email, string passwordHash, Role role) =>
        await connection.QuerySingleOrDefaultAsync<UserRow?>(
            $"""
            insert into users (id, customer_id, email, password_hash, role) values (@id, @customer, @email, @passwordHash, @role)
            on conflict (lower(email)) do nothing returning {Columns}
            """,
            new { id = Secrets.Id("user-", 12), customer, email, passwordHash, role = Words.Write(role) })
        ?? throw ProblemException.NotValid("email-taken", "email", "A user with this e-mail address exists.");

    public static async Task<UserRow> ChangeAsync(NpgsqlConnection connection, string id, string? passwordHash, Role? role)
    {
        if (passwordHash is not null) await connection.ExecuteAsync("delete from sessions where user_id = @id", new { id });
        return await connection.QuerySingleAsync<UserRow>(
            $"update users set password_hash = coalesce(@passwordHash, password_hash), role = coalesce(@role, role), version = version + 1 where id = @id returning {Columns}",
            new { id, passwordHash, role = role is { } word ? Words.Write(word) : null });
    }

    /// <summary>What is wrong with a user's values; members that are not to be set are not looked at.</summary>
    public static IEnumerable<RequestProblem> Problems(string? email, string? password, bool emailToo)
    {
        if (emailToo && !MailAddress.IsValid(email)) yield return new RequestProblem("email", "email", $"{email} is not a valid e-mail address.");
        if ((emailToo || password is not null) && password?.Length is null or < ShortestPassword or > LongestPassword)
            yield return new RequestProblem("password", "password", $"A password has {ShortestPassword} to {LongestPassword} characters.");
    }
}
