using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>A BGP session in BIRD: one tunnel's.</summary>
/// <param name="Name">The protocol's name: letters, digits and '_', starting with a letter.</param>
/// <param name="Interface">The interface that the neighbour is on; null to let BIRD find it.</param>
/// <param name="LocalAddress">The near end's address.</param>
/// <param name="LocalAsn">The near end's AS number.</param>
/// <param name="Neighbor">The far end's address.</param>
/// <param name="NeighborAsn">The far end's AS number.</param>
/// <param name="HoldSeconds">Hold time in seconds, 0 or 3 to 65,535; keep-alives come three times as often.</param>
/// <param name="LocalPreference">Preference of the routes learnt here; the highest wins (RFC 4271 section 5.1.5).</param>
/// <param name="Prepend">How often the near end's AS number is put before the path of routes announced here, 0 to 10.</param>
/// <param name="Bfd">Whether BFD watches the neighbour (RFC 5882).</param>
public sealed record BirdSession(
    string Name,
    string? Interface,
    Ipv4Address LocalAddress,
    Asn LocalAsn,
    Ipv4Address Neighbor,
    Asn NeighborAsn,
    int HoldSeconds,
    int LocalPreference = 100,
    int Prepend = 0,
    bool Bfd = false);

/// <summary>A static route in BIRD.</summary>
/// <param name="Range">Where it leads.</param>
/// <param name="Interface">The interface it leads through.</param>
/// <param name="NextHop">The address it leads to.</param>
/// <param name="Preference">BIRD's preference, 0 to 65,535; the highest wins.</param>
public sealed record BirdStaticRoute(Cidr Range, string Interface, Ipv4Address NextHop, int Preference);

/// <summary>What a gateway's BIRD does.</summary>
/// <param name="RouterId">BGP identifier (RFC 4271 section 4.2).</param>
/// <param name="Announced">Ranges that are announced; each is a route of its own that never reaches the kernel.</param>
/// <param name="Accepted">Ranges that routes are accepted in, with all their parts; empty accepts everything but the default route, link-local ranges and the announced ranges.</param>
/// <param name="Sessions">BGP sessions.</param>
/// <param name="StaticRoutes">Static routes.</param>
public sealed record BirdSettings(
    Ipv4Address RouterId,
    ValueList<Cidr> Announced,
    ValueList<Cidr> Accepted,
    ValueList<BirdSession> Sessions,
    ValueList<BirdStaticRoute> StaticRoutes);

/// <summary>Writes bird.conf of BIRD 2 (The BIRD User's Guide 2.0, chapters 3 to 6). Plain functions over values.</summary>
public static class BirdConfiguration
{
    /// <summary>The whole file.</summary>
    /// <param name="settings">What BIRD does.</param>
    /// <param name="title">A line for the file's head; anything but printable ASCII is replaced.</param>
    public static string Write(BirdSettings settings, string title)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(title);
        var text = new ConfigurationText();
        text.Comment(Printable.Comment(title));
        text.Line("log syslog all;");
        text.Line($"router id {settings.RouterId};");
        text.Line();
        text.Line("protocol device { scan time 10; }");
        text.Line();
        Kernel(text);
        if (settings.Sessions.Any(session => session.Bfd)) Bfd(text);
        if (settings.Sessions.Count > 0)
        {
            Announced(text, settings.Announced);
            foreach (var session in settings.Sessions) Session(text, session, settings);
        }

        foreach (var group in settings.StaticRoutes.GroupBy(route => route.Preference).OrderByDescending(group => group.Key)) Static(text, group.Key, [.. group]);
        return text.ToString();
    }

    private static void Kernel(ConfigurationText text)
    {
        text.Braces("protocol kernel", () => text.Block("ipv4 {", "};", () =>
        {
            text.Line("import none;");
            text.Line("export where source = RTS_BGP || (source = RTS_STATIC && proto != \"announced\");");
        }));
        text.Line();
    }

    private static void Bfd(ConfigurationText text) => text.Braces("protocol bfd", () => text.Line("interface \"*\" { min rx interval 300 ms; min tx interval 300 ms; multiplier 3; };")).Line();

    private static void Announced(ConfigurationText text, ValueList<Cidr> ranges)
    {
        text.Comment(ranges.Count > 0 ? "What is announced to the cloud; the kernel's own routes lead there." : "No customer range is known: nothing is announced. Give local-range.");
        text.Braces("protocol static announced", () =>
        {
            text.Line("ipv4;");
            foreach (var range in ranges) text.Line($"route {range} unreachable;");
        });
        text.Line();
    }

    private static void Session(ConfigurationText text, BirdSession session, BirdSettings settings)
    {
        text.Braces($"protocol bgp {session.Name}", () =>
        {
            text.Line($"local {session.LocalAddress} as {session.LocalAsn};");
            text.Line($"neighbor {session.Neighbor} as {session.NeighborAsn};");
            if (session.Interface is { } name) text.Line($"interface \"{name}\";");
            text.Line("direct;");
            text.Line($"hold time {session.HoldSeconds};");
            if (session.HoldSeconds > 0) text.Line($"keepalive time {session.HoldSeconds / 3};");
            text.Line("connect delay time 1;");
            text.Line("connect retry time 5;");
            text.Line("error wait time 3, 10;");
            if (session.Bfd) text.Line("bfd on;");
            text.Block("ipv4 {", "};", () =>
            {
                text.Block("import filter {", "};", () => Import(text, session, settings));
                text.Block("export filter {", "};", () => Export(text, session));
                text.Line("next hop self;");
            });
        });
        text.Line();
    }

    private static void Import(ConfigurationText text, BirdSession session, BirdSettings settings)
    {
        if (settings.Accepted.Count > 0)
        {
            text.Line($"if !(net ~ [ {string.Join(", ", settings.Accepted.Select(range => $"{range}+"))} ]) then reject;");
        }
        else
        {
            string[] refused = ["0.0.0.0/0", "169.254.0.0/16+", .. settings.Announced.Select(range => $"{range}+")];
            text.Line($"if net ~ [ {string.Join(", ", refused)} ] then reject;");
        }

        text.Line($"bgp_local_pref = {session.LocalPreference};");
        text.Line("accept;");
    }

    private static void Export(ConfigurationText text, BirdSession session)
    {
        text.Line("if proto != \"announced\" then reject;");
        for (var i = 0; i < session.Prepend; i++) text.Line($"bgp_path.prepend({session.LocalAsn});");
        text.Line("accept;");
    }

    private static void Static(ConfigurationText text, int preference, IReadOnlyList<BirdStaticRoute> routes)
    {
        text.Braces($"protocol static static_{preference}", () =>
        {
            text.Line($"ipv4 {{ preference {preference}; }};");
            foreach (var route in routes) text.Line($"route {route.Range} via {route.NextHop}%'{route.Interface}';");
        });
        text.Line();
    }
}
