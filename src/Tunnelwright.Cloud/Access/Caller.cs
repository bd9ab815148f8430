using Dapper;
using Npgsql;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>Who makes a request.</summary>
/// <param name="Id">Id of the user, token or node.</param>
/// <param name="Name">E-mail address or token's name, for the audit log.</param>
/// <param name="Role">What they may do.</param>
/// <param name="CustomerId">Whose they are; null for the provider's own.</param>
/// <param name="IsToken">Whether it is an API token.</param>
/// <param name="IsNode">Whether it is a node.</param>
internal sealed record Caller(string Id, string Name, Role Role, string? CustomerId, bool IsToken, bool IsNode = false)
{
    /// <summary>Where the request came from.</summary>
    public string? Address { get; init; }

    /// <summary>Hash of the console's session that the request came with; null with a token.</summary>
    public byte[]? SessionHash { get; init; }

    /// <summary>The service itself.</summary>
    public static Caller Service { get; } = new("service", "service", Role.Administrator, null, IsToken: false);

    /// <summary>The caller of a request whose endpoint wants one.</summary>
    public static Caller Of(HttpContext context) => context.Features.Get<Caller>() ?? throw ProblemException.NotSignedIn();

    /// <summary>Whether the caller may see a customer.</summary>
    public bool Sees(string? customer) => !IsNode && (CustomerId is null || CustomerId == customer);

    /// <summary>Whether token or session and the customer are still there: for answers that go on for hours.</summary>
    public Task<bool> LastsAsync(NpgsqlConnection connection, string customer) => connection.ExecuteScalarAsync<bool>(
        """
        select exists (select 1 from customers where id = @customer) and (
          exists (select 1 from tokens where id = @Id and (expires_at is null or expires_at > now())) or exists (select 1 from sessions where hash = @SessionHash and expires_at > now()))
        """,
        new { customer, Id, SessionHash });
}
