using Dapper;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>Nodes and their registration tokens, as the provider's administrators see them.</summary>
internal static class NodeEndpoints
{
    private const int Hour = 3600;

    public static void Map(IEndpointRouteBuilder app)
    {
        var nodes = app.MapGroup(Paths.Nodes).WithTags("nodes");
        nodes.MapGet("", ListAsync).For(Audience.Provider).Produces<Page<Node>>().WithSummary("Gateway nodes");
        nodes.MapGet("/{node}", GetAsync).For(Audience.Provider).Produces<Node>().WithSummary("A gateway node");
        nodes.MapPatch("/{node}", ChangeAsync).For(Audience.Provider, Role.Administrator).Produces<Node>().WithSummary("Let a node take new endpoints, or not");
        nodes.MapDelete("/{node}", RemoveAsync).For(Audience.Provider, Role.Administrator).Produces<Node>(202).Produces(204).WithSummary("Forget a node that has no tunnel; a silent one stays forgotten until it has given up what it had, or goes at once with force");
        app.MapPost(Paths.RegistrationTokens, InviteAsync).For(Audience.Provider, Role.Administrator).Produces<RegistrationToken>(201).WithTags("nodes").WithSummary("A token that a new node registers with, shown once");
    }

    internal static async Task<IResult> ListAsync(HttpContext context, Database database, CloudOptions options, int? limit, string? cursor)
    {
        var query = PageQuery.Of(limit, cursor);
        return Answer.Of(await database.ReadAsync(connection => NodeStore.ListAsync(connection, options.Silent(), query), context.RequestAborted), CloudJson.Default.PageNode);
    }

    internal static async Task<IResult> GetAsync(HttpContext context, Database database, CloudOptions options, string node) =>
        Answer.Of(await database.ReadAsync(connection => NodeStore.GetAsync(connection, options.Silent(), node), context.RequestAborted), CloudJson.Default.Node);

    internal static async Task<IResult> ChangeAsync(HttpContext context, Database database, CloudOptions options, string node, NodeChange body) => await database.WriteAsync(
        async connection =>
        {
            if (await connection.ExecuteAsync("update nodes set draining = @Draining where id = @node", new { body.Draining, node }) == 0) throw ProblemException.NotFound();
            await JournalWriter.AuditAsync(connection, Caller.Of(context), body.Draining ? "node.drain" : "node.undrain", null, node);
            Signals.Send(connection, Signals.Work);
            return Answer.Of(await NodeStore.GetAsync(connection, options.Silent(), node), CloudJson.Default.Node);
        },
        context.RequestAborted);

    /// <summary>
    /// Forgets a node. One that is silent may go on announcing what it had, so that it keeps its row, and whoever it is it is told to give everything up, until it has;
    /// force says that it is gone for good.
    /// </summary>
    internal static async Task<IResult> RemoveAsync(HttpContext context, Database database, CloudOptions options, string node, bool? force) => await database.WriteAsync(
        async connection =>
        {
            var (registration, name, idle, silent) = await connection.QuerySingleOrDefaultAsync<(string, string, bool, bool)?>(
                "select registration_id, name, applied_version >= desired_version, last_seen_at < now() - @silent from nodes where id = @node for update", new { node, silent = options.Silent() }) ?? throw ProblemException.NotFound();
            if (await connection.ExecuteScalarAsync<bool>("select exists (select 1 from tunnels where node_id = @node)", new { node }))
                throw ProblemException.Conflict("has-tunnels", "Tunnels end on this node; replace their endpoints first.");
            if (!idle && !silent) throw ProblemException.Conflict("not-idle", "The node is still giving up what it had.");
            if (!idle && force != true)
            {
                if (await connection.ExecuteAsync("update nodes set forgotten_at = now() where id = @node and forgotten_at is null", new { node }) > 0) await JournalWriter.AuditAsync(connection, Caller.Of(context), "node.forget", null, node, name);
                return Answer.Of(await NodeStore.GetAsync(connection, options.Silent(), node), CloudJson.Default.Node, 202);
            }

            await connection.ExecuteAsync("delete from nodes where id = @node; delete from node_registrations where id = @registration", new { node, registration });
            await JournalWriter.AuditAsync(connection, Caller.Of(context), "node.remove", null, node, idle ? name : $"{name}, by force");
            Signals.Send(connection, Signals.Work);
            return Answer.Nothing;
        },
        context.RequestAborted);

    internal static async Task<IResult> InviteAsync(HttpContext context, Idempotency idempotency, TimeProvider time, NewRegistrationToken body)
    {
        var domain = body.FailureDomain?.Trim() ?? "";
        var problems = new List<RequestProblem>();
        if (domain.Length is 0 or > 32 || !domain.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')) problems.Add(new RequestProblem("failure-domain", "failureDomain", "A failure domain has 1 to 32 letters, digits and '-'."));
        if (body.ExpiresInSeconds is < 60 or > 604_800) problems.Add(new RequestProblem("expires", "expiresInSeconds", "A registration token lasts 60 to 604800 seconds."));
        if (problems.Count > 0) throw ProblemException.NotValid(problems);
        return await idempotency.RunAsync(context, body, CloudJson.Default.NewRegistrationToken, async connection =>
        {
            var token = new RegistrationToken(Secrets.Id("reg-", 12), domain, time.GetUtcNow().AddSeconds(body.ExpiresInSeconds ?? Hour), Secrets.New(NodeStore.RegistrationPrefix));
            await connection.ExecuteAsync(
                "insert into node_registrations (id, failure_domain, hash, expires_at) values (@Id, @FailureDomain, @hash, @ends)",
                new { token.Id, token.FailureDomain, hash = Secrets.Hash(token.Secret), ends = token.ExpiresAt.UtcDateTime });
            await JournalWriter.AuditAsync(connection, Caller.Of(context), "node.invite", null, token.Id, domain);
            return Answer.Of(token, CloudJson.Default.RegistrationToken, 201);
        });
    }
}
