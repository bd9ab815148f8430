using Dapper;
using Tunnelwright.Cloud.Contract;
using Tunnelwright.Model;

namespace Tunnelwright.Cloud;

/// <summary>Customers.</summary>
internal static class CustomerEndpoints
{
    private const uint DefaultAsn = 64512;

    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup(Paths.Customers).WithTags("customers");
        group.MapGet("", ListAsync).For(Audience.SignedIn).Produces<Page<Customer>>().WithSummary("Customers that the caller may see");
        group.MapPost("", AddAsync).For(Audience.Provider, Role.Administrator).Produces<Customer>(201).WithSummary("Add a customer");
        group.MapGet("/{customer}", GetAsync).For(Audience.Customer).Produces<Customer>().WithSummary("A customer");
        group.MapPatch("/{customer}", ChangeAsync).For(Audience.Customer, Role.Administrator).Produces<Customer>().WithSummary("Change a customer; edition, limits and services are the provider's to change");
        group.MapDelete("/{customer}", RemoveAsync).For(Audience.Provider, Role.Administrator).Produces(204).WithSummary("Remove a customer that has no connection");
        group.MapPost("/{customer}/webhook-secret", NewSecretAsync).For(Audience.Customer, Role.Administrator).Produces<WebhookSecret>(201).WithSummary("A new webhook secret, shown once");
    }

    internal static async Task<IResult> ListAsync(HttpContext context, Database database, int? limit, string? cursor)
    {
        var query = PageQuery.Of(limit, cursor);
        return Answer.Of(await database.ReadAsync(connection => CustomerStore.ListAsync(connection, Caller.Of(context).CustomerId, query), context.RequestAborted), CloudJson.Default.PageCustomer);
    }

    internal static async Task<IResult> GetAsync(HttpContext context, Database database, string customer)
    {
        var row = await database.ReadAsync(connection => CustomerStore.GetAsync(connection, customer), context.RequestAborted);
        return Answer.Of(row.ToCustomer(), CloudJson.Default.Customer, version: row.Version);
    }

    internal static async Task<IResult> AddAsync(HttpContext context, Idempotency idempotency, CloudOptions options, RequirementProfile profile, NewCustomer body)
    {
        var network = CustomerRules.Network(body.CloudNetwork);
        var customer = new Customer(
            Secrets.Id("c", 10),
            body.Name?.Trim() ?? "",
            network?.ToString() ?? body.CloudNetwork ?? "",
            body.CloudAsn ?? DefaultAsn,
            body.Services ?? (network is { } range ? CustomerRules.DefaultServices(range) : new CloudServices([], null, [])),
            body.Edition ?? new EditionFlags(),
            body.Limits ?? new CustomerAllowance(profile.Limits.ConnectionsPerCustomer, profile.Limits.RoutesPerCustomer),
            body.Dns ?? new DnsForwarding([], []),
            body.Notifications ?? new NotificationSettings(),
            default,
            1);
        var problems = CustomerRules.Check(customer, options.PrivateWebhooks).ToList();
        if (!new Asn(customer.CloudAsn).IsPrivate && !profile.Asn.IsOwn(new Asn(customer.CloudAsn))) problems.Add(new RequestProblem("cloud-asn", "cloudAsn", "The cloud's AS number is a private one or the provider's own."));
        if (problems.Count > 0) throw ProblemException.NotValid(problems);
        return await idempotency.RunAsync(context, body, CloudJson.Default.NewCustomer, async connection =>
        {
            var added = (await CustomerStore.AddAsync(connection, customer)).ToCustomer();
            await JournalWriter.AuditAsync(connection, Caller.Of(context), "customer.add", added.Id, added.Id, $"{added.Name}, {added.CloudNetwork}");
            return Answer.Of(added, CloudJson.Default.Customer, 201, added.Version, Paths.Customer(added.Id));
        });
    }

    internal static async Task<IResult> ChangeAsync(HttpContext context, Database database, CloudOptions options, string customer, CustomerChange body)
    {
        var caller = Caller.Of(context);
        if (caller.CustomerId is not null && (body.Services ?? (object?)body.Edition ?? body.Limits) is not null)
            throw ProblemException.NotAllowed("Services, edition and limits are the provider's to change.");
        return await database.WriteAsync(
            async connection =>
            {
                var row = await CustomerStore.LockAsync(connection, customer);
                Preconditions.Check(context, row.Version);
                var before = row.ToCustomer();
                if (caller.CustomerId is not null && body.Dns is { } names && !names.Records.SequenceEqual(before.Dns.Records))
                    throw ProblemException.NotAllowed("Names of the cloud are the provider's to change; forwarded domains are the customer's.");
                var after = before with
                {
                    Name = body.Name?.Trim() ?? before.Name,
                    Services = body.Services ?? before.Services,
                    Edition = body.Edition ?? before.Edition,
                    Limits = body.Limits ?? before.Limits,
                    Dns = body.Dns ?? before.Dns,
                    Notifications = body.Notifications ?? before.Notifications,
                };
                if (CustomerRules.Check(after, options.PrivateWebhooks).ToArray() is { Length: > 0 } problems) throw ProblemException.NotValid(problems);
                var changed = (await CustomerStore.ChangeAsync(connection, after)).ToCustomer();
                await JournalWriter.AuditAsync(connection, caller, "customer.change", customer, customer, Changes(body));

                // What stands in the network and its names are the nodes' business; the rest is not.
                if (body.Services is not null || body.Edition is not null || body.Dns is not null)
                    NodeStore.Touch(connection, customer, await NodeStore.OfCustomerAsync(connection, customer));
                return Answer.Of(changed, CloudJson.Default.Customer, 200, changed.Version);
            },
            context.RequestAborted);
    }

    private static string Changes(CustomerChange body) => string.Join(", ", new (string Name, object? Value)[]
    {
        ("name", body.Name), ("services", body.Services), ("edition", body.Edition), ("limits", body.Limits), ("names", body.Dns), ("notifications", body.Notifications),
    }.Where(change => change.Value is not null).Select(change => change.Name));

    internal static async Task<IResult> RemoveAsync(HttpContext context, Database database, string customer)
    {
        await database.WriteAsync(
            async connection =>
            {
                var row = await CustomerStore.LockAsync(connection, customer);
                Preconditions.Check(context, row.Version);
                if (await connection.ExecuteScalarAsync<bool>("select exists (select 1 from connections where customer_id = @customer)", new { customer }))
                    throw ProblemException.Conflict("has-connections", "The customer has connections; delete them first.");
                await connection.ExecuteAsync("delete from customers where id = @customer", new { customer });
                await JournalWriter.AuditAsync(connection, Caller.Of(context), "customer.remove", customer, customer, row.Name);
            },
            context.RequestAborted);
        return Answer.Nothing;
    }

    internal static async Task<IResult> NewSecretAsync(HttpContext context, Idempotency idempotency, KeyRing keys, string customer) =>
        await idempotency.RunAsync(context, null, CloudJson.Default.NewCustomer, async connection =>
        {
            await CustomerStore.LockAsync(connection, customer);
            var secret = Secrets.New("twh_");
            await connection.ExecuteAsync("update customers set webhook_secret = @secret where id = @customer", new { customer, secret = keys.Seal(secret, Places.Webhook(customer)) });
            await JournalWriter.AuditAsync(connection, Caller.Of(context), "webhook-secret.issue", customer, customer);
            return Answer.Of(new WebhookSecret(secret), CloudJson.Default.WebhookSecret, 201);
        });
}
