using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Dapper;
using Npgsql;

namespace Tunnelwright.Cloud;

/// <summary>
/// Wakes those who wait for a change, in every replica (LISTEN and NOTIFY). A signal says "look", never what changed: a lost one costs the
/// time until the waiter looks by itself. So it is sent after the commit of what it tells about, together with all that have gathered meanwhile: a
/// transaction that notifies holds up every other one that does until its commit is on the disk.
/// </summary>
internal sealed partial class Signals : BackgroundService
{
    /// <summary>Work for the orchestrator.</summary>
    public const string Work = "work";

    /// <summary>Something to deliver.</summary>
    public const string Outbox = "outbox";

    private const string Channel = "tunnelwright";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private static readonly ConditionalWeakTable<NpgsqlConnection, HashSet<string>> Noted = [];

    private readonly ConcurrentDictionary<string, TaskCompletionSource> _waiting = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _unsent = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _toSend = new(0, 1);
    private readonly Database _database;
    private readonly ILogger<Signals> _log;
    private int _sender;

    /// <summary>Signals of a database's transactions.</summary>
    public Signals(Database database, ILogger<Signals> log)
    {
        (_database, _log) = (database, log);
        database.Committed = topics =>
        {
            foreach (var topic in topics)
            {
                Wake(topic);
                _unsent[topic] = true;
            }

            Release();
        };
    }

    /// <summary>A node's desired state.</summary>
    public static string Node(string id) => $"node/{id}";

    /// <summary>A customer's change feed.</summary>
    public static string Feed(string customer) => $"feed/{customer}";

    /// <summary>Notes signals for the time when the transaction has been committed.</summary>
    public static void Send(NpgsqlConnection connection, params IEnumerable<string> topics) => Noted.GetOrCreateValue(connection).UnionWith(topics);

    /// <summary>What was noted for a transaction.</summary>
    internal static IReadOnlyCollection<string>? Take(NpgsqlConnection connection) => Noted.Remove(connection, out var topics) ? topics : null;

    /// <summary>A wait for a topic's next signal. Take it before looking, so that no signal falls between the look and the wait.</summary>
    public Task Next(string topic) => _waiting.GetOrAdd(topic, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Waits for a signal that was taken with <see cref="Next"/>, or until the time is over.</summary>
    /// <returns>Whether there was a signal.</returns>
    public static async Task<bool> WaitAsync(Task signal, TimeSpan time, CancellationToken cancellationToken)
    {
        try
        {
            await signal.WaitAsync(time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(RepeatAsync(ListenAsync, stoppingToken), RepeatAsync(SendAllAsync, stoppingToken));

    private async Task RepeatAsync(Func<NpgsqlConnection, Action, CancellationToken, Task> work, CancellationToken stoppingToken)
    {
        string? told = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await _database.Source.OpenConnectionAsync(stoppingToken);
                await work(connection, () => told = null, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception problem) when (problem is NpgsqlException or IOException or InvalidOperationException)
            {
                if (problem.Message != told) Lost(told = problem.Message);
                try
                {
                    await Task.Delay(Pause, stoppingToken);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }
    }

    private async Task ListenAsync(NpgsqlConnection connection, Action works, CancellationToken stoppingToken)
    {
        connection.Notification += (_, signal) =>
        {
            // This replica's own have been heard.
            if (signal.PID != Volatile.Read(ref _sender)) Wake(signal.Payload);
        };
        await connection.ExecuteAsync($"listen {Channel}");
        works();
        WakeAll();
        while (true) await connection.WaitAsync(stoppingToken);
    }

    private async Task SendAllAsync(NpgsqlConnection connection, Action works, CancellationToken stoppingToken)
    {
        Volatile.Write(ref _sender, connection.ProcessID);
        while (true)
        {
            await _toSend.WaitAsync(stoppingToken);
            string[] topics = [.. _unsent.Keys.Where(topic => _unsent.TryRemove(topic, out _))];

            // Nothing is lost with a signal that a crash of the database takes away: it does not wait for the disk.
            await connection.ExecuteAsync("select set_config('synchronous_commit', 'off', true), pg_notify(@Channel, topic) from unnest(@topics) topic", new { Channel, topics });
            works();
        }
    }

    private void Release()
    {
        try
        {
            _toSend.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    private void Wake(string topic)
    {
        if (_waiting.TryRemove(topic, out var waiter)) waiter.TrySetResult();
    }

    private void WakeAll()
    {
        foreach (var topic in _waiting.Keys) Wake(topic);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "no signals from the database: {problem}")]
    private partial void Lost(string problem);
}
