namespace Tunnelwright.Cloud;

/// <summary>A row of connections.</summary>
internal sealed class ConnectionRow
{
    public const string Columns =
        """
        id, customer_id, cloud_gateway_id, customer_gateway_id, purpose, contact_email, host(gateway_address) as gateway_address, routing, customer_asn,
        ranges::text[] as ranges, device, ike::text as ike, ipsec::text as ipsec, state, created_at, updated_at, version
        """;

    public required string Id { get; init; }

    public required string CustomerId { get; init; }

    public required string CloudGatewayId { get; init; }

    public required string CustomerGatewayId { get; init; }

    public required string Purpose { get; init; }

    public required string ContactEmail { get; init; }

    public required string GatewayAddress { get; init; }

    public required string Routing { get; init; }

    public long? CustomerAsn { get; init; }

    public required string[] Ranges { get; init; }

    public required string Device { get; init; }

    public required string Ike { get; init; }

    public required string Ipsec { get; init; }

    public required string State { get; init; }

    public DateTime CreatedAt { get; init; }

    public DateTime UpdatedAt { get; init; }

    public long Version { get; init; }
}

/// <summary>A tunnel with its node and what the node tells.</summary>
internal sealed class TunnelRow
{
    private const string Columns =
        """
        t.connection_id, t.number, host(t.cloud_address) as cloud_address, t.inside_network::text as inside_network, t.node_id, n.failure_domain, t.generation, t.key_generation, t.med,
          coalesce(o.applied_generation, 0) as applied_generation, o.state, o.observed::text as observed, o.problem, coalesce(n.last_seen_at < now() - @silent or n.forgotten_at is not null, true) as silent
        """;

    private const string From =
        """
        from tunnels t left join nodes n on n.id = t.node_id
        left join observations o on o.connection_id = t.connection_id and o.number = t.number and o.node_id = t.node_id
        """;

    /// <summary>Everything but the keys. Takes @silent; ends before "where".</summary>
    public const string Select = $"select {Columns} {From}";

    /// <summary>The keys too, encrypted. Takes @silent; ends before "where".</summary>
    public const string SelectWithKeys = $"select {Columns}, t.key, t.next_key {From}";

    public required string ConnectionId { get; init; }

    public int Number { get; init; }

    public required string CloudAddress { get; init; }

    public required string InsideNetwork { get; init; }

    public string? NodeId { get; init; }

    public string? FailureDomain { get; init; }

    public long Generation { get; init; }

    public int KeyGeneration { get; init; }

    /// <summary>The key, encrypted; null where it was not asked for (<see cref="SelectWithKeys"/>).</summary>
    public byte[]? Key { get; init; }

    public byte[]? NextKey { get; init; }

    public int Med { get; init; }

    public long AppliedGeneration { get; init; }

    public string? State { get; init; }

    public string? Observed { get; init; }

    public string? Problem { get; init; }

    /// <summary>Whether its node has not said anything for too long, or there is none.</summary>
    public bool Silent { get; init; }

    /// <summary>Whether the node works with the newest settings.</summary>
    public bool IsProgrammed => NodeId is not null && AppliedGeneration >= Generation;

    /// <summary>Whether a node is to be waited for that has not taken the newest settings yet. Nobody waits for a dead one: whoever has the endpoint next begins with them.</summary>
    public bool IsAwaited => !IsProgrammed && !Silent;
}

/// <summary>A row of operations.</summary>
internal sealed class OperationRow
{
    public const string Columns =
        "id, customer_id, connection_id, kind, step, tunnel, confirmed, data::text as data, started_at, step_at, now() - step_at as step_age";

    public required string Id { get; init; }

    public required string CustomerId { get; init; }

    public required string ConnectionId { get; init; }

    public required string Kind { get; init; }

    public required string Step { get; init; }

    public int? Tunnel { get; init; }

    public bool Confirmed { get; init; }

    public required string Data { get; init; }

    public DateTime StartedAt { get; init; }

    public DateTime StepAt { get; init; }

    /// <summary>How long the step has lasted, by the database's clock.</summary>
    public TimeSpan StepAge { get; init; }
}
