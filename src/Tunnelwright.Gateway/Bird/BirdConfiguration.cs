using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tunnelwright.Model;

namespace Tunnelwright.Gateway;

/// <summary>A tunnel's BGP session with what only the host knows.</summary>
/// <param name="Connection">The connection.</param>
/// <param name="Tunnel">The tunnel; it has a BGP session.</param>
/// <param name="Interface">The tunnel's interface.</param>
internal sealed record BirdTunnel(DesiredConnection Connection, DesiredTunnel Tunnel, string Interface);

/// <summary>MED of the routes through one tunnel, towards the upstream router.</summary>
/// <param name="Interface">The tunnel's interface.</param>
/// <param name="Discriminator">The MED.</param>
internal sealed record UpstreamDiscriminator(string Interface, int Discriminator);

/// <summary>BIRD 2's configuration (the BIRD user's guide): one BGP session a tunnel, the announced ranges, and the routes' way into the kernel.</summary>
internal static class BirdConfiguration
{
    /// <summary>Local preference of the preferred tunnel; the others have BIRD's default of 100 (RFC 4271 section 5.1.5).</summary>
    private const int PreferredLocalPreference = 200;

    /// <summary>Local preference of a tunnel in its hold-down: below every other.</summary>
    private const int HeldBackLocalPreference = 50;

    /// <summary>How often the own AS number is prepended on tunnels that are not preferred.</summary>
    private const int Prepending = 3;

    private const int MaximumIdInSymbol = 40;

    /// <summary>Prefixes that a virtual private gateway takes from a customer; one more ends the session.</summary>
    private const int PrefixLimit = 100;

    /// <summary>
    /// RFC 5880: every session asks its peer for it. A peer that offers none is asked once a second and is used without (the user's guide, "bfd").
    /// Five lost packets end a session: what a lossy path needs is decided by the tunnel's own watch, which is faster.
    /// </summary>
    private const string BidirectionalForwardingDetection = """
        protocol bfd {
          accept direct ipv4;
          interface "*" { min rx interval 300 ms; min tx interval 300 ms; idle tx interval 1 s; multiplier 5; };
        }

        """;

    /// <summary>The configuration's text.</summary>
    /// <param name="gateway">The desired state.</param>
    /// <param name="tunnels">The tunnels with BGP.</param>
    /// <param name="folder">BIRD's folder.</param>
    /// <param name="source">Address that the host itself talks to the cloud from; null: the kernel chooses.</param>
    /// <param name="routerId">BGP identifier (RFC 4271 section 4.2).</param>
    /// <param name="discriminators">Tunnels whose routes the upstream router is told with a MED of their own; null for none.</param>
    public static string Render(
        DesiredGateway gateway, IReadOnlyList<BirdTunnel> tunnels, string folder, Ipv4Address? source, Ipv4Address routerId, IReadOnlyList<UpstreamDiscriminator>? discriminators = null)
    {
        var text = new StringBuilder();
        text.Append($$"""
            # Written by tunnelwright; changes are lost.
            log "{{folder}}/bird.log" { warning, error, fatal, bug, auth, remote, info };
            router id {{routerId}};
            protocol device { scan time 10; }

            """);
        Kernel(text, gateway, source);
        if (tunnels.Count > 0 || gateway.Upstream is not null) text.Append(BidirectionalForwardingDetection);
        Announced(text, tunnels);
        foreach (var (connection, tunnel, _) in tunnels)
        {
            MoreSpecific(text, HalvesName(connection.Id, tunnel.Number), Halves(connection));
            MoreSpecific(text, QuartersName(connection.Id, tunnel.Number), Quarters(connection));
        }

        HoldDowns(text, [.. tunnels.Where(tunnel => HasHoldDowns(tunnel.Connection))]);
        foreach (var tunnel in tunnels) Session(text, tunnel);
        if (gateway.Upstream is { } upstream) Upstream(text, upstream, discriminators ?? []);
        return text.ToString();
    }

    /// <summary>
    /// The protocol name of a tunnel's session in BIRD, whose symbols have at most 64 letters, digits and '_'. An id that is longer or has other
    /// characters than the provider's ids is told apart from others by a hash.
    /// </summary>
    public static string ProtocolName(string connection, int tunnel) => string.Create(CultureInfo.InvariantCulture, $"tunnel{tunnel}_{Symbol(connection)}");

    /// <summary>The name of the static protocol that announces the halves of a connection's ranges through one tunnel while it is enabled.</summary>
    public static string HalvesName(string connection, int tunnel) => string.Create(CultureInfo.InvariantCulture, $"halves{tunnel}_{Symbol(connection)}");

    /// <summary>The name of the static protocol that announces the quarters of a connection's ranges through one tunnel while it is enabled.</summary>
    public static string QuartersName(string connection, int tunnel) => string.Create(CultureInfo.InvariantCulture, $"quarters{tunnel}_{Symbol(connection)}");

    /// <summary>The name of the static protocol that makes a tunnel's routes the last choice while it is enabled.</summary>
    public static string HoldDownName(string connection, int tunnel) => string.Create(CultureInfo.InvariantCulture, $"holddown{tunnel}_{Symbol(connection)}");

    /// <summary>Whether there is another tunnel whose routes can be preferred during a hold-down.</summary>
    public static bool HasHoldDowns(DesiredConnection connection) => connection.Role == GatewayRole.Initiator && connection.Tunnels.Count(tunnel => tunnel.Bgp is not null) > 1;

    /// <summary>The more-specific halves of a connection's ranges, as far as the prefix limit allows; none at the cloud's end and for a single tunnel.</summary>
    public static IReadOnlyList<Cidr> Halves(DesiredConnection connection) =>
        HasHoldDowns(connection) ? Parts(connection.LocalRanges, 1, PrefixLimit - connection.LocalRanges.Count) : [];

    /// <summary>The quarters of a connection's ranges, as far as the prefix limit allows beside the ranges and their halves; none where there are no halves.</summary>
    public static IReadOnlyList<Cidr> Quarters(DesiredConnection connection) =>
        HasHoldDowns(connection) ? Parts(connection.LocalRanges, 2, PrefixLimit - connection.LocalRanges.Count - Halves(connection).Count) : [];

    /// <summary>The ranges cut into parts whose prefixes are longer by some bits, at most so many parts; a range has all of its parts or none.</summary>
    private static Cidr[] Parts(IReadOnlyList<Cidr> ranges, int bits, int limit)
    {
        var parts = 1 << bits;
        return [.. ranges
            .Where(range => range.PrefixLength + bits <= 32)
            .Take(Math.Max(0, limit / parts))
            .SelectMany(range => Enumerable.Range(0, parts).Select(part => new Cidr(range.Network.Offset(range.Size / parts * part), range.PrefixLength + bits)))];
    }

    private static string Symbol(string connection)
    {
        var symbol = new string([.. connection.Take(MaximumIdInSymbol).Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_')]);
        var plain = connection.Length <= MaximumIdInSymbol && connection.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
        var rest = plain ? "" : "_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(connection)).AsSpan(0, 6));
        return symbol + rest;
    }

    private static void Kernel(StringBuilder text, DesiredGateway gateway, Ipv4Address? source)
    {
        var preferredSource = source is { } address ? $"krt_prefsrc = {address}; " : "";
        var paths = gateway.Connections.Any(connection => connection.EqualCost) ? "\n  merge paths on;" : "";
        var learn = gateway.Upstream is null ? "" : " learn;";
        var import = gateway.Upstream is null ? "import none;" : $"import where krt_source = {GatewayNames.RouteProtocol};";
        text.Append($$"""
            protocol kernel {
              scan time 10;{{learn}}{{paths}}
              ipv4 {
                {{import}}
                export filter { if source = RTS_BGP then { {{preferredSource}}accept; } reject; };
              };
            }

            """);
    }

    private static void Announced(StringBuilder text, IReadOnlyList<BirdTunnel> tunnels)
    {
        var ranges = tunnels.SelectMany(tunnel => tunnel.Connection.LocalRanges).Distinct().Order().ToList();
        if (ranges.Count == 0) return;
        text.Append("protocol static announced {\n  ipv4;\n");
        foreach (var range in ranges) text.Append($"  route {range} unreachable;\n");
        text.Append("}\n");
    }

    private static void MoreSpecific(StringBuilder text, string name, IReadOnlyList<Cidr> routes)
    {
        if (routes.Count == 0) return;
        text.Append($"protocol static {name} {{\n  disabled;\n  ipv4;\n");
        foreach (var route in routes) text.Append($"  route {route} unreachable;\n");
        text.Append("}\n");
    }

    /// <summary>
    /// Import filters cannot be switched, tables can. A hold-down is an entry in a table that is BIRD's for route origins (the user's guide, "roa_check()"):
    /// when it comes or goes, BIRD looks at the session's routes again by itself.
    /// </summary>
    private static void HoldDowns(StringBuilder text, IReadOnlyList<BirdTunnel> tunnels)
    {
        if (tunnels.Count == 0) return;
        text.Append("roa4 table hold_downs;\n");
        foreach (var (connection, tunnel, _) in tunnels)
            text.Append($"protocol static {HoldDownName(connection.Id, tunnel.Number)} {{\n  disabled;\n  roa4 {{ table hold_downs; }};\n  route {tunnel.RemoteInside}/32 max 32 as {tunnel.Number};\n}}\n");
    }

    private static void Session(StringBuilder text, BirdTunnel item)
    {
        var (connection, tunnel, device) = item;
        var session = tunnel.Bgp!;
        var preferred = connection.PreferredTunnel;
        var localPreference = preferred == tunnel.Number ? $"bgp_local_pref = {PreferredLocalPreference}; " : "";
        var (holdDown, table) = HasHoldDowns(connection)
            ? ($"if roa_check(hold_downs, {tunnel.RemoteInside}/32, {tunnel.Number}) = ROA_VALID then bgp_local_pref = {HeldBackLocalPreference}; ", "import table on;")
            : ("", "");
        // Without "keep filtered" BIRD counts only what its filter accepts (the user's guide, "receive limit").
        var limit = session.PrefixLimit is { } prefixes ? $"import keep filtered; receive limit {prefixes} action disable;" : "";
        text.Append($$"""
            protocol bgp {{ProtocolName(connection.Id, tunnel.Number)}} {
              description "{{Quotable(GatewayNames.Connection(connection.Id, tunnel.Number))}}";
              local {{tunnel.LocalInside.Address}} as {{session.LocalAsn}};
              neighbor {{tunnel.RemoteInside}} as {{session.RemoteAsn}};
              interface "{{device}}";
              direct;
              bfd on;
              hold time {{session.HoldSeconds}};
              keepalive time {{Math.Max(1, session.HoldSeconds / 3)}};
              connect delay time 1;
              connect retry time 3;
              error wait time 3, 10;
              ipv4 {
                next hop self;
                {{limit}}{{table}}
                import filter { if {{Acceptable(connection)}} then { {{localPreference}}{{holdDown}}accept; } reject; };
                export filter { if {{Announceable(connection, tunnel)}} then { {{ExportAttributes(connection, tunnel)}}accept; } reject; };
              };
            }

            """);
    }

    /// <summary>BIRD's strings end at the next quote and know no escape.</summary>
    private static string Quotable(string text) => new([.. text.Take(200).Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' ? c : '_')]);

    /// <summary>Registered or given ranges; without any, everything but the default route, the inside networks and our own ranges.</summary>
    private static string Acceptable(DesiredConnection connection)
    {
        if (connection.RemoteRanges.Count > 0) return $"net ~ [ {string.Join(", ", connection.RemoteRanges.Select(range => $"{range}+"))} ]";
        var refused = connection.LocalRanges.Append(InsideNetwork.LinkLocal).Select(range => $"{range}+").Prepend("0.0.0.0/0");
        return $"! (net ~ [ {string.Join(", ", refused)} ])";
    }

    private static string Announceable(DesiredConnection connection, DesiredTunnel tunnel)
    {
        if (connection.LocalRanges.Count == 0) return "false";
        var ranges = $"net ~ [ {string.Join(", ", connection.LocalRanges)} ]";
        if (Halves(connection).Count > 0) ranges += $" || proto = \"{HalvesName(connection.Id, tunnel.Number)}\"";
        if (Quarters(connection).Count > 0) ranges += $" || proto = \"{QuartersName(connection.Id, tunnel.Number)}\"";
        return ranges;
    }

    private static string ExportAttributes(DesiredConnection connection, DesiredTunnel tunnel)
    {
        var text = new StringBuilder();
        if (tunnel.Bgp!.MultiExitDiscriminator is { } med) text.Append($"bgp_med = {med}; ");
        if (connection.PreferredTunnel is { } preferred && preferred != tunnel.Number)
        {
            for (var i = 0; i < Prepending; i++) text.Append($"bgp_path.prepend({tunnel.Bgp.LocalAsn}); ");
        }

        return text.ToString();
    }

    private static void Upstream(StringBuilder text, UpstreamSession session, IReadOnlyList<UpstreamDiscriminator> discriminators)
    {
        var own = string.Concat(discriminators.Select(one => $"\n      if ifname = \"{one.Interface}\" then bgp_med = {one.Discriminator};"));
        if (session.OwnAddresses.Count > 0) text.Append($"protocol static own {{\n  ipv4;\n{string.Concat(session.OwnAddresses.Select(address => $"  route {address}/32 unreachable;\n"))}}}\n");
        text.Append($$"""
            protocol bgp upstream {
              local {{session.LocalAddress}} as {{session.LocalAsn}};
              neighbor {{session.Neighbor}} as {{session.NeighborAsn}};
              direct;
              bfd on;
              hold time 30;
              connect delay time 1;
              connect retry time 3;
              error wait time 1, 5;
              ipv4 {
                next hop self;
                import none;
                export filter {
                  if proto = "announced" then reject;
                  bgp_med = {{session.MultiExitDiscriminator}};{{own}}
                  accept;
                };
              };
            }

            """);
    }
}
