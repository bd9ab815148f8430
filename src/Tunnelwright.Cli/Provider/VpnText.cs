using System.Globalization;
using System.Text.Json;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cli.Provider;

/// <summary>Connections of the service on a terminal.</summary>
internal static class VpnText
{
    /// <summary>One line.</summary>
    public static string Line(Connection connection) =>
        string.Create(CultureInfo.InvariantCulture, $"{connection.Id,-22} {Word(connection.State),-12} {connection.GatewayAddress,-15} {Word(connection.Routing),-6} tunnels {Tunnels(connection),-24} {Safe(connection.Purpose)}");

    /// <summary>Everything about one connection.</summary>
    public static IEnumerable<string> Lines(Connection connection)
    {
        yield return $"{connection.Id}  {Word(connection.State)}{(connection.Operation is { } operation ? $", {Word(operation.Kind)}: {operation.Step}" : "")}";
        yield return $"  purpose           {Safe(connection.Purpose)}";
        yield return $"  contact           {Safe(connection.ContactEmail)}";
        yield return $"  customer gateway  {connection.GatewayAddress}{(connection.CustomerAsn is { } asn ? $", AS {asn}" : "")}";
        yield return $"  routing           {Word(connection.Routing)}";
        yield return $"  ranges            {(connection.Ranges.Count == 0 ? "none" : string.Join(", ", connection.Ranges))}";
        yield return $"  cloud network     {connection.CloudNetwork}";
        yield return $"  device            {Safe(connection.Device)}{(connection.FileReady ? ", file ready" : "")}";
        foreach (var tunnel in connection.Tunnels)
        {
            var seen = tunnel.Observed;
            var traffic = seen?.Child is { } child ? string.Create(CultureInfo.InvariantCulture, $", {child.BytesIn} bytes in, {child.BytesOut} out") : "";
            var down = seen?.LastDown is { } last ? string.Create(CultureInfo.InvariantCulture, $", last down {last.At:yyyy-MM-ddTHH:mm:ssZ}: {Safe(last.Cause)}") : "";
            yield return $"  tunnel {tunnel.Number}          {tunnel.CloudAddress}, inside {tunnel.InsideNetwork}, {tunnel.FailureDomain ?? "no node"}, {(seen is null ? "unknown" : Word(seen.State))}{(tunnel.Programmed ? "" : ", being programmed")}{traffic}{down}";
            if (seen?.Bgp is { } bgp)
                yield return $"    BGP             {Safe(bgp.State)}, {bgp.PrefixesIn} in, {bgp.PrefixesOut} out, {bgp.PrefixesRefused} refused{(bgp.LastError is { } error ? $", last error: {Safe(error)}" : "")}";
            foreach (var domain in seen?.Names?.Domains ?? [])
                yield return $"    names           {Safe(domain.Domain)} from {Safe(string.Join(", ", domain.ServersUp.Concat(domain.ServersDown.Select(server => $"{server} (does not answer)"))))}";
        }
    }

    private static string Tunnels(Connection connection) => connection.Tunnels.Count == 0 ? "-" : string.Join(", ", connection.Tunnels.Select(tunnel => $"{tunnel.Number} {(tunnel.Observed is { } seen ? Word(seen.State) : "unknown")}"));

    /// <summary>A word of the contract.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    /// <summary>Texts of others move no cursor.</summary>
    public static string Safe(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}
