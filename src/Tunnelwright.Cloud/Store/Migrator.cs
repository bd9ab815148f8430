using System.Reflection;
using Dapper;
using Npgsql;

namespace Tunnelwright.Cloud;

/// <summary>Brings the schema to this program's state: SQL files of the tree in the order of their names, each once, under an advisory lock.</summary>
internal static class Migrator
{
    private const long Lock = 0x54_57_4D_49_47; // any number that nobody else takes
    private const string Prefix = "Tunnelwright.Cloud.Migrations.";

    /// <summary>The migrations by name.</summary>
    public static IReadOnlyList<(string Name, string Sql)> All { get; } = [.. Read()];

    /// <summary>Runs what has not run yet.</summary>
    /// <returns>The names of those that ran.</returns>
    /// <exception cref="StoreException">The database is of a newer program.</exception>
    public static async Task<IReadOnlyList<string>> RunAsync(Database database, CancellationToken cancellationToken)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition("select pg_advisory_xact_lock(@Lock)", new { Lock }, cancellationToken: cancellationToken));
        await connection.ExecuteAsync("create table if not exists migrations (name text primary key, at timestamptz not null default now())");
        var there = (await connection.QueryAsync<string>("select name from migrations")).ToHashSet(StringComparer.Ordinal);
        if (there.Except(All.Select(migration => migration.Name), StringComparer.Ordinal).ToArray() is { Length: > 0 } unknown)
            throw new StoreException($"the database has migrations that this program does not know: {string.Join(", ", unknown)}", "start the newer program");
        var ran = new List<string>();
        foreach (var (name, sql) in All.Where(migration => !there.Contains(migration.Name)))
        {
            // Not through Dapper: a file holds many statements.
            await using (var command = new NpgsqlCommand(sql, connection, transaction)) await command.ExecuteNonQueryAsync(cancellationToken);
            await connection.ExecuteAsync("insert into migrations (name) values (@name)", new { name });
            ran.Add(name);
        }

        await transaction.CommitAsync(cancellationToken);
        return ran;
    }

    private static IEnumerable<(string, string)> Read()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            yield return (resource[Prefix.Length..^".sql".Length], reader.ReadToEnd());
        }
    }
}
