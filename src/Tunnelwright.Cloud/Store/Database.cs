using System.Data;
using System.Runtime.CompilerServices;
using Dapper;
using Npgsql;

namespace Tunnelwright.Cloud;

/// <summary>Connections to PostgreSQL, and transactions that are done again when another one was in the way.</summary>
internal sealed class Database : IAsyncDisposable
{
    private const int Attempts = 8;

    /// <summary>How often work is begun again over another connection: pooled ones may all have ended with a back end's crash.</summary>
    private const int Reconnections = 3;

    private static readonly TimeSpan ReconnectionPause = TimeSpan.FromMilliseconds(50);

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

    /// <summary>Runs a read that needs no transaction, or a statement that may be carried out twice. When its connection breaks it is done again over another one.</summary>
    /// <exception cref="NpgsqlException">The database does not answer (<see cref="StoreSilence"/>), or refused.</exception>
    public Task<T> ReadAsync<T>(Func<NpgsqlConnection, Task<T>> read, CancellationToken cancellationToken) =>
        PatientlyAsync(attempt => OnConnectionAsync(read, attempt, cancellationToken), cancellationToken);

    /// <summary>
    /// Runs a transaction. Deadlocks and serialization failures are tried again, and so is what rests on a row that another one took away meanwhile, a node or a
    /// customer: the next attempt sees that it is gone. So is one whose connection breaks before its commit was asked for. So the work may run more than once: it
    /// changes nothing but the database.
    /// </summary>
    /// <exception cref="NpgsqlException">The database does not answer (<see cref="StoreSilence"/>), or refused. Whether a commit that was asked for came to its end is not known then.</exception>
    public Task<T> WriteAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken) => PatientlyAsync(
        attempt => OnConnectionAsync(
            async connection =>
            {
                await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
                var result = await work(connection);
                attempt.MayChange = true;
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
            },
            attempt,
            cancellationToken),
        cancellationToken);

    /// <summary>Runs one statement that changes something and is a transaction of its own.</summary>
    /// <exception cref="NpgsqlException">The database does not answer (<see cref="StoreSilence"/>), or refused. Whether the statement came to its end is not known then.</exception>
    public Task<T> ChangeAsync<T>(Func<NpgsqlConnection, Task<T>> statement, CancellationToken cancellationToken) => PatientlyAsync(
        attempt => OnConnectionAsync(
            async connection =>
            {
                attempt.MayChange = true;
                var result = await statement(connection);
                Tell(connection);
                return result;
            },
            attempt,
            cancellationToken),
        cancellationToken);

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

    private static async Task<T> PatientlyAsync<T>(Func<Attempt, Task<T>> work, CancellationToken cancellationToken)
    {
        var broken = 0;
        for (var number = 1; ; number++)
        {
            var attempt = new Attempt();
            try
            {
                return await work(attempt);
            }
            catch (PostgresException problem) when (IsInTheWay(problem) && number < Attempts)
            {
                await Task.Delay(Random.Shared.Next(1, 10 * number), cancellationToken);
            }
            catch (NpgsqlException) when (attempt is { HasBroken: true, MayChange: false } && broken < Reconnections && !cancellationToken.IsCancellationRequested)
            {
                // One back end has ended, or the database is just coming back: whoever asked need not hear of it.
                await Task.Delay(ReconnectionPause * broken++, cancellationToken);
            }
        }
    }

    /// <summary>Whether another transaction was in the way of one that was rolled back: it may be begun again whatever it does.</summary>
    private static bool IsInTheWay(PostgresException problem) =>
        problem.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.ForeignKeyViolation;

    /// <summary>What the driver says of a connection that ended in the middle depends on what it was just doing: here it is always the same.</summary>
    private async Task<T> OnConnectionAsync<T>(Func<NpgsqlConnection, Task<T>> work, Attempt attempt, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        try
        {
            return await work(connection);
        }
        catch (Exception problem) when (StoreSilence.IsOfDriver(problem) && connection.State != ConnectionState.Open)
        {
            throw new NpgsqlException($"the connection to the database ended: {problem.Message}", problem);
        }
        finally
        {
            attempt.HasBroken = connection.State != ConnectionState.Open;
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Source.OpenConnectionAsync(cancellationToken);
        }
        catch (Exception problem) when (StoreSilence.IsOfDriver(problem))
        {
            throw new NpgsqlException($"the database takes no connection: {problem.Message}", problem);
        }
    }

    private void Tell(NpgsqlConnection connection)
    {
        if (Signals.Take(connection) is { Count: > 0 } topics) Committed?.Invoke(topics);
    }

    /// <summary>How far an attempt came: one whose connection broke is begun again when it has certainly changed nothing. Where there was no connection at all, nobody waits for more.</summary>
    private sealed class Attempt
    {
        public bool HasBroken { get; set; }

        public bool MayChange { get; set; }
    }
}
