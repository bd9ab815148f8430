namespace Tunnelwright.Model;

/// <summary>One rule that a connection has to pass.</summary>
public interface IConnectionRule
{
    /// <summary>Every way in which a connection breaks the rule; nothing when it passes.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="profile">What the provider allows.</param>
    IEnumerable<Problem> Check(VpnConnection connection, RequirementProfile profile);
}

/// <summary>A rule that looks at one tunnel at a time.</summary>
internal abstract class TunnelRule : IConnectionRule
{
    public IEnumerable<Problem> Check(VpnConnection connection, RequirementProfile profile)
    {
        foreach (var tunnel in connection.Tunnels)
        {
            foreach (var problem in Check(tunnel, connection, profile)) yield return problem;
        }
    }

    protected abstract IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile);

    protected static Problem Error(Tunnel tunnel, string cause, string field, string message) => new(Severity.Error, cause, tunnel.Number, message, field);

    protected static Problem Warning(Tunnel tunnel, string cause, string field, string message) => new(Severity.Warning, cause, tunnel.Number, message, field);
}
