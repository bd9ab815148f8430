namespace Tunnelwright.Cloud.Contract;

/// <summary>POST <see cref="Paths.NodeRegister"/>, with "Authorization: Bearer REGISTRATION-TOKEN". May be repeated: the node stays the same, the earlier credential ends.</summary>
/// <param name="Name">The node's name, 1 to 64 characters.</param>
/// <param name="ProgramVersion">Version of the node's program.</param>
public sealed record NodeRegistration(string Name, string ProgramVersion);

/// <summary>The answer to a registration.</summary>
/// <param name="NodeId">The node's id.</param>
/// <param name="FailureDomain">The node's failure domain, from the token.</param>
/// <param name="Credential">For "Authorization: Bearer …" of everything else; kept in a file of mode 0600.</param>
/// <param name="HeartbeatSeconds">How often to send a heartbeat or a report at least.</param>
/// <param name="SilentAfterSeconds">Silence after which the node's endpoints move elsewhere.</param>
public sealed record NodeRegistered(string NodeId, string FailureDomain, string Credential, int HeartbeatSeconds, int SilentAfterSeconds);

/// <summary>POST <see cref="Paths.NodeHeartbeat"/>.</summary>
/// <param name="AppliedVersion">Version of the desired state that is wholly carried out, removals too; 0 for none.</param>
public sealed record NodeHeartbeat(long AppliedVersion);

/// <summary>The answer to heartbeats and reports.</summary>
/// <param name="DesiredVersion">The newest version; get it when it is above what the node has.</param>
public sealed record NodeAnswer(long DesiredVersion);

/// <summary>PUT <see cref="Paths.NodeObserved"/>: counts as a heartbeat too. Sent at once when a tunnel's state or applied generation changes, and from time to time for the counters.</summary>
/// <param name="AppliedVersion">As in <see cref="NodeHeartbeat"/>.</param>
/// <param name="Complete">Whether all tunnels of the node are in it; otherwise only those that changed.</param>
/// <param name="Tunnels">The tunnels.</param>
public sealed record NodeReport(long AppliedVersion, bool Complete, IReadOnlyList<NodeTunnelReport> Tunnels);

/// <summary>What a node says about a tunnel.</summary>
/// <param name="ConnectionId">The connection.</param>
/// <param name="Number">1 or 2.</param>
/// <param name="AppliedGeneration">Generation that the node works with: charon loaded, filters and routes in place; 0 for none yet.</param>
/// <param name="Observed">What it sees.</param>
/// <param name="Problem">What keeps the node from working with the newest generation; null for nothing.</param>
public sealed record NodeTunnelReport(string ConnectionId, int Number, long AppliedGeneration, ObservedTunnel Observed, string? Problem = null);
