using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Model;

namespace Tunnelwright.Cloud;

/// <summary>Puts the service together.</summary>
internal static class CloudHost
{
    /// <summary>Bytes of a body; a node's report may have more (<see cref="LargeBody"/>).</summary>
    private const int LargestBody = 1024 * 1024;

    /// <summary>The service, its schema in place, not listening yet.</summary>
    /// <param name="options">What it was told.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <param name="own">The private PostgreSQL to use without a connection string; null for that of the state folder.</param>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    public static async Task<WebApplication> BuildAsync(CloudOptions options, CancellationToken cancellationToken, PrivateCluster? own = null)
    {
        StateFolder.Make(options.StateFolder);
        var keys = KeyRing.Open(options.StateFolder);
        var cluster = options.Database is null ? own ?? new PrivateCluster(options.StateFolder) : null;
        if (cluster is not null)
        {
            await cluster.EnsureRunningAsync(cancellationToken);
            Console.Error.WriteLine($"no --database: PostgreSQL of this service's own, socket in {cluster.SocketFolder}");
        }

        var database = new Database(options.Database ?? cluster!.ConnectionString);
        foreach (var migration in await Migrator.RunAsync(database, cancellationToken)) Console.Error.WriteLine($"schema: {migration}");
        await FirstAdministrator.EnsureAsync(database, options.StateFolder, cancellationToken);

        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "tunnelwright-cloud", EnvironmentName = "Production", ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection();
        builder.Logging.ClearProviders().AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.ColorBehavior = Microsoft.Extensions.Logging.Console.LoggerColorBehavior.Disabled;
        }).SetMinimumLevel(LogLevel.Warning).AddFilter("Tunnelwright", LogLevel.Information);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.WebHost.UseUrls(options.Listen.Split(';')).UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            if (options.CertificateFile is { } certificate) kestrel.ConfigureHttpsDefaults(https => https.ServerCertificate = X509Certificate2.CreateFromPemFile(certificate, options.CertificateKeyFile));
        });
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, CloudJson.Default.WithAddedModifier(NoEmptyItems.Modify));
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.RespectNullableAnnotations = true;
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
        });
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.Services.AddOpenApi("v1", ApiDescription.Configure);
        builder.Services.AddRateLimiter(limits => RateLimits.Configure(limits, options));
        AddParts(builder.Services, options, keys, database, cluster);
        ConsoleHost.Add(builder.Services);

        var app = builder.Build();
        if (options.TrustedProxies is { } proxies) app.UseForwardedHeaders(Proxies.Read(proxies));
        app.Use((context, next) =>
        {
            SecureHeaders.Set(context);
            return next(context);
        });
        app.UseMiddleware<ProblemWriter>();
        app.UseRouting();
        app.UseMiddleware<Identifier>();
        app.UseRateLimiter();
        app.UseMiddleware<Gatekeeper>();
        Map(app);
        return app;
    }

    private static void AddParts(IServiceCollection services, CloudOptions options, KeyRing keys, Database database, PrivateCluster? cluster)
    {
        services.AddSingleton(options).AddSingleton(keys).AddSingleton(_ => database).AddSingleton(RequirementProfile.Load(options.Profile)).AddSingleton(TimeProvider.System);
        services.AddSingleton<Signals>().AddHostedService(provider => provider.GetRequiredService<Signals>());
        services.AddSingleton<Idempotency>().AddSingleton<Placement>().AddSingleton<Allocator>().AddSingleton<ConnectionChanges>();
        services.AddSingleton<IOperationSteps, CreateSteps>().AddSingleton<IOperationSteps, RangeSteps>().AddSingleton<IOperationSteps, RotateSteps>();
        services.AddSingleton<IOperationSteps, ReplaceSteps>().AddSingleton<IOperationSteps, DeleteSteps>();
        services.AddSingleton<DeadNodes>().AddSingleton<Sweeper>().AddHostedService<Orchestrator>();
        services.AddSingleton<MailSender>().AddSingleton<WebhookSender>().AddHostedService<OutboxDelivery>();
        if (cluster is not null) services.AddSingleton(cluster).AddHostedService<ClusterKeeper>();
    }

    private static void Map(WebApplication app)
    {
        app.MapOpenApi().WithMetadata(new PublicFile());
        app.MapGet(Paths.Live, () => Answer.Nothing).For(Audience.Anyone).Produces(204).WithTags("health").WithSummary("Whether the process lives");
        app.MapGet(Paths.Ready, async (HttpContext context, Database database) =>
        {
            await database.ReadAsync(connection => Dapper.SqlMapper.ExecuteScalarAsync<int>(connection, "select 1"), context.RequestAborted);
            return Answer.Nothing;
        }).For(Audience.Anyone).Produces(204).WithTags("health").WithSummary("Whether the database answers");
        SessionEndpoints.Map(app);
        UserEndpoints.Map(app);
        TokenEndpoints.Map(app);
        CustomerEndpoints.Map(app);
        ConnectionEndpoints.Map(app);
        FileEndpoints.Map(app);
        JournalEndpoints.Map(app);
        NodeEndpoints.Map(app);
        AddressPoolEndpoints.Map(app);
        NodeProtocolEndpoints.Map(app);
        ConsoleHost.Map(app);
    }
}
