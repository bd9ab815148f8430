using System.Text.Json;
using Npgsql;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>Turns every error into a problem document: ours with their words, all others without any word of what went wrong inside.</summary>
internal sealed partial class ProblemWriter(RequestDelegate next, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<ProblemWriter> log)
{
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromSeconds(10);

    private long _warned;

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: 404 or 405 or 415, ContentLength: null, ContentType: null }) await WriteAsync(context, OfStatus(context.Response.StatusCode));
        }
        catch (ProblemException problem) when (!context.Response.HasStarted)
        {
            await WriteAsync(context, problem);
        }
        catch (BadHttpRequestException problem) when (!context.Response.HasStarted)
        {
            await WriteAsync(context, OfBadRequest(problem));
        }
        catch (Exception problem) when (problem is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // The caller went away.
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested && !context.Response.HasStarted)
        {
            await WriteAsync(context, new ProblemException(503, "unavailable", "This replica of the service is stopping.") { RetryAfterSeconds = 1 });
        }
        catch (PostgresException problem) when (problem.SqlState == PostgresErrorCodes.CharacterNotInRepertoire && !context.Response.HasStarted)
        {
            await WriteAsync(context, new ProblemException(400, "unreadable", "The request cannot be read.", "A text holds the character NUL."));
        }
        catch (Exception problem) when (StoreSilence.Is(problem) && !context.Response.HasStarted)
        {
            Warn(problem);
            await WriteAsync(context, new ProblemException(503, "unavailable", "The service's database does not answer.") { RetryAfterSeconds = 1 });
        }
        catch (Exception problem) when (!context.Response.HasStarted)
        {
            Failed(problem, context.Request.Method, context.GetEndpoint()?.DisplayName);
            await WriteAsync(context, new ProblemException(500, "internal", "The service failed.", "The instance finds it in the service's log."));
        }
    }

    public static async Task WriteAsync(HttpContext context, ProblemException problem)
    {
        context.Response.Clear();
        SecureHeaders.Set(context);
        context.Response.StatusCode = problem.Status;
        if (problem.RetryAfterSeconds is { } seconds) context.Response.Headers.RetryAfter = seconds.ToString();
        if (ConsolePaths.Covers(context))
        {
            await ErrorPages.WriteAsync(context, problem);
            return;
        }

        context.Response.ContentType = ProblemDocument.MediaType;
        if (problem.Status == 401) context.Response.Headers.WWWAuthenticate = "Bearer";
        await JsonSerializer.SerializeAsync(context.Response.Body, problem.ToDocument(), CloudJson.Default.ProblemDocument, context.RequestAborted);
    }

    /// <summary>Now and then, not at every request.</summary>
    private void Warn(Exception problem)
    {
        var warned = Interlocked.Read(ref _warned);
        if (warned != 0 && time.GetElapsedTime(warned) < BetweenWarnings) return;
        if (Interlocked.CompareExchange(ref _warned, time.GetTimestamp(), warned) == warned) NoStore(problem.Message);
    }

    private static ProblemException OfStatus(int status) => status switch
    {
        405 => new(405, "method", "This method is not possible here."),
        415 => new(415, "media-type", "The body must be application/json."),
        _ => ProblemException.NotFound(),
    };

    /// <summary>A body that cannot be read: where, but never its text, which may hold secrets.</summary>
    private static ProblemException OfBadRequest(BadHttpRequestException problem) => problem.StatusCode switch
    {
        413 => new(413, "too-large", "The body is too large."),
        415 => OfStatus(415),
        _ => new(400, "unreadable", "The request cannot be read.", problem.InnerException is JsonException { Path: { } path } ? $"The body is not JSON of the described shape at {path}." : "A parameter or the body is not of the described shape."),
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "{method} {endpoint} failed")]
    private partial void Failed(Exception problem, string method, string? endpoint);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the database does not answer: {problem}")]
    private partial void NoStore(string problem);
}
