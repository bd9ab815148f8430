namespace Tunnelwright.Gateway;

/// <content>The plan before the first pass, which starts from the same look.</content>
public sealed partial class GatewayEngine
{
    /// <summary>How old a look ahead may be that a pass starts from.</summary>
    private static readonly TimeSpan LookAheadLife = TimeSpan.FromMilliseconds(500);

    private (ObservedGateway Observed, long At)? _ahead;

    /// <summary>What this engine would change, nothing done yet. A pass that follows at once starts from the same look.</summary>
    /// <param name="cancellationToken">Ends the look.</param>
    public async Task<PlanDocument> LookAheadAsync(CancellationToken cancellationToken)
    {
        var observed = await _observer.ObserveAsync(Desired, cancellationToken);
        _ahead = (observed, _time.GetTimestamp());
        return PlanFrom(Desired, observed);
    }

    private ObservedGateway? TakeLookAhead()
    {
        var ahead = _ahead;
        _ahead = null;
        return ahead is { } look && _time.GetElapsedTime(look.At) < LookAheadLife ? look.Observed : null;
    }
}
