namespace Tunnelwright.Cloud.Contract;

/// <summary>
/// What a node has to realise. Without <c>since</c> everything; with it only what changed after that version. The ETag is the version.
/// With <c>wait</c> the answer comes as soon as there is something newer than <c>since</c>, or 304 when the time is over.
/// It holds keys: it goes to files of mode 0600 only.
/// </summary>
/// <param name="Version">The newest version; ask for the next with since=Version, report it as applied when everything in it is done.</param>
/// <param name="Complete">Whether this is everything: customers that are not in it have nothing on this node. Otherwise what is not in it stays as it is.</param>
/// <param name="Customers">Customers with tunnels on this node, each whole: tunnels that are not in it are gone.</param>
/// <param name="Removed">Ids of customers that have nothing on this node any more; empty when <paramref name="Complete"/>.</param>
public sealed record NodeDesiredState(long Version, bool Complete, IReadOnlyList<NodeCustomer> Customers, IReadOnlyList<string> Removed);

/// <summary>A customer on a node: a network namespace of its own.</summary>
/// <param name="Id">"c" and ten hexadecimal digits: fits names of namespaces and of interfaces.</param>
/// <param name="Number">1 to 16,777,215, unique over all customers: for addresses and marks of the node's own that must not collide.</param>
/// <param name="CloudNetwork">The customer's network in the cloud, such as 10.8.2.0/24; customers' networks may be the same.</param>
/// <param name="Services">DNS servers, load balancer and databases that registered ranges may reach.</param>
/// <param name="HttpsOnly">Whether the load balancer takes 443 alone.</param>
/// <param name="Dns">Names of the cloud, and domains that are asked at the customer: with the servers that lie in a registered range of a connection, here or on other nodes.</param>
/// <param name="Tunnels">The customer's tunnels that end on this node; one of each connection at most.</param>
public sealed record NodeCustomer(
    string Id,
    int Number,
    string CloudNetwork,
    CloudServices Services,
    bool HttpsOnly,
    DnsForwarding Dns,
    IReadOnlyList<NodeTunnel> Tunnels);

/// <summary>One tunnel on a node, which only answers (responder).</summary>
/// <param name="ConnectionId">The connection.</param>
/// <param name="Number">1 or 2.</param>
/// <param name="Generation">Counts changes of this tunnel; reported back when the node works with it.</param>
/// <param name="CloudAddress">The endpoint's public address: this tunnel's alone, and the node's as long as the tunnel is there. Also the identity that the node shows.</param>
/// <param name="CustomerAddress">The customer gateway's public address, and the identity it has to show. Behind NAT packets may come from it with another port.</param>
/// <param name="InsideNetwork">The /30; the first usable address is the node's, the second the customer's.</param>
/// <param name="PreSharedKey">The key.</param>
/// <param name="KeyGeneration">Counts keys; reported back with the IKE SA that was authenticated with it.</param>
/// <param name="Ike">Phase 1.</param>
/// <param name="Ipsec">Phase 2.</param>
/// <param name="DpdIntervalSeconds">Seconds between checks of the peer.</param>
/// <param name="DpdRetries">Unanswered checks after which the peer is dead.</param>
/// <param name="MtuBytes">MTU of the tunnel's interface.</param>
/// <param name="MssBytes">Largest TCP segment.</param>
/// <param name="Routing">Static or BGP.</param>
/// <param name="Ranges">The customer's registered ranges: routed with static routing, accepted with BGP; everything else is dropped.</param>
/// <param name="Bgp">The BGP session; null with static routing.</param>
/// <param name="MultiExitDiscriminator">MED of this endpoint, towards the customer (BGP) and towards the cloud's router (both routings). The lower one is preferred; 100 for tunnel 1, 200 for tunnel 2, 1,000 more while the endpoint is being replaced.</param>
/// <param name="AnswersNames">Whether the node of this tunnel answers for the customer's domains, at the DNS forwarder's address of the tunnel's number. Of a customer's connections one has such tunnels, so that each address is at one node.</param>
public sealed record NodeTunnel(
    string ConnectionId,
    int Number,
    long Generation,
    string CloudAddress,
    string CustomerAddress,
    string InsideNetwork,
    string PreSharedKey,
    int KeyGeneration,
    IkeParameters Ike,
    IpsecParameters Ipsec,
    int DpdIntervalSeconds,
    int DpdRetries,
    int MtuBytes,
    int MssBytes,
    RoutingKind Routing,
    IReadOnlyList<string> Ranges,
    NodeBgp? Bgp,
    int MultiExitDiscriminator,
    bool AnswersNames = true)
{
    /// <summary>Without the key.</summary>
    public override string ToString() => $"{ConnectionId} tunnel {Number}, generation {Generation}";
}

/// <summary>The BGP session in a tunnel, between the inside addresses.</summary>
/// <param name="CloudAsn">The node's AS number.</param>
/// <param name="CustomerAsn">The customer's.</param>
/// <param name="HoldSeconds">Hold time in seconds.</param>
/// <param name="PrefixLimit">Prefixes from the customer above which the session goes down.</param>
public sealed record NodeBgp(uint CloudAsn, uint CustomerAsn, int HoldSeconds, int PrefixLimit);
