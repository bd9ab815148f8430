namespace Tunnelwright.Gateway;

/// <content>Who waits for a desired state to be carried out is told when it is, and need not ask again and again.</content>
public sealed partial class GatewayEngine
{
    private TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Waits until a generation is carried out: the last look found nothing left to do, but perhaps to start the DNS forwarder of an end that only answers.</summary>
    /// <param name="generation">What <see cref="SetDesired"/> gave; 0 for the first desired state.</param>
    /// <param name="limit">How long to wait at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it is; false when the time is over.</returns>
    internal async Task<bool> AppliedAsync(int generation, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var stop = new CancellationTokenSource(limit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, cancellationToken);
        try
        {
            while (true)
            {
                // Taken before the look, so that nothing falls between the look and the wait.
                var next = Volatile.Read(ref _told).Task;
                if (_status.Current is { Settled: true } status && status.Generation >= generation) return true;
                await next.WaitAsync(either.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>
    /// Whether what a plan leaves to do keeps nobody from working with the tunnels. Where this end only answers, the customer may begin before the DNS forwarder
    /// does, whose state is told apart.
    /// </summary>
    internal static bool IsApplied(DesiredGateway desired, GatewayPlan plan) => plan.Changes.All(change => OnlyAnswers(desired) && change is StartDns or ReconfigureDns);

    private static bool OnlyAnswers(DesiredGateway desired) => desired.Connections.All(connection => connection.Role == GatewayRole.Responder);

    /// <summary>The forwarder's start takes as long as all else: who waits for the tunnels hears of them before.</summary>
    private async Task TellOfTunnelsAsync(DesiredGateway desired, int generation, List<string> failures, CancellationToken cancellationToken)
    {
        if (failures.Count > 0) return;
        var observed = _silence.Judge(await _observer.ObserveAsync(desired, cancellationToken), _monitors.Health);
        var plan = Planner.Plan(desired, observed, _monitors.Health);
        if (!IsApplied(desired, plan)) return;
        _applied = generation;
        _status.Update(desired, observed, _monitors, plan, failures, generation);
        Volatile.Write(ref _lastLook, _time.GetTimestamp());
        Tell();
    }

    /// <summary>The status has changed.</summary>
    private void Tell() => Interlocked.Exchange(ref _told, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
}
