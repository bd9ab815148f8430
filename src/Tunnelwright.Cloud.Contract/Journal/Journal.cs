namespace Tunnelwright.Cloud.Contract;

/// <summary>Something that has happened: an item of the change feed, of a connection's timeline, and the body of webhooks.</summary>
/// <param name="Id">Place in the feed; opaque, goes into Last-Event-ID.</param>
/// <param name="At">When.</param>
/// <param name="Kind">connection.requested, connection.available, connection.changed, connection.deleting, connection.deleted, keys.rotating, keys.rotated, endpoint.replacing, endpoint.moved, endpoint.replaced, tunnel.up, tunnel.down.</param>
/// <param name="CustomerId">Whose it is.</param>
/// <param name="ConnectionId">Which connection; null when none.</param>
/// <param name="Tunnel">Which tunnel; null for both or none.</param>
/// <param name="Cause">Cause id of tunnel.down; null when not known.</param>
/// <param name="Text">One sentence for people.</param>
public sealed record ChangeEvent(string Id, DateTimeOffset At, string Kind, string CustomerId, string? ConnectionId, int? Tunnel, string? Cause, string Text);

/// <summary>An entry of the audit log: who changed or downloaded what.</summary>
/// <param name="Id">Its number.</param>
/// <param name="At">When.</param>
/// <param name="Actor">E-mail address, token's name, "node …" or "service".</param>
/// <param name="Action">Such as connection.create, file.download, token.revoke.</param>
/// <param name="CustomerId">Whose it concerns; null when none.</param>
/// <param name="Target">Id of what was changed.</param>
/// <param name="Detail">What changed, without secrets; null when the action says it.</param>
/// <param name="Address">Where the request came from; null for the service itself.</param>
public sealed record AuditEntry(long Id, DateTimeOffset At, string Actor, string Action, string? CustomerId, string? Target, string? Detail, string? Address);
