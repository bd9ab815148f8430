using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>What stands around every page.</summary>
/// <param name="Title">The page's title.</param>
/// <param name="Path">The page's path, for the navigation.</param>
/// <param name="Session">Who is signed in; null for nobody.</param>
/// <param name="Customer">The customer that the page is about; null for none.</param>
/// <param name="FormField">Name of the field with the form's token.</param>
/// <param name="FormToken">The form's token, against forms on other sites.</param>
public sealed record Frame(string Title, string Path, Session? Session, Customer? Customer, string FormField, string FormToken)
{
    /// <summary>Whether who is signed in has a role at least. Pages hide by it what endpoints refuse anyway.</summary>
    /// <param name="role">The role.</param>
    public bool May(Role role) => Session is { } session && session.Role >= role;

    /// <summary>Whether who is signed in is the provider's own.</summary>
    public bool IsProvider => Session is { CustomerId: null };
}
