using Dapper;

namespace Tunnelwright.Cloud.Tests;

public sealed class MigratorTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Replicas_that_start_together_bring_the_schema_up_once()
    {
        var connectionString = await cluster.NewDatabaseAsync();
        var ran = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            await using var database = new Database(connectionString);
            return await Migrator.RunAsync(database, CancellationToken.None);
        }));
        Assert.Equal(Migrator.All.Select(migration => migration.Name), ran.SelectMany(names => names));
        await using var database = new Database(connectionString);
        Assert.Empty(await Migrator.RunAsync(database, CancellationToken.None));
    }

    [Fact]
    public async Task A_database_of_a_newer_program_is_left_alone()
    {
        await using var database = new Database(await cluster.NewDatabaseAsync());
        await Migrator.RunAsync(database, CancellationToken.None);
        await database.ReadAsync(store => store.ExecuteAsync("insert into migrations (name) values ('9999-later')"), CancellationToken.None);
        Assert.Contains("9999-later", (await Assert.ThrowsAsync<StoreException>(() => Migrator.RunAsync(database, CancellationToken.None))).Message);
    }
}
