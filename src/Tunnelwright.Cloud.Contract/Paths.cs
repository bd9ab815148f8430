namespace Tunnelwright.Cloud.Contract;

/// <summary>Paths of the service, relative to its address. Ids need no escaping: letters, digits and '-'.</summary>
public static class Paths
{
    /// <summary>The description of the API (OpenAPI 3.1).</summary>
    public const string OpenApi = "/openapi/v1.json";

    /// <summary>Whether the process lives; needs no sign-in.</summary>
    public const string Live = "/health/live";

    /// <summary>Whether the process can serve: its database answers; needs no sign-in.</summary>
    public const string Ready = "/health/ready";

    /// <summary>The console's session: POST signs in, GET tells who is signed in (with a token too), DELETE signs out.</summary>
    public const string Session = "/v1/session";

    /// <summary>The devices that files are written for.</summary>
    public const string Devices = "/v1/devices";

    /// <summary>All customers.</summary>
    public const string Customers = "/v1/customers";

    /// <summary>All gateway nodes.</summary>
    public const string Nodes = "/v1/nodes";

    /// <summary>Tokens that nodes register with.</summary>
    public const string RegistrationTokens = "/v1/node-registrations";

    /// <summary>The provider's own users.</summary>
    public const string ProviderUsers = "/v1/users";

    /// <summary>The provider's own API tokens.</summary>
    public const string ProviderTokens = "/v1/tokens";

    /// <summary>The whole audit log, newest first.</summary>
    public const string ProviderAudit = "/v1/audit";

    /// <summary>Ranges that outside addresses of endpoints are taken from.</summary>
    public const string AddressPools = "/v1/address-pools";

    /// <summary>Node protocol: POST <see cref="NodeRegistration"/> with a registration token.</summary>
    public const string NodeRegister = "/node/v1/register";

    /// <summary>Node protocol: GET <see cref="NodeDesiredState"/>; query: since (version that the node has), wait (seconds, 0 to 60).</summary>
    public const string NodeDesired = "/node/v1/desired";

    /// <summary>Node protocol: PUT <see cref="NodeReport"/>.</summary>
    public const string NodeObserved = "/node/v1/observed";

    /// <summary>Node protocol: POST <see cref="NodeHeartbeat"/>.</summary>
    public const string NodeHeartbeat = "/node/v1/heartbeat";

    /// <summary>A customer.</summary>
    /// <param name="customer">The customer's id.</param>
    public static string Customer(string customer) => $"{Customers}/{customer}";

    /// <summary>The customer's connections.</summary>
    /// <param name="customer">The customer's id.</param>
    public static string Connections(string customer) => $"{Customers}/{customer}/connections";

    /// <summary>A connection.</summary>
    /// <param name="customer">The customer's id.</param>
    /// <param name="connection">The connection's id.</param>
    public static string Connection(string customer, string connection) => $"{Connections(customer)}/{connection}";

    /// <summary>The file of a connection for a device; the answer is the text, and its keys are in it.</summary>
    /// <param name="customer">The customer's id.</param>
    /// <param name="connection">The connection's id.</param>
    /// <param name="device">A device of <see cref="Devices"/>; null for the one chosen in the request.</param>
    public static string File(string customer, string connection, string? device) =>
        $"{Connection(customer, connection)}/file{(device is null ? "" : $"?device={Uri.EscapeDataString(device)}")}";

    /// <summary>POST starts a rotation of both tunnels' keys, one tunnel after the other.</summary>
    /// <param name="customer">The customer's id.</param>
    /// <param name="connection">The connection's id.</param>
    public static string RotateKeys(string customer, string connection) => $"{Connection(customer, connection)}/rotate-keys";

    /// <summary>POST says that the customer's gateway has the new key of the tunnel that is being rotated, also when the tunnel has not been seen up.</summary>
    /// <param name="customer">The customer's id.</param>
    /// <param name="connection">The connection's id.</param>
    /// <param name="tunnel">The tunnel that is meant, 1 or 2: when the rotation has come to the other one it is refused (409). Null: whichever it has come to.</param>
    public static string ConfirmKeys(string customer, string connection, int? tunnel = null) => $"{RotateKeys(customer, connection)}/confirm{(tunnel is null ? "" : $"?tunnel={tunnel}")}";

    /// <summary>POST moves a tunnel's endpoint, with its outside address, to another node.</summary>
    /// <param name="customer">The customer's id.</param>
    /// <param name="connection">The connection's id.</param>
    /// <param name="tunnel">1 or 2.</param>
    public static string ReplaceEndpoint(string customer, string connection, int tunnel) => $"{Connection(customer, connection)}/tunnels/{tunnel}/replace-endpoint";

    /// <summary>What has happened to a connection, newest first.</summary>
    /// <param name="customer">The customer's id.</param>
    /// <param name="connection">The connection's id.</param>
    public static string Timeline(string customer, string connection) => $"{Connection(customer, connection)}/timeline";

    /// <summary>The customer's change feed: server-sent events of <see cref="ChangeEvent"/>; Last-Event-ID goes on where a reader stopped.</summary>
    /// <param name="customer">The customer's id.</param>
    public static string Events(string customer) => $"{Customer(customer)}/events";

    /// <summary>The customer's audit log, newest first.</summary>
    /// <param name="customer">The customer's id.</param>
    public static string Audit(string customer) => $"{Customer(customer)}/audit";

    /// <summary>POST gives the customer a new webhook secret, which is shown once.</summary>
    /// <param name="customer">The customer's id.</param>
    public static string WebhookSecret(string customer) => $"{Customer(customer)}/webhook-secret";

    /// <summary>The customer's users.</summary>
    /// <param name="customer">The customer's id.</param>
    public static string Users(string customer) => $"{Customer(customer)}/users";

    /// <summary>The customer's API tokens.</summary>
    /// <param name="customer">The customer's id.</param>
    public static string Tokens(string customer) => $"{Customer(customer)}/tokens";
}

/// <summary>Headers beside those of HTTP itself. Every resource with a version carries it as ETag; changes take it as If-Match (412 when it is not the newest).</summary>
public static class Headers
{
    /// <summary>On POST: 1 to 64 letters, digits, '-' and '_'. The same key with the same body gives the first answer again; with another body 422.</summary>
    public const string IdempotencyKey = "Idempotency-Key";

    /// <summary>On the console's changing requests: any value. It shows that they come from a page of ours and not from a form elsewhere.</summary>
    public const string Console = "X-Tunnelwright-Console";

    /// <summary>On webhooks: "t=SECONDS,v1=HEX", HEX being HMAC-SHA256 of "SECONDS.BODY" with the customer's webhook secret.</summary>
    public const string Signature = "X-Tunnelwright-Signature";
}
