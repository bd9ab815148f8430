using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tunnelwright.Linux;

namespace Tunnelwright.Gateway;

/// <summary>
/// The agent: one process that holds the gateway's lock, runs the engine and answers HTTP on a Unix socket that only root can open.
/// GET /status, GET /applied?generation=N, GET /metrics, GET and PUT /desired.
/// </summary>
public sealed class AgentHost(DesiredGateway desired, ILoggerFactory loggers)
{
    /// <summary>Where GET /metrics is served over TCP besides; null for nowhere.</summary>
    public IPEndPoint? MetricsAddress { get; init; }

    /// <summary>Who is asked why a tunnel is down; null: what its daemon wrote last is all that is known.</summary>
    public RootCauseFinder? CauseFinder { get; init; }

    /// <summary>How long somebody waits for a generation at most; then it asks again.</summary>
    private static readonly TimeSpan AppliedPatience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(10);

    /// <summary>Runs until it is cancelled. Tunnels and daemons stay up when it ends.</summary>
    /// <param name="patience">How long to stand by while another process drives this gateway; zero does not wait.</param>
    /// <param name="cancellationToken">Ends the agent.</param>
    /// <returns>Whether it ran; false when another process went on driving this gateway.</returns>
    public async Task<bool> RunAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var paths = new GatewayPaths(desired.Name);
        Directory.CreateDirectory(paths.StateFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using var engine = new GatewayEngine(desired, loggers.CreateLogger("tunnelwright"));
        await using var server = BuildServer(engine, paths);
        using var held = await AcquireAsync(paths.Lock, patience, cancellationToken);
        if (held is null) return false;
        await AtomicFile.WriteAsync(paths.Desired, DesiredGatewayJson.Write(desired), cancellationToken: cancellationToken);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var push = OpenTelemetryPush.Start(desired.Name, engine.Metrics);
        engine.Chronicle.Note(EventKind.AgentStarted, string.Create(CultureInfo.InvariantCulture, $"the agent began, process {Environment.ProcessId}"));
        var inquiring = CauseFinder is null ? Task.CompletedTask : engine.InquireAsync(CauseFinder, stopping.Token);
        var working = Task.Run(() => engine.RunAsync(stopping.Token), stopping.Token);
        File.Delete(paths.ControlSocket);
        await server.StartAsync(cancellationToken);
        File.SetUnixFileMode(paths.ControlSocket, AtomicFile.OwnerOnly);
        var serving = MetricsAddress is { } address ? new MetricsServer(address, stop => PageAsync(engine, stop), loggers.CreateLogger("tunnelwright")).RunAsync(stopping.Token) : Task.CompletedTask;
        try
        {
            await working;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The asked-for end.
        }
        finally
        {
            await stopping.CancelAsync();
            if (cancellationToken.IsCancellationRequested) engine.Chronicle.Note(EventKind.AgentStopped, "the agent ended; tunnels stay up");
            await serving;
            await inquiring.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await server.StopAsync(CancellationToken.None);
            File.Delete(paths.ControlSocket);
        }

        return true;
    }

    private static async Task<FileLock?> AcquireAsync(string path, TimeSpan patience, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (FileLock.TryAcquire(path) is { } held) return held;
            if (TimeProvider.System.GetElapsedTime(started) >= patience) return null;
            await Task.Delay(LockPause, cancellationToken);
        }
    }

    private static async Task<string> PageAsync(GatewayEngine engine, CancellationToken cancellationToken)
    {
        await engine.GetStatusAsync(cancellationToken);
        return PrometheusPage.Write(engine.Metrics.Meter);
    }

    private WebApplication BuildServer(GatewayEngine engine, GatewayPaths paths)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => options.ListenUnixSocket(paths.ControlSocket));
        var application = builder.Build();
        application.Run(context => AnswerAsync(context, engine, paths));
        return application;
    }

    private static async Task AnswerAsync(HttpContext context, GatewayEngine engine, GatewayPaths paths)
    {
        var stop = context.RequestAborted;
        switch (context.Request.Method, context.Request.Path.Value)
        {
            case ("GET", "/status"):
                context.Response.ContentType = "application/json";
                await JsonSerializer.SerializeAsync(context.Response.Body, await engine.GetStatusAsync(stop), GatewayJson.Default.StatusDocument, stop);
                return;
            case ("GET", "/applied") when int.TryParse(context.Request.Query["generation"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var generation):
                context.Response.StatusCode = await engine.AppliedAsync(generation, AppliedPatience, stop) ? StatusCodes.Status204NoContent : StatusCodes.Status202Accepted;
                return;
            case ("GET", "/metrics"):
                context.Response.ContentType = PrometheusPage.ContentType;
                await context.Response.WriteAsync(await PageAsync(engine, stop), stop);
                return;
            case ("GET", "/desired"):
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync(DesiredGatewayJson.Write(engine.Desired), stop);
                return;
            case ("PUT", "/desired"):
                using (var reader = new StreamReader(context.Request.Body))
                {
                    try
                    {
                        var next = DesiredGatewayJson.Read(await reader.ReadToEndAsync(stop));
                        await AtomicFile.WriteAsync(paths.Desired, DesiredGatewayJson.Write(next), cancellationToken: stop);
                        await context.Response.WriteAsync(engine.SetDesired(next).ToString(CultureInfo.InvariantCulture), stop);
                    }
                    catch (FormatException problem)
                    {
                        context.Response.StatusCode = StatusCodes.Status400BadRequest;
                        await context.Response.WriteAsync(problem.Message, stop);
                    }
                }

                return;
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
        }
    }
}
