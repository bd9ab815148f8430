using System.Data;
using System.Runtime.CompilerServices;
using Dapper;
using Npgsql;

namespace Tunnelwright.Cloud;

/// <summary>Connections to PostgreSQL, and transactions that are done again when another one was in the way.</summary>
internal sealed class Database : IAsyncDisposable
{
    private const int Attempts = 8;

    private static readonly ConditionalWeakTable<NpgsqlConnection, Statements> LastStatements = [];

    static Database()
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
    }

    /// <summary>A pool of connections.</summary>
    /// <param name="connectionString">Npgsql's connection string.</param>
    public Database(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = ApplicationName, IncludeErrorDetail = false };
        if (!settings.ShouldSerialize("Maximum Pool Size")) settings.MaxPoolSize = 40;
        settings.MaxAutoPrepare = 100;
        settings.AutoPrepareMinUsages = 3;
        Source = NpgsqlDataSource.Create(settings);
    }

    /// <summary>How this program names itself to PostgreSQL.</summary>
    public const string ApplicationName = "tunnelwright-cloud";

    /// <summary>Told which topics a transaction that has been committed concerns.</summary>
    public Action<IReadOnlyCollection<string>>? Committed { get; set; }

    /// <summary>The pool.</summary>
    public NpgsqlDataSource Source { get; }

    /// <summary>Runs a read that needs no transaction.</summary>
    public async Task<T> ReadAsync<T>(Func<NpgsqlConnection, Task<T>> read, CancellationToken cancellationToken)
    {
        await using var connection = await Source.OpenConnectionAsync(cancellationToken);
        return await read(connection);
    }

    /// <summary>
    /// Runs a transaction. Deadlocks and serialization failures are tried again, and so is what rests on a row that another one took away meanwhile, a node or a
    /// customer: the next attempt sees that it is gone. So the work may run more than once: it changes nothing but the database.
    /// </summary>
    public async Task<T> WriteAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var connection = await Source.OpenConnectionAsync(cancellationToken);
                await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
                var result = await work(connection);
                if (LastStatements.Remove(connection, out var last))
                {
                    // One journey: between what they lock and the commit nothing waits for this process.
                    last.Add("commit", new { });
                    await last.RunAsync();
                }
                else
                {
                    await transaction.CommitAsync(cancellationToken);
                }

                Tell(connection);
                return result;
            }
            catch (PostgresException problem) when (problem.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.ForeignKeyViolation && attempt < Attempts)
            {
                await Task.Delay(Random.Shared.Next(1, 10 * attempt), cancellationToken);
            }
        }
    }

    /// <summary>Runs one statement that changes something and is a transaction of its own.</summary>
    public async Task<T> ChangeAsync<T>(Func<NpgsqlConnection, Task<T>> statement, CancellationToken cancellationToken)
    {
        await using var connection = await Source.OpenConnectionAsync(cancellationToken);
        var result = await statement(connection);
        Tell(connection);
        return result;
    }

    /// <summary>Statements that go to the database together with a transaction's commit: those that lock what many want.</summary>
    public static Statements AtCommit(NpgsqlConnection connection) => LastStatements.GetValue(connection, static connection => new Statements(connection));

    /// <summary>Runs a transaction without a result.</summary>
    public Task WriteAsync(Func<NpgsqlConnection, Task> work, CancellationToken cancellationToken) => WriteAsync(
        async connection =>
        {
            await work(connection);
            return true;
        },
        cancellationToken);

    public ValueTask DisposeAsync() => Source.DisposeAsync();

    private void Tell(NpgsqlConnection connection)
    {
        if (Signals.Take(connection) is { Count: > 0 } topics) Committed?.Invoke(topics);
    }
}
