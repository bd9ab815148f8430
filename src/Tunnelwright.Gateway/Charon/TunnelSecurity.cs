using System.Security.Cryptography;
using System.Text;
using Tunnelwright.Model;
using Tunnelwright.Vici;

namespace Tunnelwright.Gateway;

/// <summary>A tunnel's connection and key as charon takes them over VICI (swanctl.conf(5)).</summary>
internal static class TunnelSecurity
{
    private const int RekeyMargin = 270;

    /// <summary>The message of load-conn.</summary>
    /// <param name="connection">The connection that the tunnel belongs to.</param>
    /// <param name="tunnel">The tunnel.</param>
    /// <param name="instance">The charon that carries it.</param>
    /// <param name="localOutside">The outside address that the tunnel starts from.</param>
    public static ViciSection Connection(DesiredConnection connection, DesiredTunnel tunnel, CharonInstance instance, Ipv4Address localOutside)
    {
        var initiator = connection.Role == GatewayRole.Initiator;
        var name = GatewayNames.Connection(connection.Id, tunnel.Number);
        var child = Child(connection, tunnel, instance);
        var ike = tunnel.Ike;

        // For each new IKE SA charon compares the addresses of all connections, and treats each that is no network as a name to be resolved: half of the work of a responder with 1,000.
        var network = initiator ? "" : "/32";
        var rekey = initiator ? ike.Lifetime.Seconds - IkeMargin(ike.Lifetime) : 0;
        var settings = new ViciSection
        {
            { "version", (int)ike.Version },
            { "local_addrs", [$"{localOutside}{network}"] },
            { "remote_addrs", [$"{tunnel.RemoteOutside}{network}"] },
            { "proposals", [ike.Proposal.ToString()] },
            { "mobike", false },
            { "fragmentation", "yes" },
            { "unique", "replace" },
            { "keyingtries", initiator ? 0 : 1 },
            { "dpd_delay", tunnel.DeadPeerDetection.IntervalSeconds },
            { "dpd_timeout", Math.Max(30, tunnel.DeadPeerDetection.TimeoutSeconds) },
            { "reauth_time", 0 },
            { "rekey_time", rekey },
            { "over_time", initiator ? ike.Lifetime.Seconds - rekey : ike.Lifetime.Seconds },
            { "rand_time", initiator ? Math.Min(RekeyMargin, rekey / 4) : 0 },
            { "local-1", new ViciSection { { "auth", "psk" }, { "id", tunnel.LocalIdentity ?? localOutside.ToString() } } },
            { "remote-1", new ViciSection { { "auth", "psk" }, { "id", tunnel.RemoteIdentity } } },
            { "children", new ViciSection { { name, child } } },
        };
        if (initiator && instance.Slot > 0)
        {
            // A source port other than 500 has to use the NAT-T port from the first message (RFC 7296 section 2.23).
            settings.Add("local_port", instance.NatPort);
            settings.Add("remote_port", 4500);
        }

        return new ViciSection { { name, settings } };
    }

    /// <summary>How many seconds before its end an initiator begins to renew an IKE SA, at the latest: 540, or half of a short life.</summary>
    internal static int IkeMargin(Lifetime lifetime) => Math.Min(2 * RekeyMargin, (lifetime.Seconds + 1) / 2);

    /// <summary>
    /// When a CHILD SA is renewed and when it ends. IKEv2 with exactly 3,600 s is renewed at 51 minutes at the latest (3,060 s), which cures the
    /// hourly drop of some peers. A responder leaves renewing to the initiator.
    /// </summary>
    internal static (int RekeySeconds, int RandomSeconds, int LifeSeconds) ChildLifetimes(GatewayRole role, IkeVersion version, Lifetime lifetime)
    {
        var life = lifetime.Seconds;
        if (role == GatewayRole.Responder) return (0, 0, life);
        if (version == IkeVersion.V2 && life == 3600) return (3060, 120, life);
        var margin = Math.Min(RekeyMargin, life / 4);
        return (life - margin, margin / 2, life);
    }

    /// <summary>
    /// What charon has loaded is known by this name of the tunnel's key: it changes with every setting and with the key, so that asking
    /// charon for the names of its keys tells whether it works on today's settings.
    /// </summary>
    public static string KeyName(DesiredTunnel tunnel, ViciSection connection)
    {
        var name = connection.Sections.First().Key;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(connection.ToString()));
        hash.AppendData(Encoding.UTF8.GetBytes(tunnel.Ike.PreSharedKey?.Reveal() ?? ""));
        return $"{KeyNamePrefix(name)}{Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 6))}";
    }

    /// <summary>How the names of all keys of a connection start.</summary>
    public static string KeyNamePrefix(string connectionName) => $"{connectionName} ";

    /// <summary>The message of load-shared. Only the peer's identity owns the key: a shared local identity would make every authentication try all keys.</summary>
    public static ViciSection Key(DesiredTunnel tunnel, string keyName) => new()
    {
        { "id", keyName },
        { "type", "IKE" },
        { "data", tunnel.Ike.PreSharedKey?.Reveal() ?? throw new InvalidOperationException("A tunnel without a key cannot be loaded.") },
        { "owners", [tunnel.RemoteIdentity] },
    };

    private static ViciSection Child(DesiredConnection connection, DesiredTunnel tunnel, CharonInstance instance)
    {
        var initiator = connection.Role == GatewayRole.Initiator;
        var (rekey, random, life) = ChildLifetimes(connection.Role, tunnel.Ike.Version, tunnel.Ipsec.Lifetime);
        var child = new ViciSection
        {
            { "mode", "tunnel" },
            { "local_ts", ["0.0.0.0/0"] },
            { "remote_ts", ["0.0.0.0/0"] },
            { "esp_proposals", [tunnel.Ipsec.Proposal.ToString()] },
            { "rekey_time", rekey },
            { "rand_time", random },
            { "life_time", life },
            { "replay_window", 1024 },
            { "start_action", "none" },
            { "close_action", initiator ? "start" : "none" },
            { "dpd_action", initiator ? "start" : "none" },
        };
        if (!instance.Userspace)
        {
            var id = GatewayNames.InterfaceId(connection.Id, tunnel.Number);
            child.Add("if_id_in", id);
            child.Add("if_id_out", id);
        }

        return child;
    }
}
