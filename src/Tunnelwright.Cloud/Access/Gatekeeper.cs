using System.Security.Claims;
using Dapper;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>Finds out who makes a request: a token or credential in the header, else the console's cookie.</summary>
internal sealed class Identifier(RequestDelegate next, Database database)
{
    private const string Bearer = "Bearer ";

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path.StartsWithSegments("/v1") || context.Request.Path.StartsWithSegments("/node"))
        {
            var caller = await FindAsync(context);
            if (caller is not null)
            {
                context.Features.Set(caller with { Address = context.Connection.RemoteIpAddress?.ToString() });
                context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, caller.Name)], caller.IsToken ? "token" : "session"));
            }
        }

        await next(context);
    }

    private async Task<Caller?> FindAsync(HttpContext context)
    {
        if (context.Request.Headers.Authorization is [{ } header] && header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            var secret = header[Bearer.Length..].Trim();
            return secret.Length > 200 ? null : await OfSecretAsync(secret, context.RequestAborted);
        }

        return context.Request.Cookies.TryGetValue(SessionCookie.NameFor(context), out var cookie) && cookie.Length <= 200 ? await OfSessionAsync(cookie, context.RequestAborted) : null;
    }

    private Task<Caller?> OfSecretAsync(string secret, CancellationToken cancellationToken)
    {
        var hash = Secrets.Hash(secret);
        return database.ReadAsync(
            async connection =>
            {
                if (secret.StartsWith(NodeStore.CredentialPrefix, StringComparison.Ordinal))
                {
                    var node = await connection.QuerySingleOrDefaultAsync<string>("select id from nodes where credential_hash = @hash", new { hash });
                    return node is null ? null : new Caller(node, $"node {node}", Role.Viewer, null, IsToken: true, IsNode: true);
                }

                var row = await connection.QuerySingleOrDefaultAsync<TokenRow>(
                    "select id, name, role, customer_id, coalesce(last_used_at < now() - interval '1 minute', true) as unnoted from tokens where hash = @hash and (expires_at is null or expires_at > now())",
                    new { hash });
                if (row is null) return null;
                if (row.Unnoted) await connection.ExecuteAsync("update tokens set last_used_at = now() where id = @Id", new { row.Id });
                return new Caller(row.Id, row.Name, Words.Read<Role>(row.Role), row.CustomerId, IsToken: true);
            },
            cancellationToken);
    }

    private Task<Caller?> OfSessionAsync(string cookie, CancellationToken cancellationToken)
    {
        var hash = Secrets.Hash(cookie);
        return database.ReadAsync(
            async connection =>
            {
                var row = await connection.QuerySingleOrDefaultAsync<TokenRow>(
                    "select u.id, u.email as name, u.role, u.customer_id from sessions s join users u on u.id = s.user_id where s.hash = @hash and s.expires_at > now()",
                    new { hash });
                return row is null ? null : new Caller(row.Id, row.Name, Words.Read<Role>(row.Role), row.CustomerId, IsToken: false) { SessionHash = hash };
            },
            cancellationToken);
    }

    private sealed class TokenRow
    {
        public required string Id { get; init; }

        public required string Name { get; init; }

        public required string Role { get; init; }

        public string? CustomerId { get; init; }

        public bool Unnoted { get; init; }
    }
}

/// <summary>Lets a request through when the endpoint's rule allows its caller, and only then. A customer that is not the caller's does not exist.</summary>
internal sealed class Gatekeeper(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is { } endpoint && !endpoint.Metadata.OfType<PublicFile>().Any())
        {
            var rule = endpoint.Metadata.GetMetadata<AccessRule>() ?? throw new InvalidOperationException($"{endpoint.DisplayName} has no access rule.");
            Check(context, rule);
        }

        await next(context);
    }

    private static void Check(HttpContext context, AccessRule rule)
    {
        if (rule.Audience == Audience.Anyone) return;
        var caller = Caller.Of(context);
        if (caller.IsNode != (rule.Audience == Audience.Node)) throw ProblemException.NotAllowed("Nodes use the node protocol, and nobody else does.");
        if (context.GetRouteValue(AccessRule.CustomerParameter) is string customer && !caller.Sees(customer)) throw ProblemException.NotFound();
        if (rule.Audience == Audience.Provider && caller.CustomerId is not null) throw ProblemException.NotAllowed("Only the provider's own may do this.");
        if (caller.Role < rule.Minimum) throw ProblemException.NotAllowed($"It needs the role {Words.Write(rule.Minimum)}.");

        // A form on another site can send the cookie, but not this header.
        if (!caller.IsToken && !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method) && !context.Request.Headers.ContainsKey(Headers.Console))
            throw ProblemException.NotAllowed($"With a cookie it needs the header {Headers.Console}.");
    }
}

/// <summary>Marks what is served without a rule: the API's description.</summary>
internal sealed class PublicFile;

/// <summary>The console's cookie.</summary>
internal static class SessionCookie
{
    /// <summary>Over TLS the name binds the cookie to this host (RFC 6265bis section 4.1.3.2).</summary>
    public static string NameFor(HttpContext context) => context.Request.IsHttps ? "__Host-tunnelwright" : "tunnelwright";

    public static void Set(HttpContext context, string secret, TimeSpan age) => context.Response.Cookies.Append(NameFor(context), secret, Options(context, age));

    public static void Clear(HttpContext context) => context.Response.Cookies.Delete(NameFor(context), Options(context, null));

    private static CookieOptions Options(HttpContext context, TimeSpan? age) =>
        new() { HttpOnly = true, Secure = context.Request.IsHttps, SameSite = SameSiteMode.Strict, Path = "/", MaxAge = age, IsEssential = true };
}
