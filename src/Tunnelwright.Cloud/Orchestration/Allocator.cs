using System.Security.Cryptography;
using Dapper;
using Npgsql;
using Tunnelwright.Model;

namespace Tunnelwright.Cloud;

/// <summary>What was found for a connection's two tunnels.</summary>
/// <param name="Nodes">The nodes.</param>
/// <param name="Addresses">Outside addresses.</param>
/// <param name="InsideNetworks">Inside networks.</param>
/// <param name="Missing">What there is none of, in words; null when all is there.</param>
internal sealed record Allocation(string[] Nodes, string[] Addresses, string[] InsideNetworks, string? Missing);

/// <summary>Gives a connection its two endpoints, inside networks and keys: all of it in the caller's transaction, or nothing.</summary>
internal sealed class Allocator(Placement placement, KeyRing keys, RequirementProfile profile)
{
    /// <summary>MED of a tunnel's endpoint: tunnel 1 is preferred where nobody says otherwise.</summary>
    public static int MedOf(int tunnel) => tunnel * 100;

    /// <summary>Allocates for a connection that waits for it. The customer is locked.</summary>
    /// <returns>The nodes, or what is missing in words.</returns>
    public async Task<(string[] Nodes, string? Missing)> AllocateAsync(NpgsqlConnection connection, ConnectionRow row)
    {
        var allocation = await FindAsync(connection, row.CustomerId);
        var statements = new Statements(connection);
        Take(statements, allocation, row.CustomerId, row.Id);
        await statements.RunAsync();
        return (allocation.Nodes, allocation.Missing);
    }

    /// <summary>Finds nodes, addresses that it locks, and inside networks. The customer is locked.</summary>
    public async Task<Allocation> FindAsync(NpgsqlConnection connection, string customer)
    {
        await placement.CountAsync(connection);
        await using var found = await connection.QueryMultipleAsync(
            $"""
            {Placement.Candidates};
            select host(address) from outside_addresses a
            where connection_id is null and {Holds.None}
            order by freed_at nulls first, address limit 2 for update of a skip locked;
            select inside_network::text from tunnels where customer_id = @customer
            """,
            new { customer, silent = placement.Silent });
        var pair = placement.Pair(await found.ReadAsync<Placement.Candidate>());
        string[] addresses = [.. await found.ReadAsync<string>()];
        var taken = (await found.ReadAsync<string>()).ToHashSet(StringComparer.Ordinal);
        if (pair is not { } nodes) return new Allocation([], [], [], "waiting for two nodes of different failure domains");
        if (addresses.Length < 2) return new Allocation([], [], [], "waiting for free outside addresses");
        var first = InsideNetwork(taken);
        taken.Add(first);
        return new Allocation([nodes.First, nodes.Second], addresses, [first, InsideNetwork(taken)], null);
    }

    /// <summary>Gives a connection what was found for it.</summary>
    public void Take(Statements statements, Allocation allocation, string customer, string vpn)
    {
        if (allocation.Missing is not null) return;
        statements.Add(
            "update outside_addresses set connection_id = @vpn, freed_at = null where address = any(@addresses::text[]::inet[])",
            new { vpn, addresses = allocation.Addresses });
        for (var number = 1; number <= 2; number++)
        {
            statements.Add(
                """
                insert into tunnels (connection_id, number, customer_id, cloud_address, inside_network, node_id, key, med)
                values (@vpn, @number, @customer, @address::inet, @inside::cidr, @node, @key, @med)
                """,
                new { vpn, number, customer, address = allocation.Addresses[number - 1], inside = allocation.InsideNetworks[number - 1], node = allocation.Nodes[number - 1], key = NewKey(vpn, number), med = MedOf(number) });
        }
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
