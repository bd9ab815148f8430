namespace Tunnelwright.Model;

/// <summary>One rule that a request has to pass.</summary>
public interface IRequestRule
{
    /// <summary>Every way in which a request breaks the rule; nothing when it passes.</summary>
    /// <param name="request">The request.</param>
    /// <param name="customer">What the service knows of the customer.</param>
    /// <param name="profile">What the provider allows, and how it calls itself.</param>
    IEnumerable<RequestFault> Check(RequestedConnection request, CustomerSituation customer, RequirementProfile profile);
}
