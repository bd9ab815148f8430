using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>A connection as a device's writer sees it: validated, with the settings' values in place and the algorithms in the device's words.</summary>
internal sealed record DeviceConnection
{
    private const int LongestName = 24;

    private DeviceConnection(VpnConnection connection, WriterSettings settings, IReadOnlyList<DeviceTunnel> tunnels)
    {
        (Connection, Settings, Tunnels) = (connection, settings, tunnels);
        Name = NameOf(connection.Id);
    }

    /// <summary>The connection.</summary>
    public VpnConnection Connection { get; }

    /// <summary>The settings.</summary>
    public WriterSettings Settings { get; }

    /// <summary>The tunnels, in order.</summary>
    public IReadOnlyList<DeviceTunnel> Tunnels { get; }

    /// <summary>A name of letters, digits, '-' and '_', 24 characters at most, that starts with a letter.</summary>
    public string Name { get; }

    /// <summary>The connection's id as comments show it.</summary>
    public string Title => Printable.Comment(Connection.Id);

    /// <summary>Whether routes are learnt by BGP.</summary>
    public bool IsBgp => Connection.Routing == Model.Routing.Bgp;

    /// <summary>The customer's AS number, the same on every tunnel.</summary>
    public Asn CustomerAsn => RoutingPlan.SessionOf(Tunnels[0].Tunnel).CustomerAsn;

    /// <summary>The tunnels for static routes: the preferred one first.</summary>
    public IEnumerable<DeviceTunnel> InOrderOfPreference => Tunnels.OrderByDescending(tunnel => tunnel.Plan.Preferred == true);

    /// <summary>The interface that faces the internet.</summary>
    /// <param name="usual">What the device usually calls it.</param>
    public string Outside(string usual) => Settings.OutsideInterface ?? usual;

    /// <summary>Checks a connection for a device.</summary>
    /// <exception cref="WriterException">The device cannot do it, or something is missing.</exception>
    public static DeviceConnection Of(VpnConnection connection, WriterSettings settings, DeviceAlgorithms algorithms)
    {
        connection = settings.Apply(connection);
        var bgp = connection.Routing == Model.Routing.Bgp;
        var name = NameOf(connection.Id);
        var tunnels = TunnelPlan.Of(connection, settings)
            .Select((plan, index) => new DeviceTunnel(
                plan,
                index + 1,
                $"{name}-{index + 1}",
                DeviceKey.Of(plan.Tunnel, algorithms),
                algorithms.Of(plan.Tunnel),
                bgp ? RoutingPlan.SessionOf(plan.Tunnel).Bgp : null,
                RekeyTimes.OfIke(plan.Tunnel, settings.Profile),
                RekeyTimes.OfIpsec(plan.Tunnel, settings.Profile)))
            .ToList();
        if (tunnels.Find(tunnel => tunnel.Tunnel.Ike is { Version: IkeVersion.V1, Mode: IkeMode.Aggressive }) is { } aggressive)
        {
            throw new WriterException($"Tunnel {aggressive.Number} wants IKEv1 aggressive mode, which is not written for {algorithms.Device}.", "ask for a connection with main mode");
        }

        if (bgp && tunnels.Select(tunnel => RoutingPlan.SessionOf(tunnel.Tunnel).CustomerAsn).Distinct().Count() > 1)
        {
            throw new WriterException($"The tunnels have different customer AS numbers; {algorithms.Device} runs with one.", "give --set customer-asn=NUMBER");
        }

        return new DeviceConnection(connection, settings, tunnels);
    }

    /// <summary>The name that a connection of this id has on devices.</summary>
    public static string NameOf(string id)
    {
        var name = Printable.Name(id);
        return (name.Length > LongestName ? name[..LongestName] : name).TrimEnd('-', '_');
    }
}

/// <summary>A tunnel as a device's writer sees it.</summary>
/// <param name="Plan">What is decided about it for every target.</param>
/// <param name="Number">Its place, counted from 1.</param>
/// <param name="Name">Its name: letters, digits, '-' and '_', 26 characters at most.</param>
/// <param name="Key">The pre-shared key: letters, digits and . _ - + / = only, so that no device reads anything else in it.</param>
/// <param name="Words">The algorithms in the device's words.</param>
/// <param name="Bgp">The BGP session; null with static routing.</param>
/// <param name="IkeTimes">Life of phase 1.</param>
/// <param name="IpsecTimes">Life of phase 2.</param>
internal sealed record DeviceTunnel(TunnelPlan Plan, int Number, string Name, string Key, DeviceProposals Words, BgpSettings? Bgp, RekeyTimes IkeTimes, RekeyTimes IpsecTimes)
{
    /// <summary>The tunnel.</summary>
    public Tunnel Tunnel => Plan.Tunnel;

    /// <summary>Whether IKEv2 is spoken.</summary>
    public bool IsIkev2 => Tunnel.Ike.Version == IkeVersion.V2;

    /// <summary>Whether phase 1's cipher authenticates too.</summary>
    public bool IkeIsAead => Words.IkeIntegrity is null;

    /// <summary>Whether phase 2's cipher authenticates too.</summary>
    public bool EspIsAead => Words.EspIntegrity is null;

    /// <summary>Phase 1 lifetime in seconds.</summary>
    public int IkeSeconds => Tunnel.Ike.Lifetime.Seconds;

    /// <summary>Phase 2 lifetime in seconds for devices that know no other time: with IKEv2 and 3,600 s the 51 minutes that cure the 60-minute drop.</summary>
    public int IpsecSeconds => CuresSixtyMinuteDrop ? IpsecTimes.RekeySeconds : Tunnel.Ipsec.Lifetime.Seconds;

    /// <summary>Whether the lifetime is shortened because some peers drop IKEv2 tunnels of 3,600 s every hour.</summary>
    public bool CuresSixtyMinuteDrop => IsIkev2 && Tunnel.Ipsec.Lifetime.Seconds == 3600;

    /// <summary>Dead peer detection.</summary>
    public DeadPeerDetection Dpd => Tunnel.DeadPeerDetection;

    /// <summary>Where the cloud's endpoint is.</summary>
    public Ipv4Address Cloud => Tunnel.CloudOutside;

    /// <summary>Next hop of static routes.</summary>
    public Ipv4Address NextHop => Tunnel.StaticNextHop ?? Tunnel.CloudInside.Address;

    /// <summary>Number of its interface on devices that count them.</summary>
    public int InterfaceNumber => Plan.InterfaceId;

    /// <summary>The sizes of its packets.</summary>
    public TunnelMtu Size => Plan.Size;

    /// <summary>Seconds between keep-alives of BGP: a third of the hold time (RFC 4271 section 10).</summary>
    public int KeepaliveSeconds => (Bgp?.HoldSeconds ?? 0) / 3;

    /// <summary>Preference of what is learnt through it: the highest wins.</summary>
    public int LocalPreference => RoutingPlan.LocalPreference(Plan);

    /// <summary>How often the customer's AS number is prepended.</summary>
    public int Prepends => RoutingPlan.PrependsOf(Plan);
}
