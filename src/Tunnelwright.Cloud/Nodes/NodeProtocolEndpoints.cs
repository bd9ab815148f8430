using Dapper;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Model;

namespace Tunnelwright.Cloud;

/// <summary>What nodes ask and tell.</summary>
internal static class NodeProtocolEndpoints
{
    private const int LongestWaitSeconds = 60;

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost(Paths.NodeRegister, RegisterAsync).For(Audience.Anyone).Produces<NodeRegistered>().WithTags("node protocol").WithSummary("Register a node with its token");
        app.MapGet(Paths.NodeDesired, DesiredAsync).For(Audience.Node).Produces<NodeDesiredState>().Produces(304).WithTags("node protocol").WithSummary("What the node has to realise; with since and wait what changes");
        app.MapPut(Paths.NodeObserved, ReportAsync).For(Audience.Node).WithMetadata(new LargeBody()).Produces<NodeAnswer>().WithTags("node protocol").WithSummary("What the node sees");
        app.MapPost(Paths.NodeHeartbeat, HeartbeatAsync).For(Audience.Node).Produces<NodeAnswer>().WithTags("node protocol").WithSummary("That the node lives");
    }

    private static async Task<IResult> RegisterAsync(HttpContext context, Database database, CloudOptions options, NodeRegistration body)
    {
        if (context.Request.Headers.Authorization is not [{ } header] || !header.StartsWith($"Bearer {NodeStore.RegistrationPrefix}", StringComparison.OrdinalIgnoreCase)) throw ProblemException.NotSignedIn();
        if (body.Name.Length is 0 or > 64 || body.Name.Any(char.IsControl)) throw ProblemException.NotValid("name", "name", "A node's name has 1 to 64 characters.");
        var hash = Secrets.Hash(header["Bearer ".Length..].Trim());
        return await database.WriteAsync(
            async connection =>
            {
                var registration = await connection.QuerySingleOrDefaultAsync<Registration?>(
                    """
                    select r.id, r.failure_domain, n.id as node_id from node_registrations r left join nodes n on n.registration_id = r.id
                    where r.hash = @hash and (n.id is not null or r.expires_at > now()) for update of r
                    """,
                    new { hash }) ?? throw ProblemException.NotSignedIn();
                var node = registration.NodeId ?? Secrets.Id("node-", 12);
                var credential = Secrets.New(NodeStore.CredentialPrefix);
                await connection.ExecuteAsync(
                    """
                    insert into nodes (id, registration_id, name, failure_domain, credential_hash) values (@node, @Id, @Name, @FailureDomain, @credential)
                    on conflict (registration_id) do update set credential_hash = excluded.credential_hash, name = excluded.name, last_seen_at = now()
                    """,
                    new { node, registration.Id, body.Name, registration.FailureDomain, credential = Secrets.Hash(credential) });
                await JournalWriter.AuditAsync(connection, new Caller(node, $"node {node}", Role.Viewer, null, IsToken: true, IsNode: true), "node.register", null, node, $"{body.Name}, {registration.FailureDomain}");
                Signals.Send(connection, Signals.Work);
                return Answer.Of(
                    new NodeRegistered(node, registration.FailureDomain, credential, (int)Math.Ceiling(options.HeartbeatSeconds), (int)Math.Ceiling(options.SilentAfterSeconds)),
                    CloudJson.Default.NodeRegistered);
            },
            context.RequestAborted);
    }

    private static async Task<IResult> DesiredAsync(HttpContext context, Database database, KeyRing keys, Signals signals, IHostApplicationLifetime lifetime, TimeProvider time, RequirementProfile profile, long? since, double? wait)
    {
        if (wait is < 0 or > LongestWaitSeconds) throw ProblemException.NotValid("wait", "wait", $"The wait is 0 to {LongestWaitSeconds} seconds.");
        var node = Caller.Of(context).Id;
        var began = time.GetTimestamp();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        while (true)
        {
            var signal = signals.Next(Signals.Node(node));
            var version = await database.ReadAsync(connection => connection.QuerySingleOrDefaultAsync<long?>("select desired_version from nodes where id = @node", new { node }), stop.Token) ?? throw ProblemException.NotSignedIn();
            if (since != version)
            {
                var state = await database.ReadAsync(connection => NodeDesired.ReadAsync(connection, keys, profile, node, version, since), stop.Token);
                return Answer.Of(state, CloudJson.Default.NodeDesiredState, version: version);
            }

            var left = TimeSpan.FromSeconds(wait ?? 0) - time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero) return new Answer(304, null, $"\"{version}\"");

            // A signal may be lost while the listener connects again: look at least every few seconds.
            try
            {
                await Signals.WaitAsync(signal, left < LookAgain ? left : LookAgain, stop.Token);
            }
            catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
            {
                return new Answer(304, null, $"\"{version}\"");
            }
        }
    }

    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);

    private static async Task<IResult> ReportAsync(HttpContext context, Database database, NodeReport body)
    {
        if (body.Tunnels.Any(tunnel => tunnel.Number is not (1 or 2) || tunnel.AppliedGeneration < 0)) throw ProblemException.NotValid("tunnel", "tunnels", "A tunnel's number is 1 or 2, its generation not negative.");
        await NodeReports.SaveAsync(database, Caller.Of(context).Id, body, context.RequestAborted);
        var version = await database.ChangeAsync(connection => NodeReports.BeatAsync(connection, Caller.Of(context).Id, body.AppliedVersion), context.RequestAborted);
        return Answer.Of(new NodeAnswer(version), CloudJson.Default.NodeAnswer);
    }

    private static async Task<IResult> HeartbeatAsync(HttpContext context, Database database, NodeHeartbeat body)
    {
        var version = await database.ChangeAsync(connection => NodeReports.BeatAsync(connection, Caller.Of(context).Id, body.AppliedVersion), context.RequestAborted);
        return Answer.Of(new NodeAnswer(version), CloudJson.Default.NodeAnswer);
    }

    private sealed class Registration
    {
        public required string Id { get; init; }

        public required string FailureDomain { get; init; }

        public string? NodeId { get; init; }
    }
}
