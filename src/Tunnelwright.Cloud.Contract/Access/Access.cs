using System.Text.Json.Serialization;

namespace Tunnelwright.Cloud.Contract;

/// <summary>What somebody may do. A user or token without a customer is the provider's own, and may do it for every customer.</summary>
[JsonConverter(typeof(WordConverter<Role>))]
public enum Role
{
    /// <summary>"viewer": sees everything but keys; downloads no files.</summary>
    Viewer,

    /// <summary>"operator": also asks for connections, changes and deletes them, downloads files.</summary>
    Operator,

    /// <summary>"administrator": also users, tokens and settings; the provider's own also customers, nodes and addresses.</summary>
    Administrator,
}

/// <summary>POST <see cref="Paths.Session"/>: signs in to the console; the answer sets a cookie.</summary>
/// <param name="Email">The user's e-mail address.</param>
/// <param name="Password">The user's password.</param>
public sealed record SignIn(string? Email = null, string? Password = null);

/// <summary>Who is signed in.</summary>
/// <param name="Name">The e-mail address, or the token's name.</param>
/// <param name="Role">What they may do.</param>
/// <param name="CustomerId">Whose they are; null for the provider's own.</param>
/// <param name="Token">Whether it is an API token.</param>
public sealed record Session(string Name, Role Role, string? CustomerId, bool Token);

/// <summary>A user.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Email">E-mail address, the name to sign in with.</param>
/// <param name="Role">What they may do.</param>
/// <param name="CustomerId">Whose they are; null for the provider's own.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Version">Counts changes; the ETag.</param>
public sealed record User(string Id, string Email, Role Role, string? CustomerId, DateTimeOffset CreatedAt, long Version);

/// <summary>POST of users.</summary>
/// <param name="Email">E-mail address.</param>
/// <param name="Password">12 to 200 characters.</param>
/// <param name="Role">What they may do; viewer when missing.</param>
public sealed record NewUser(string? Email = null, string? Password = null, Role Role = Role.Viewer);

/// <summary>PATCH of a user: members that are null stay as they are.</summary>
/// <param name="Password">12 to 200 characters; ends the user's sessions.</param>
/// <param name="Role">What they may do.</param>
public sealed record UserChange(string? Password = null, Role? Role = null);

/// <summary>An API token. Its text is not kept, only a hash.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">The name for people.</param>
/// <param name="Role">What it may do.</param>
/// <param name="CustomerId">Whose it is; null for the provider's own.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it ends; null for never.</param>
/// <param name="LastUsedAt">When it was last used, to the minute; null for never.</param>
public sealed record ApiToken(string Id, string Name, Role Role, string? CustomerId, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt);

/// <summary>POST of tokens.</summary>
/// <param name="Name">1 to 100 characters.</param>
/// <param name="Role">What it may do; not more than who makes it.</param>
/// <param name="ExpiresAt">When it ends; null for never.</param>
public sealed record NewApiToken(string? Name = null, Role Role = Role.Viewer, DateTimeOffset? ExpiresAt = null);

/// <summary>A new token with its text, shown once.</summary>
/// <param name="Token">What is known of it.</param>
/// <param name="Secret">Goes into "Authorization: Bearer …".</param>
public sealed record IssuedToken(ApiToken Token, string Secret);
