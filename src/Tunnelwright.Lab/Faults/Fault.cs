namespace Tunnelwright.Lab.Faults;

/// <summary>Something that goes wrong in reality and can be made to go wrong in a lab.</summary>
/// <param name="name">Its name on the command line.</param>
/// <param name="cause">The cause id that it is to be recognised as.</param>
/// <param name="breaks">What it breaks, in plain words.</param>
internal abstract class Fault(string name, string cause, string breaks)
{
    public string Name { get; } = name;

    public string Cause { get; } = cause;

    public string Breaks { get; } = breaks;

    /// <summary>The tunnels that are hit when none is named; empty for a fault that is not about one tunnel.</summary>
    public virtual IReadOnlyList<int> DefaultTunnels => [1, 2];

    /// <summary>Injects it. Done twice it has the same effect as once, unless it is an event, such as a process that is killed.</summary>
    /// <param name="site">The lab, and the means, which note how they are undone.</param>
    /// <param name="tunnel">1 or 2; 0 for a fault that is not about one tunnel.</param>
    /// <param name="cancellationToken">Ends the work; what was done is undone by heal.</param>
    /// <exception cref="FaultRefusedException">This lab cannot have the fault.</exception>
    public abstract Task InjectAsync(FaultSite site, int tunnel, CancellationToken cancellationToken);
}

/// <summary>A fault that is not about one tunnel.</summary>
internal abstract class WholeFault(string name, string cause, string breaks) : Fault(name, cause, breaks)
{
    public override IReadOnlyList<int> DefaultTunnels => [];

    public override Task InjectAsync(FaultSite site, int tunnel, CancellationToken cancellationToken) => InjectAsync(site, cancellationToken);

    protected abstract Task InjectAsync(FaultSite site, CancellationToken cancellationToken);
}
