using System.Security.Cryptography;
using Dapper;
using Npgsql;
using Tunnelwright.Model;

namespace Tunnelwright.Cloud;

/// <summary>Gives a connection its two endpoints, inside networks and keys: all of it in the caller's transaction, or nothing.</summary>
internal sealed class Allocator(Placement placement, KeyRing keys, RequirementProfile profile)
{
    /// <summary>MED of a tunnel's endpoint: tunnel 1 is preferred where nobody says otherwise.</summary>
    public static int MedOf(int tunnel) => tunnel * 100;

    /// <summary>Allocates. The customer is locked.</summary>
    /// <returns>The nodes, or what is missing in words.</returns>
    public async Task<(string[] Nodes, string? Missing)> AllocateAsync(NpgsqlConnection connection, ConnectionRow row)
    {
        if (await placement.PairAsync(connection) is not { } pair) return ([], "waiting for two nodes of different failure domains");
        var addresses = (await connection.QueryAsync<string>(
            """
            update outside_addresses set connection_id = @Id, freed_at = null, held_by = null, held_version = null
            where address in (
              select address from outside_addresses
              where connection_id is null and not exists (select 1 from nodes n where n.id = held_by and n.applied_version < held_version)
              order by freed_at nulls first, address limit 2 for update skip locked)
            returning host(address)
            """,
            new { row.Id })).ToArray();
        if (addresses.Length < 2)
        {
            await connection.ExecuteAsync("update outside_addresses set connection_id = null where connection_id = @Id", new { row.Id });
            return ([], "waiting for free outside addresses");
        }

        var taken = (await connection.QueryAsync<string>("select inside_network::text from tunnels where customer_id = @CustomerId", new { row.CustomerId })).ToHashSet(StringComparer.Ordinal);
        string[] nodes = [pair.First, pair.Second];
        for (var number = 1; number <= 2; number++)
        {
            var inside = InsideNetwork(taken);
            taken.Add(inside);
            await connection.ExecuteAsync(
                """
                insert into tunnels (connection_id, number, customer_id, cloud_address, inside_network, node_id, key, med)
                values (@Id, @number, @CustomerId, @address::inet, @inside::cidr, @node, @key, @med)
                """,
                new { row.Id, number, row.CustomerId, address = addresses[number - 1], inside, node = nodes[number - 1], key = NewKey(row.Id, number), med = MedOf(number) });
        }

        return (nodes, null);
    }

    /// <summary>A new pre-shared key, encrypted for its place.</summary>
    public byte[] NewKey(string connection, int tunnel) => keys.Seal(PreSharedKey.Generate(profile.PreSharedKey.Characters.Default).Reveal(), Places.Key(connection, tunnel));

    private string InsideNetwork(HashSet<string> taken)
    {
        var range = profile.Inside.Range;
        var size = 1 << (32 - profile.Inside.PrefixLength);
        var count = (int)(range.Size / size);
        var start = RandomNumberGenerator.GetInt32(count);
        for (var step = 0; step < count; step++)
        {
            var network = new Cidr(range.Network.Offset((long)((start + step) % count) * size), profile.Inside.PrefixLength);
            if (!profile.Inside.Forbidden.Any(forbidden => forbidden.Overlaps(network)) && !taken.Contains(network.ToString())) return network.ToString();
        }

        throw new InvalidOperationException("The customer has used up all inside networks.");
    }
}
