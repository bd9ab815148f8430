namespace Tunnelwright.Cloud.Contract;

/// <summary>A customer: one infrastructure with its cloud network.</summary>
/// <param name="Id">"c" and ten hexadecimal digits.</param>
/// <param name="Name">The name for people.</param>
/// <param name="CloudNetwork">The customer's network in the cloud, such as 10.8.2.0/24.</param>
/// <param name="CloudAsn">AS number of the cloud's endpoints towards this customer.</param>
/// <param name="Services">What stands in the cloud network and may be reached.</param>
/// <param name="Edition">Flags of the edition.</param>
/// <param name="Limits">How much the customer may have.</param>
/// <param name="Dns">Forwarding of names, both ways.</param>
/// <param name="Notifications">Who is told.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Version">Counts changes; the ETag.</param>
public sealed record Customer(
    string Id,
    string Name,
    string CloudNetwork,
    uint CloudAsn,
    CloudServices Services,
    EditionFlags Edition,
    CustomerAllowance Limits,
    DnsForwarding Dns,
    NotificationSettings Notifications,
    DateTimeOffset CreatedAt,
    long Version);

/// <summary>What stands in a customer's cloud network. All addresses lie in it.</summary>
/// <param name="DnsServers">The two internal DNS servers: UDP and TCP 53, and the only hosts that answer ping.</param>
/// <param name="LoadBalancer">The internal load balancer, 80 and 443 (443 alone with <see cref="EditionFlags.HttpsOnly"/>); null without one.</param>
/// <param name="Databases">Databases that were asked for.</param>
/// <param name="DnsForwarders">
/// Where the DNS servers find the customer's forwarded domains: at the first address the node of a tunnel 1 answers, at the second that of the same connection's
/// tunnel 2. They ask the servers of all domains, also those behind other connections. Null or empty: nobody answers for them.
/// </param>
public sealed record CloudServices(IReadOnlyList<string> DnsServers, string? LoadBalancer, IReadOnlyList<DatabaseService> Databases, IReadOnlyList<string>? DnsForwarders = null);

/// <summary>A database that the customer may reach.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Port">Its TCP port: 1521, 1433, 3306, 5432 or another.</param>
/// <param name="Kind">oracle, sql-server, mysql, postgresql.</param>
/// <param name="ReadOnly">Whether only read credentials were asked for; for people, no filter depends on it.</param>
public sealed record DatabaseService(string Address, int Port, string Kind, bool ReadOnly);

/// <summary>Flags of a customer's edition.</summary>
/// <param name="HttpsOnly">Whether the load balancer takes 443 alone.</param>
/// <param name="TransitGateway">Whether the customer is attached to a transit gateway, so that it can have no VPN.</param>
public sealed record EditionFlags(bool HttpsOnly = false, bool TransitGateway = false);

/// <summary>How much a customer may have.</summary>
/// <param name="Connections">VPN connections.</param>
/// <param name="Routes">Ranges over all connections.</param>
public sealed record CustomerAllowance(int Connections, int Routes);

/// <summary>Names both ways. The cloud's DNS servers know the records, and ask the customer's servers for the forwarded domains.</summary>
/// <param name="Records">Names of the cloud.</param>
/// <param name="Forwards">The customer's domains.</param>
public sealed record DnsForwarding(IReadOnlyList<DnsRecord> Records, IReadOnlyList<DnsForward> Forwards);

/// <summary>A name of the cloud.</summary>
/// <param name="Name">Such as app.example.outsystemsenterprise.com.</param>
/// <param name="Type">A or CNAME.</param>
/// <param name="Value">An address, or a name.</param>
/// <param name="TtlSeconds">Time to live in seconds.</param>
public sealed record DnsRecord(string Name, string Type, string Value, int TtlSeconds);

/// <summary>A domain of the customer, asked from the cloud through the tunnels.</summary>
/// <param name="Domain">Such as company.local.</param>
/// <param name="Servers">The customer's servers; they lie in registered ranges.</param>
public sealed record DnsForward(string Domain, IReadOnlyList<DnsServer> Servers);

/// <summary>A DNS server of the customer.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Port">Its port, usually 53.</param>
/// <param name="Protocol">udp (with TCP after truncation) or tcp.</param>
public sealed record DnsServer(string Address, int Port = 53, string Protocol = "udp");

/// <summary>Who is told when a connection is ready, changed or gone.</summary>
/// <param name="WebhookUrl">An https URL; null for none.</param>
/// <param name="Mail">Whether the contact of a connection gets mail.</param>
public sealed record NotificationSettings(string? WebhookUrl = null, bool Mail = true);

/// <summary>POST <see cref="Paths.Customers"/>. Members that are null get a value: the first hosts of the network as DNS servers and load balancer, the profile's limits.</summary>
/// <param name="Name">1 to 100 characters.</param>
/// <param name="CloudNetwork">A private range of /16 to /28 that no other customer need differ in.</param>
/// <param name="CloudAsn">AS number of the cloud's endpoints; 64512 when null.</param>
/// <param name="Services">What stands in the network.</param>
/// <param name="Edition">Flags.</param>
/// <param name="Limits">Limits.</param>
/// <param name="Dns">Names.</param>
/// <param name="Notifications">Who is told.</param>
public sealed record NewCustomer(
    string? Name = null,
    string? CloudNetwork = null,
    uint? CloudAsn = null,
    CloudServices? Services = null,
    EditionFlags? Edition = null,
    CustomerAllowance? Limits = null,
    DnsForwarding? Dns = null,
    NotificationSettings? Notifications = null);

/// <summary>PATCH of a customer: members that are null stay as they are.</summary>
/// <param name="Name">1 to 100 characters.</param>
/// <param name="Services">What stands in the network.</param>
/// <param name="Edition">Flags.</param>
/// <param name="Limits">Limits.</param>
/// <param name="Dns">Names.</param>
/// <param name="Notifications">Who is told.</param>
public sealed record CustomerChange(
    string? Name = null,
    CloudServices? Services = null,
    EditionFlags? Edition = null,
    CustomerAllowance? Limits = null,
    DnsForwarding? Dns = null,
    NotificationSettings? Notifications = null);

/// <summary>The webhook's secret, shown once.</summary>
/// <param name="Secret">Key of the signature (<see cref="Headers.Signature"/>).</param>
public sealed record WebhookSecret(string Secret);
