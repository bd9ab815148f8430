using Npgsql;

namespace Tunnelwright.Cloud;

/// <summary>Starts the private cluster again when it died.</summary>
internal sealed partial class ClusterKeeper(PrivateCluster cluster, Database database, ILogger<ClusterKeeper> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Pause, stoppingToken);
                if (await AnswersAsync(stoppingToken)) continue;
                if (await cluster.EnsureRunningAsync(stoppingToken)) Started(cluster.SocketFolder);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception problem)
            {
                Failed(problem.Message);
            }
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
            await using var command = new NpgsqlCommand("select 1", connection);
            await command.ExecuteScalarAsync(cancellationToken);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the private PostgreSQL had ended and was started again, socket in {folder}")]
    private partial void Started(string folder);

    [LoggerMessage(Level = LogLevel.Error, Message = "the private PostgreSQL does not start: {problem}")]
    private partial void Failed(string problem);
}
