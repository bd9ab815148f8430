using Dapper;
using Npgsql;

namespace Tunnelwright.Cloud;

/// <summary>Adds an encryption key and encrypts every secret with it, while replicas serve: they read the key file again when they meet a key they do not know.</summary>
internal static class Reencryption
{
    /// <summary>Runs it.</summary>
    /// <returns>Exit code.</returns>
    public static async Task<int> RunAsync(CloudOptions options)
    {
        if (!File.Exists(Path.Combine(options.StateFolder, "keys", "keys"))) throw new StoreException($"{options.StateFolder} holds no keys", "give the service's --state-folder");
        var keys = KeyRing.Open(options.StateFolder);
        await using var database = new Database(options.Database ?? new PrivateCluster(options.StateFolder).ConnectionString);
        keys.Rotate();
        Console.Error.WriteLine($"{await ApplyAsync(database, keys, CancellationToken.None)} secrets are encrypted with the new key");
        return 0;
    }

    /// <summary>Encrypts with the newest key what is not.</summary>
    /// <returns>How many secrets were encrypted again.</returns>
    public static Task<int> ApplyAsync(Database database, KeyRing keys, CancellationToken cancellationToken) => database.WriteAsync(
        async connection =>
        {
            var count = 0;
            foreach (var row in (await connection.QueryAsync<(string Id, int Number, byte[] Key, byte[]? Next)>("select connection_id, number, key, next_key from tunnels order by connection_id, number for update")).ToArray())
            {
                var place = Places.Key(row.Id, row.Number);
                count += await SaveAsync(connection, keys, row.Key, place, "update tunnels set key = @block where connection_id = @Id and number = @Number", row.Id, row.Number);
                if (row.Next is { } next) count += await SaveAsync(connection, keys, next, place, "update tunnels set next_key = @block where connection_id = @Id and number = @Number", row.Id, row.Number);
            }

            foreach (var (id, secret) in (await connection.QueryAsync<(string, byte[])>("select id, webhook_secret from customers where webhook_secret is not null order by id for update")).ToArray())
                count += await SaveAsync(connection, keys, secret, Places.Webhook(id), "update customers set webhook_secret = @block where id = @Id", id, 0);

            // Kept answers are for repetitions within a day: whoever repeats later asks anew.
            await connection.ExecuteAsync("delete from idempotency");
            await JournalWriter.AuditAsync(connection, Caller.Service, "encryption-key.rotate", null, null, $"{count} secrets");
            return count;
        },
        cancellationToken);

    private static async Task<int> SaveAsync(NpgsqlConnection connection, KeyRing keys, byte[] block, string place, string sql, string id, int number)
    {
        if (keys.IsNewest(block)) return 0;
        return await connection.ExecuteAsync(sql, new { block = keys.Seal(keys.Open(block, place), place), Id = id, Number = number });
    }
}
