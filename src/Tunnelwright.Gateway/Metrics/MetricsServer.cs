using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Tunnelwright.Gateway;

/// <summary>
/// Serves GET /metrics over TCP, and nothing else: a server of its own, so that nothing of the agent's socket can ever be reached from the
/// network. An address that cannot be had is tried again; the agent goes on without.
/// </summary>
internal sealed partial class MetricsServer(IPEndPoint address, Func<CancellationToken, Task<string>> page, ILogger logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    /// <summary>Serves until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await using var server = Build();
                await server.StartAsync(cancellationToken);
                Serving(address);
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception problem) when (problem is IOException or System.Net.Sockets.SocketException)
            {
                CannotServe(address, problem.Message);
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private WebApplication Build()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxConcurrentConnections = 16;
            options.Limits.MaxRequestBodySize = 0;
            options.Listen(address);
        });
        var application = builder.Build();
        application.Run(async context =>
        {
            if (context.Request.Path != "/metrics" || !HttpMethods.IsGet(context.Request.Method))
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            context.Response.ContentType = PrometheusPage.ContentType;
            await context.Response.WriteAsync(await page(context.RequestAborted), context.RequestAborted);
        });
        return application;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "metrics on http://{Address}/metrics")]
    private partial void Serving(IPEndPoint address);

    [LoggerMessage(Level = LogLevel.Error, Message = "metrics cannot be served on {Address}, next attempt in 10 s: {Words}")]
    private partial void CannotServe(IPEndPoint address, string words);
}
