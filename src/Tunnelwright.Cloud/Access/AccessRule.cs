using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>Who may use an endpoint. An endpoint without a rule is used by nobody.</summary>
internal enum Audience
{
    /// <summary>Anyone, signed in or not.</summary>
    Anyone,

    /// <summary>Whoever is signed in.</summary>
    SignedIn,

    /// <summary>Whose customer it is, and the provider: the customer is in the path.</summary>
    Customer,

    /// <summary>The provider's own.</summary>
    Provider,

    /// <summary>Nodes.</summary>
    Node,
}

/// <summary>Who may use an endpoint, and with which role at least.</summary>
internal sealed record AccessRule(Audience Audience, Role Minimum = Role.Viewer)
{
    /// <summary>Name of the customer's id in paths.</summary>
    public const string CustomerParameter = "customer";
}

internal static class AccessRuleExtensions
{
    public static TBuilder For<TBuilder>(this TBuilder builder, Audience audience, Role minimum = Role.Viewer)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.WithMetadata(new AccessRule(audience, minimum), new ProducesResponseTypeMetadata(StatusCodes.Status400BadRequest, typeof(ProblemDocument), [ProblemDocument.MediaType]));
        return builder;
    }
}
