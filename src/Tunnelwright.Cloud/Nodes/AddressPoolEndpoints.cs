using Dapper;
using Npgsql;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Model;

namespace Tunnelwright.Cloud;

/// <summary>Ranges of public addresses for endpoints. Every address has a row, so that two replicas never take the same one.</summary>
internal static class AddressPoolEndpoints
{
    private const string Select =
        """
        select p.id, p.range::text as range, count(a.address)::int as total, count(a.address) filter (where a.connection_id is null)::int as free
        from address_pools p left join outside_addresses a on a.pool_id = p.id
        """;

    public static void Map(IEndpointRouteBuilder app)
    {
        var pools = app.MapGroup(Paths.AddressPools).WithTags("nodes");
        pools.MapGet("", ListAsync).For(Audience.Provider).Produces<Page<AddressPool>>().WithSummary("Ranges of outside addresses");
        pools.MapPost("", AddAsync).For(Audience.Provider, Role.Administrator).Produces<AddressPool>(201).WithSummary("Add a range of outside addresses");
        pools.MapDelete("/{pool}", RemoveAsync).For(Audience.Provider, Role.Administrator).Produces(204).WithSummary("Remove a range that no tunnel has an address of");
    }

    internal static async Task<IResult> ListAsync(HttpContext context, Database database, int? limit, string? cursor)
    {
        var query = PageQuery.Of(limit, cursor);
        var rows = await database.ReadAsync(
            connection => connection.QueryAsync<AddressPool>($"{Select} where p.id > @after group by p.id order by p.id limit @rows", new { after = query.After ?? "", rows = query.Limit + 1 }),
            context.RequestAborted);
        return Answer.Of(query.Cut(rows.ToArray(), pool => pool.Id), CloudJson.Default.PageAddressPool);
    }

    internal static async Task<IResult> AddAsync(HttpContext context, Idempotency idempotency, CloudOptions options, NewAddressPool body)
    {
        if (!Cidr.TryParse(body.Range?.Trim(), out var range) || range.PrefixLength < 16) throw ProblemException.NotValid("range", "range", $"{body.Range} is not a range of /16 to /32, for example 52.30.0.0/24");
        if (SpecialRanges.MeaningOf(range.Network) is { } meaning && !(options.Lab && SpecialRanges.IsDocumentation(range.Network))) throw ProblemException.NotValid("range", "range", $"{range} is not public: {meaning}.");
        return await idempotency.RunAsync(context, body, CloudJson.Default.NewAddressPool, async connection =>
        {
            var id = Secrets.Id("pool-", 12);
            try
            {
                await connection.ExecuteAsync("insert into address_pools (id, range) values (@id, @range::cidr)", new { id, range = range.ToString() });
            }
            catch (PostgresException problem) when (problem.SqlState == PostgresErrorCodes.ExclusionViolation)
            {
                throw ProblemException.NotValid("range-overlap", "range", $"{range} overlaps a range that is there.");
            }

            // First and last of a range are its network's and its broadcast address, unless it has none (RFC 3021).
            var (first, last) = range.PrefixLength >= 31 ? (0L, range.Size - 1) : (1L, range.Size - 2);
            await connection.ExecuteAsync(
                "insert into outside_addresses (address, pool_id) select host(@range::cidr)::inet + n, @id from generate_series(@first, @last) n",
                new { range = range.ToString(), id, first, last });
            await JournalWriter.AuditAsync(connection, Caller.Of(context), "pool.add", null, id, range.ToString());
            Signals.Send(connection, Signals.Work);
            return Answer.Of(await connection.QuerySingleAsync<AddressPool>($"{Select} where p.id = @id group by p.id", new { id }), CloudJson.Default.AddressPool, 201);
        });
    }

    internal static async Task<IResult> RemoveAsync(HttpContext context, Database database, string pool)
    {
        await database.WriteAsync(
            async connection =>
            {
                if (await connection.QuerySingleOrDefaultAsync<string>("select id from address_pools where id = @pool for update", new { pool }) is null) throw ProblemException.NotFound();
                if (await connection.ExecuteScalarAsync<bool>("select exists (select 1 from outside_addresses where pool_id = @pool and connection_id is not null)", new { pool }))
                    throw ProblemException.Conflict("in-use", "Tunnels have addresses of this range.");
                if (await connection.ExecuteScalarAsync<bool>($"select exists (select 1 from outside_addresses a join held_addresses h on h.address = a.address {Holds.Unreleased} where pool_id = @pool)", new { pool }))
                    throw ProblemException.Conflict("held", "A silent node may still hold addresses of this range: wait for it, or forget it by force.");
                await connection.ExecuteAsync("delete from address_pools where id = @pool", new { pool });
                await JournalWriter.AuditAsync(connection, Caller.Of(context), "pool.remove", null, pool);
            },
            context.RequestAborted);
        return Answer.Nothing;
    }
}
