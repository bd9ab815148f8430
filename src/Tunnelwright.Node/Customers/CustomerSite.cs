using Microsoft.Extensions.Logging;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Gateway;
using Tunnelwright.Linux;

namespace Tunnelwright.Node.Customers;

/// <summary>One customer on this node: its namespace, its gateway's agent, and what is seen of its tunnels.</summary>
internal sealed partial class CustomerSite : IDisposable
{
    /// <summary>How often the namespace is looked at although nothing has changed.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(15);

    /// <summary>How often the tunnels are looked at.</summary>
    private static readonly TimeSpan Pulse = TimeSpan.FromSeconds(1);

    /// <summary>The same while something is on its way: the agent says when it is done, so this is for what fails meanwhile.</summary>
    private static readonly TimeSpan QuickPulse = TimeSpan.FromMilliseconds(250);

    private readonly NodeSettings _settings;
    private readonly string _customer;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CustomerNamespace _namespace;
    private readonly CustomerAgent _agent;
    private readonly Dictionary<(string Connection, int Number), ByteCounts> _counts = [];

    private NodeCustomer? _looked;
    private long _lookedAt;
    private NodeCustomer? _wanted;
    private (StatusDocument Status, bool Applied)? _status;
    private string? _problem;
    private long? _visitedAt;
    private volatile bool _called;

    /// <summary>A customer.</summary>
    /// <param name="settings">The node's settings.</param>
    /// <param name="customer">The customer's id.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where it says what it does.</param>
    /// <param name="wake">Called from another thread when the customer's agent has carried out what it was handed: a pass should look at it.</param>
    public CustomerSite(NodeSettings settings, string customer, TimeProvider time, ILogger log, Action wake)
    {
        (_settings, _customer, _time, _log) = (settings, customer, time, log);
        _namespace = new CustomerNamespace(settings, customer);
        _agent = new CustomerAgent(settings, new NetworkNamespace(NodeNames.NamespaceOf(customer)), customer, () =>
        {
            _called = true;
            wake();
        });
    }

    /// <summary>Whether everything that was wanted at the last pass is in place.</summary>
    public bool Applied { get; private set; }

    /// <summary>Whether the next pass should not wait: something else is wanted, or the agent has called.</summary>
    /// <param name="wanted">What the service wants of this customer.</param>
    public bool IsUrgent(NodeCustomer wanted) => _called || !ReferenceEquals(_wanted, wanted);

    /// <summary>How long until it should be looked at again; zero for now.</summary>
    public TimeSpan DueIn
    {
        get
        {
            if (_called || _visitedAt is not { } at) return TimeSpan.Zero;
            var left = (Applied ? Pulse : QuickPulse) - _time.GetElapsedTime(at);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>One pass: compares, changes what differs, looks at the tunnels.</summary>
    /// <param name="wanted">What the service wants of this customer.</param>
    /// <param name="fabric">The node's address on the fabric.</param>
    /// <param name="cancellationToken">Ends the pass; the next one goes on.</param>
    public async Task PassAsync(NodeCustomer wanted, InterfaceAddress fabric, CancellationToken cancellationToken)
    {
        (_called, _wanted) = (false, wanted);
        try
        {
            var desired = CustomerDesired.Of(wanted, _settings, fabric);
            if (!ReferenceEquals(_looked, wanted) || !_agent.Runs || _time.GetElapsedTime(_lookedAt) > LookAgain)
            {
                // The agent of a new namespace takes longer to start than its wires to be made.
                if (await _namespace.TryMakeAsync(wanted, fabric, cancellationToken)) await Task.WhenAll(_namespace.FurnishAsync(wanted, fabric, cancellationToken), _agent.EnsureAsync(desired, isNew: true, cancellationToken));
                else await _namespace.EnsureAsync(wanted, fabric, cancellationToken);
                (_looked, _lookedAt) = (wanted, _time.GetTimestamp());
            }

            var taken = await _agent.EnsureAsync(desired, isNew: false, cancellationToken);
            _status = await _agent.StatusAsync(cancellationToken);
            Applied = taken && _status is { Applied: true };
            Say(_status is { Applied: false, Status.Problems: [var first, ..] } ? first.Message : null);
        }
        catch (Exception problem) when (problem is KernelException or NftablesException or CommandFailedException or BatchFailedException or AgentException or IOException or UnauthorizedAccessException or FormatException or TimeoutException or UnreadableOutputException)
        {
            _looked = null;
            Applied = false;
            _status = null;
            Say(problem.Message);
        }

        _visitedAt = _time.GetTimestamp();
    }

    /// <summary>What there is to tell the service about the customer's tunnels.</summary>
    public IEnumerable<NodeTunnelReport> Report()
    {
        if (_wanted is not { } wanted) yield break;
        foreach (var tunnel in wanted.Tunnels)
        {
            var seen = _status?.Status.Connections.FirstOrDefault(connection => connection.Id == tunnel.ConnectionId)?.Tunnels.FirstOrDefault(candidate => candidate.Number == tunnel.Number);
            yield return new NodeTunnelReport(tunnel.ConnectionId, tunnel.Number, Applied ? tunnel.Generation : 0, Observe(tunnel, seen), Applied ? null : _problem);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _agent.Dispose();

    private ObservedTunnel Observe(NodeTunnel tunnel, TunnelStatus? seen)
    {
        var now = _time.GetUtcNow();
        if (seen is null) return new ObservedTunnel(Cloud.Contract.TunnelState.Unknown, now, null, null, null, null);
        var state = seen.State switch { "up" => Cloud.Contract.TunnelState.Up, "connecting" => Cloud.Contract.TunnelState.Connecting, _ => Cloud.Contract.TunnelState.Down };
        var ike = seen.Ike is { EstablishedSeconds: { } age } established
            ? new ObservedIke(established.Version, established.Proposal ?? "", now - TimeSpan.FromSeconds(age), established.NatT, Applied ? tunnel.KeyGeneration : null)
            : null;
        return new ObservedTunnel(state, seen.Since, ike, Count(tunnel, seen.Child), Session(seen.Bgp), seen.LastDown is { } down ? new ObservedDown(down.At, down.Cause) : null, Names(tunnel));
    }

    private ObservedNames? Names(NodeTunnel tunnel)
    {
        if (_status?.Status.Dns is not { } forwarder) return null;
        var domains = forwarder.Rules.Where(rule => rule.Connection == tunnel.ConnectionId || (rule.Connection is null && tunnel.AnswersNames)).Select(rule => new ObservedDomain(
            rule.Domain, rule.Queries, rule.Failures, [.. rule.Servers.Where(server => server.Up).Select(server => server.Server)], [.. rule.Servers.Where(server => !server.Up).Select(server => server.Server)])).ToList();
        return domains.Count == 0 ? null : new ObservedNames(forwarder.State, forwarder.Listening, domains);
    }

    private ObservedChild? Count(NodeTunnel tunnel, ChildStatus? child)
    {
        if (child is null) return null;
        var key = (tunnel.ConnectionId, tunnel.Number);
        if (!_counts.TryGetValue(key, out var counts)) _counts[key] = counts = new ByteCounts();
        var sum = counts.Add(child);
        return new ObservedChild(child.Proposal, sum.BytesIn, sum.BytesOut, sum.PacketsIn, sum.PacketsOut);
    }

    private static ObservedBgp? Session(SessionStatus? session) => session is null ? null : new ObservedBgp(session.State, session.PrefixesIn, session.PrefixesOut, session.PrefixesRefused, session.LastError);

    private void Say(string? problem)
    {
        if (problem is not null && problem != _problem) Failed(_customer, problem);
        _problem = problem;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "customer {Customer}: {Words}")]
    private partial void Failed(string customer, string words);
}
