using Tunnelwright.Gateway;
using Tunnelwright.Linux;

namespace Tunnelwright.Node.Customers;

/// <summary>
/// The agent of a customer's gateway: a process of its own in the customer's namespace, which outlives the node's agent as the daemons outlive it. It is found
/// again by its mark, started when it is not there, and handed the desired state when that changed. It says itself when it has carried that out.
/// </summary>
internal sealed class CustomerAgent(NodeSettings settings, NetworkNamespace space, string customer, Action carriedOut) : IDisposable
{
    private static readonly TimeSpan StartPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(250);

    private readonly GatewayPaths _paths = new(customer);
    private readonly AgentClient _client = new(customer);

    private ServiceProcess? _process;
    private DesiredGateway? _handed;
    private int _generation = int.MaxValue;
    private CancellationTokenSource? _following;

    /// <summary>Whether the agent runs, as far as is known without looking for it.</summary>
    public bool Runs => _process is { IsAlive: true };

    /// <summary>Sees to it that the agent runs and works on the desired state.</summary>
    /// <param name="desired">The desired state.</param>
    /// <param name="isNew">Whether the namespace has just been made: no agent of an earlier run can be in it.</param>
    /// <param name="cancellationToken">Ends the work; the next call goes on.</param>
    /// <returns>Whether it has taken it; false while it is just starting.</returns>
    /// <exception cref="AgentException">It refused.</exception>
    public async Task<bool> EnsureAsync(DesiredGateway desired, bool isNew, CancellationToken cancellationToken)
    {
        if (!Runs)
        {
            _handed = null;
            _process = isNew ? null : Find();
            if (_process is null)
            {
                // It begins with what its file says.
                _process = await StartAsync(desired, cancellationToken);
                (_handed, _generation) = (desired, 0);
                Follow();
            }
        }

        if (_handed == desired) return true;
        if (!_client.Listens()) return false;
        _generation = await _client.SetDesiredAsync(desired, cancellationToken);
        _handed = desired;
        Follow();
        return true;
    }

    /// <summary>What the agent says of its tunnels, and whether everything it was handed last is in place; null when it does not answer.</summary>
    public async Task<(StatusDocument Status, bool Applied)?> StatusAsync(CancellationToken cancellationToken)
    {
        if (!Runs || !_client.Listens() || await _client.TryGetStatusAsync(cancellationToken) is not { } status) return null;
        return (status, _handed is not null && status.Settled && status.Generation >= _generation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Forget();
        _client.Dispose();
    }

    /// <summary>Waits for the agent's word that what it was handed last is carried out.</summary>
    private void Follow()
    {
        Forget();
        _following = new CancellationTokenSource();
        var (token, generation) = (_following.Token, _generation);
        _ = Task.Run(() => FollowAsync(generation, token), token);
    }

    private void Forget()
    {
        _following?.Cancel();
        _following?.Dispose();
        _following = null;
    }

    private async Task FollowAsync(int generation, CancellationToken cancellationToken)
    {
        try
        {
            while (Runs)
            {
                if (!_client.Listens())
                {
                    await Task.Delay(StartPause, cancellationToken);
                    continue;
                }

                if (await _client.AppliedAsync(generation, cancellationToken))
                {
                    carriedOut();
                    return;
                }

                await Task.Delay(AskAgain, cancellationToken);
            }
        }
        catch (Exception problem) when (problem is OperationCanceledException or ObjectDisposedException)
        {
            // There is something newer to follow, or nothing any more.
        }
    }

    private ServiceProcess? Find()
    {
        var mark = GatewayNames.ProcessMark(customer, "agent");
        var inside = NetworkNamespace.ProcessesIn([space.Name!]);
        return ServiceProcess.FindByMark(mark).FirstOrDefault(process => process.Mark == mark && inside.Contains(process.Pid));
    }

    private async Task<ServiceProcess> StartAsync(DesiredGateway desired, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_paths.StateFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await AtomicFile.WriteAsync(_paths.Desired, DesiredGatewayJson.Write(desired), cancellationToken: cancellationToken);
        return await ServiceProcess.StartAsync(
            new ServiceProcessSpec
            {
                Program = settings.Program,
                Arguments = ["gateway", "run", "--desired", _paths.Desired],
                MarkValue = GatewayNames.ProcessMark(customer, "agent"),
                LogFile = _paths.AgentLog,
                NetworkNamespace = space.Name,
            },
            cancellationToken);
    }
}
