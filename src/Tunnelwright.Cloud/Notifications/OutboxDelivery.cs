using Dapper;

namespace Tunnelwright.Cloud;

/// <summary>
/// Delivers what the outbox holds, at least once: a message is leased for the time of an attempt, tried again after growing pauses, and given
/// up after two days.
/// </summary>
internal sealed partial class OutboxDelivery(Database database, Signals signals, MailSender mail, WebhookSender webhooks, CloudOptions options, ILogger<OutboxDelivery> log) : BackgroundService
{
    private const int Batch = 20;
    private static readonly string[] Both = ["mail", "webhook"];
    private static readonly string[] WebhooksAlone = ["webhook"];
    private const int LeaseSeconds = 60;
    private const double LongestPauseSeconds = 5;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = TimeSpan.FromSeconds(Math.Min(LongestPauseSeconds, options.RetrySeconds));
        string? told = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            var signal = signals.Next(Signals.Outbox);
            try
            {
                while (await DeliverDueAsync(stoppingToken))
                {
                    // A full batch: there may be more.
                }

                told = null;
            }
            catch (Exception problem) when (!stoppingToken.IsCancellationRequested)
            {
                if (problem.Message != told) Failed(told = problem.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            try
            {
                await Signals.WaitAsync(signal, pause, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task<bool> DeliverDueAsync(CancellationToken cancellationToken)
    {
        var due = (await database.ReadAsync(
            connection => connection.QueryAsync<Message>(
                """
                update outbox o set attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => @LeaseSeconds) from customers k
                where k.id = o.customer_id and o.id in (
                  select id from outbox where delivered_at is null and abandoned_at is null and next_attempt_at <= now() and channel = any(@channels)
                  order by next_attempt_at limit @Batch for update skip locked)
                returning o.id, o.customer_id, o.channel, o.recipient, o.subject, o.body, o.attempts, k.webhook_secret
                """,
                new { LeaseSeconds, Batch, channels = mail.IsConfigured ? Both : WebhooksAlone }),
            cancellationToken)).ToArray();
        await Task.WhenAll(due.Select(message => DeliverAsync(message, cancellationToken)));
        return due.Length == Batch;
    }

    private async Task DeliverAsync(Message message, CancellationToken cancellationToken)
    {
        string? problem = null;
        try
        {
            await (message.Channel == "mail" ? mail.SendAsync(message, cancellationToken) : webhooks.SendAsync(message, cancellationToken));
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            problem = failure.Message;
            NotDelivered(message.Channel, message.Id, message.Attempts, problem);
        }

        var pause = Math.Min(3600, options.RetrySeconds * Math.Pow(2, Math.Min(message.Attempts - 1, 20)));
        await database.ReadAsync(
            connection => connection.ExecuteAsync(
                problem is null
                    ? "update outbox set delivered_at = now(), last_error = null where id = @Id"
                    : """
                      update outbox set last_error = left(@problem, 500), next_attempt_at = now() + make_interval(secs => @pause),
                        abandoned_at = case when created_at < now() - interval '2 days' then now() end
                      where id = @Id
                      """,
                new { message.Id, problem, pause }),
            CancellationToken.None);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{channel} message {id} was not delivered at attempt {attempt}: {problem}")]
    private partial void NotDelivered(string channel, long id, int attempt, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "the outbox could not be looked at: {problem}")]
    private partial void Failed(string problem);
}
