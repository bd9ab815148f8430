namespace Tunnelwright.Formats;

/// <summary>Routing on pfSense and OPNsense, which both run FRR and name gateways before routes.</summary>
internal static class BsdFrr
{
    /// <summary>The steps that make routes.</summary>
    /// <param name="text">Where they are written.</param>
    /// <param name="connection">The connection.</param>
    /// <param name="step">The first step's number.</param>
    public static void Routes(ConfigurationText text, DeviceConnection connection, int step)
    {
        if (connection.IsBgp)
        {
            text.Line($"{step}. Package FRR: enable it, Global Settings > Raw Config: frr-bgp.txt. Pass TCP 179 from the cloud's inside addresses on both interfaces.");
            return;
        }

        text.Line($"{step}. System > Routing > Gateways, with monitoring, which also keeps the tunnels alive (probe interval 5000 ms, down after 3 losses):");
        foreach (var tunnel in connection.Tunnels) text.Line($"   {tunnel.Name}: interface of {tunnel.Name}, gateway and monitor address {tunnel.NextHop}");
        var order = connection.InOrderOfPreference.ToList();
        text.Line($"   Gateway group {connection.Name}: {string.Join(", ", order.Select((tunnel, index) => $"{tunnel.Name} tier {index + 1}"))}; trigger: member down");
        if (connection.Connection.CloudRanges.Count == 0)
        {
            text.Line($"{step + 1}. The cloud's range is not known, so no route is named. Give cloud-range.");
            return;
        }

        text.Line($"{step + 1}. System > Routing > Static Routes, and a rule on the inner interface that sends the same ranges through the gateway group (a static route has one gateway only):");
        foreach (var range in connection.Connection.CloudRanges) text.Line($"   {range} via {order[0].Name}; rule: destination {range}, gateway {connection.Name}");
    }

    /// <summary>FRR's own configuration, as its writer has it, without interface names that these systems give themselves.</summary>
    public static string Bgp(DeviceConnection connection) => new FrrWriter().Write(connection.Connection, connection.Settings)[0].Content;
}
