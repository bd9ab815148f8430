using System.Collections.Concurrent;
using Dapper;
using Npgsql;

namespace Tunnelwright.Cloud;

/// <summary>
/// Wakes those who wait for a change, in every replica (LISTEN and NOTIFY). A signal says "look", never what changed: a lost one costs the
/// time until the waiter looks by itself.
/// </summary>
internal sealed partial class Signals(Database database, ILogger<Signals> log) : BackgroundService
{
    /// <summary>Work for the orchestrator.</summary>
    public const string Work = "work";

    /// <summary>Something to deliver.</summary>
    public const string Outbox = "outbox";

    private const string Channel = "tunnelwright";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, TaskCompletionSource> _waiting = new(StringComparer.Ordinal);

    /// <summary>A node's desired state.</summary>
    public static string Node(string id) => $"node/{id}";

    /// <summary>A customer's change feed.</summary>
    public static string Feed(string customer) => $"feed/{customer}";

    /// <summary>Sends signals when the transaction commits.</summary>
    public static Task SendAsync(NpgsqlConnection connection, params IEnumerable<string> topics) => connection.ExecuteAsync(
        "select pg_notify(@Channel, topic) from unnest(@topics) topic",
        new { Channel, topics = topics.Distinct(StringComparer.Ordinal).ToArray() });

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

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        string? told = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await database.Source.OpenConnectionAsync(stoppingToken);
                connection.Notification += (_, signal) => Wake(signal.Payload);
                await connection.ExecuteAsync($"listen {Channel}");
                told = null;
                WakeAll();
                while (true) await connection.WaitAsync(stoppingToken);
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
