using Dapper;
using Npgsql;

namespace Tunnelwright.Cloud;

/// <summary>Which nodes may still have an outside address that a tunnel of theirs had: no other tunnel gets it before each of them has carried out that it is gone.</summary>
internal static class Holds
{
    /// <summary>Whether nobody holds the address of the row a of outside_addresses.</summary>
    public const string None = $"not exists (select 1 from held_addresses h {Unreleased} where h.address = a.address)";

    /// <summary>Joins the nodes that have not carried out yet what ends their holds, h.</summary>
    public const string Unreleased = "join nodes n on n.id = h.node_id and n.applied_version < h.version";

    /// <summary>Keeps that nodes may have addresses until they have carried out a version.</summary>
    /// <param name="connection">The transaction in which they are told.</param>
    /// <param name="addresses">The addresses.</param>
    /// <param name="versions">The versions by node; nodes that are gone, and those that have carried theirs out, hold nothing.</param>
    public static Task AddAsync(NpgsqlConnection connection, IEnumerable<string> addresses, IReadOnlyDictionary<string, long> versions) => connection.ExecuteAsync(
        """
        insert into held_addresses (address, node_id, version)
        select a.address, n.id, w.version from outside_addresses a
          cross join unnest(@nodes, @versions) w (node, version) join nodes n on n.id = w.node and n.applied_version < w.version
          where a.address = any(@addresses::text[]::inet[])
        on conflict (address, node_id) do update set version = greatest(held_addresses.version, excluded.version)
        """,
        new { addresses = addresses.ToArray(), nodes = versions.Keys.ToArray(), versions = versions.Values.ToArray() });
}
