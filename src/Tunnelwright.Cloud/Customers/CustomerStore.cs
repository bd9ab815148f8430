using System.Text.Json;
using Dapper;
using Npgsql;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud;

/// <summary>A row of customers.</summary>
internal sealed class CustomerRow
{
    public required string Id { get; init; }

    public int Number { get; init; }

    public required string Name { get; init; }

    public required string CloudNetwork { get; init; }

    public long CloudAsn { get; init; }

    public required string Services { get; init; }

    public required string Edition { get; init; }

    public required string Limits { get; init; }

    public required string Dns { get; init; }

    public required string Notifications { get; init; }

    public byte[]? WebhookSecret { get; init; }

    public DateTime CreatedAt { get; init; }

    public long Version { get; init; }

    public CloudServices ReadServices() => JsonSerializer.Deserialize(Services, CloudJson.Default.CloudServices)!;

    public EditionFlags ReadEdition() => JsonSerializer.Deserialize(Edition, CloudJson.Default.EditionFlags)!;

    public CustomerAllowance ReadLimits() => JsonSerializer.Deserialize(Limits, CloudJson.Default.CustomerAllowance)!;

    public DnsForwarding ReadDns() => JsonSerializer.Deserialize(Dns, CloudJson.Default.DnsForwarding)!;

    public NotificationSettings ReadNotifications() => JsonSerializer.Deserialize(Notifications, CloudJson.Default.NotificationSettings)!;

    public Customer ToCustomer() =>
        new(Id, Name, CloudNetwork, (uint)CloudAsn, ReadServices(), ReadEdition(), ReadLimits(), ReadDns(), ReadNotifications(), CreatedAt, Version);
}

/// <summary>Customers in the store.</summary>
internal static class CustomerStore
{
    private const string Columns =
        "id, number, name, cloud_network::text as cloud_network, cloud_asn, services::text as services, edition::text as edition, limits::text as limits, dns::text as dns, notifications::text as notifications, webhook_secret, created_at, version";

    /// <summary>Reads a customer. Takes @customer, as the following do.</summary>
    public const string One = $"select {Columns} from customers where id = @customer";

    /// <summary>Reads and locks a customer.</summary>
    public const string Lock = $"{One} for no key update";

    /// <summary>The same; nothing while somebody else has the lock.</summary>
    public const string TryLock = $"{Lock} skip locked";

    /// <summary>A customer.</summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public static async Task<CustomerRow> GetAsync(NpgsqlConnection connection, string id) =>
        await connection.QuerySingleOrDefaultAsync<CustomerRow?>(One, new { customer = id }) ?? throw ProblemException.NotFound();

    /// <summary>A customer, locked: every change of what a customer has begins here, so that changes of one customer follow each other.</summary>
    public static async Task<CustomerRow> LockAsync(NpgsqlConnection connection, string id) =>
        await connection.QuerySingleOrDefaultAsync<CustomerRow?>(Lock, new { customer = id }) ?? throw ProblemException.NotFound();

    /// <summary>The same for work that can wait; null while somebody else has the lock.</summary>
    public static Task<CustomerRow?> TryLockAsync(NpgsqlConnection connection, string id) =>
        connection.QuerySingleOrDefaultAsync<CustomerRow?>(TryLock, new { customer = id });

    public static async Task<Page<Customer>> ListAsync(NpgsqlConnection connection, string? only, PageQuery query)
    {
        var rows = (await connection.QueryAsync<CustomerRow>(
            $"select {Columns} from customers where number > @after and (@only::text is null or id = @only) order by number limit @rows",
            new { after = (int)query.Number(0), only, rows = query.Limit + 1 })).ToArray();
        var page = query.Cut(rows, row => row.Number.ToString());
        return new Page<Customer>([.. page.Items.Select(row => row.ToCustomer())], page.Next);
    }

    public static Task<CustomerRow> AddAsync(NpgsqlConnection connection, Customer customer) => connection.QuerySingleAsync<CustomerRow>(
        $"""
        insert into customers (id, name, cloud_network, cloud_asn, services, edition, limits, dns, notifications)
        values (@Id, @Name, @CloudNetwork::cidr, @CloudAsn, @services::jsonb, @edition::jsonb, @limits::jsonb, @dns::jsonb, @notifications::jsonb) returning {Columns}
        """,
        Parameters(customer));

    public static Task<CustomerRow> ChangeAsync(NpgsqlConnection connection, Customer customer) => connection.QuerySingleAsync<CustomerRow>(
        $"""
        update customers set name = @Name, services = @services::jsonb, edition = @edition::jsonb, limits = @limits::jsonb, dns = @dns::jsonb, notifications = @notifications::jsonb, version = version + 1
        where id = @Id returning {Columns}
        """,
        Parameters(customer));

    private static object Parameters(Customer customer) => new
    {
        customer.Id,
        customer.Name,
        customer.CloudNetwork,
        CloudAsn = (long)customer.CloudAsn,
        services = JsonSerializer.Serialize(customer.Services, CloudJson.Default.CloudServices),
        edition = JsonSerializer.Serialize(customer.Edition, CloudJson.Default.EditionFlags),
        limits = JsonSerializer.Serialize(customer.Limits, CloudJson.Default.CustomerAllowance),
        dns = JsonSerializer.Serialize(customer.Dns, CloudJson.Default.DnsForwarding),
        notifications = JsonSerializer.Serialize(customer.Notifications, CloudJson.Default.NotificationSettings),
    };
}
