using Dapper;
using Npgsql;
using Tunnelwright.Cloud.Tests;

[assembly: AssemblyFixture(typeof(ClusterFixture))]

namespace Tunnelwright.Cloud.Tests;

/// <summary>One private PostgreSQL for all tests, started by the service's own code; every service under test has a database of its own in it.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private readonly string _folder = TemporaryFolder.New();
    private PrivateCluster? _cluster;

    public async ValueTask InitializeAsync()
    {
        _cluster = new PrivateCluster(_folder, durable: false);
        Assert.True(await _cluster.EnsureRunningAsync(CancellationToken.None));
    }

    /// <summary>A new empty database.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        var name = Secrets.Id("test", 12);
        await using var source = NpgsqlDataSource.Create(_cluster!.ConnectionString);
        await using var connection = await source.OpenConnectionAsync();
        await connection.ExecuteAsync($"create database {name}");
        return new NpgsqlConnectionStringBuilder(_cluster.ConnectionString) { Database = name }.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_cluster is not null) await _cluster.StopUnlessUsedAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
