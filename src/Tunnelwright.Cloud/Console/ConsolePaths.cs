namespace Tunnelwright.Cloud;

/// <summary>Paths of the console's pages.</summary>
public static class ConsolePaths
{
    /// <summary>Under which everything of the console is.</summary>
    public const string Root = "/console";

    /// <summary>The form to sign in with.</summary>
    public const string SignIn = Root + "/sign-in";

    /// <summary>Where the form to sign out goes.</summary>
    public const string SignOut = Root + "/sign-out";

    /// <summary>The customers, for the provider's own.</summary>
    public const string Customers = Root + "/customers";

    /// <summary>Gateway nodes.</summary>
    public const string Nodes = Root + "/nodes";

    /// <summary>A customer's connections.</summary>
    /// <param name="customer">The customer's id.</param>
    public static string Connections(string customer) => $"{Customers}/{customer}/connections";

    /// <summary>The request form.</summary>
    /// <param name="customer">The customer's id.</param>
    public static string NewConnection(string customer) => $"{Customers}/{customer}/new-connection";

    /// <summary>A connection.</summary>
    /// <param name="customer">The customer's id.</param>
    /// <param name="connection">The connection's id.</param>
    public static string Connection(string customer, string connection) => $"{Connections(customer)}/{connection}";

    /// <summary>The audit log of a customer, or the whole of it.</summary>
    /// <param name="customer">The customer's id; null for the whole log.</param>
    public static string Audit(string? customer) => customer is null ? $"{Root}/audit" : $"{Customers}/{customer}/audit";

    /// <summary>Users and tokens of a customer, or the provider's own.</summary>
    /// <param name="customer">The customer's id; null for the provider's own.</param>
    public static string Access(string? customer) => customer is null ? $"{Root}/access" : $"{Customers}/{customer}/access";

    /// <summary>Names and notifications of a customer.</summary>
    /// <param name="customer">The customer's id.</param>
    public static string Settings(string customer) => $"{Customers}/{customer}/settings";

    /// <summary>Where it is asked whether a customer is to be removed.</summary>
    /// <param name="customer">The customer's id.</param>
    public static string Remove(string customer) => $"{Customers}/{customer}/remove";

    /// <summary>Where it is asked whether a node is to be forgotten.</summary>
    /// <param name="node">The node's id.</param>
    public static string Forget(string node) => $"{Nodes}/{node}/forget";

    /// <summary>Where a new session begins.</summary>
    /// <param name="customer">The customer that the user belongs to; null for the provider's own.</param>
    public static string Start(string? customer) => customer is null ? Customers : Connections(customer);

    internal static bool Covers(HttpContext context) => context.Request.Path.StartsWithSegments(Root);
}
