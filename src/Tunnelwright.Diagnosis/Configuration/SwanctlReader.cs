using System.Globalization;

namespace Tunnelwright.Diagnosis;

/// <summary>swanctl.conf (swanctl.conf(5)).</summary>
/// <param name="source">The file.</param>
/// <param name="configuration">Takes connections and keys.</param>
/// <param name="faults">Takes what is wrong.</param>
/// <param name="folder">Reads the files that includes name; null where only this file was given.</param>
/// <param name="outer">The sections around the include that brought this file.</param>
internal sealed class SwanctlReader(string source, DeviceConfiguration configuration, ConfigurationFaults faults, ConfigurationFolder? folder = null, IReadOnlyList<string>? outer = null)
    : SectionReader(source, outer ?? [])
{
    private static readonly HashSet<string> ConnectionKeys = new(StringComparer.Ordinal)
    {
        "version", "local_addrs", "remote_addrs", "local_port", "remote_port", "proposals", "vips", "aggressive", "pull", "dscp", "encap", "mobike", "dpd_delay", "dpd_timeout",
        "fragmentation", "childless", "send_certreq", "send_cert", "ocsp", "ppk_id", "ppk_required", "keyingtries", "unique", "reauth_time", "rekey_time", "over_time", "rand_time", "pools",
        "if_id_in", "if_id_out", "mediation", "mediated_by", "mediation_peer", "children",
    };

    private static readonly HashSet<string> ChildKeys = new(StringComparer.Ordinal)
    {
        "ah_proposals", "esp_proposals", "sha256_96", "local_ts", "remote_ts", "rekey_time", "life_time", "rand_time", "rekey_bytes", "life_bytes", "rand_bytes", "rekey_packets", "life_packets",
        "rand_packets", "updown", "hostaccess", "mode", "policies", "policies_fwd_out", "dpd_action", "ipcomp", "inactivity", "reqid", "priority", "interface", "mark_in", "mark_in_sa", "mark_out",
        "set_mark_in", "set_mark_out", "if_id_in", "if_id_out", "label", "label_mode", "tfc_padding", "replay_window", "hw_offload", "copy_df", "copy_ecn", "copy_dscp", "start_action", "close_action",
        "per_cpu_sas",
    };

    private readonly Dictionary<string, DeviceConnection> _connections = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (int Line, string? Key, List<string> Owners)> _secrets = new(StringComparer.Ordinal);

    /// <summary>Whether a text looks like one.</summary>
    public static bool Recognises(string text) => ConfigurationText.HasSection(text, "connections") || (ConfigurationText.HasSection(text, "secrets") && text.Contains("secret", StringComparison.Ordinal));

    public void Read(string text)
    {
        ReadSections(text);
        foreach (var connection in _connections.Values) configuration.Connections.Add(connection);
        foreach (var (_, (line, key, owners)) in _secrets)
        {
            if (key is not null) configuration.Keys.Add(new DeviceKey(Source, line, owners, key));
        }

        configuration.HasKeyFile |= _secrets.Count > 0;
    }

    protected override void Fault(int line, string text) => faults.Syntax(Source, line, text);

    protected override void Include(string pattern)
    {
        List<string> around = [.. Path];
        folder?.Include(pattern, Source, (file, text) => new SwanctlReader(file, configuration, faults, folder, around).Read(text));
    }

    protected override void Begin(int line)
    {
        if (Is(0, "connections") && Depth == 2) Connection(line);
        if (Is(0, "connections") && Is(2, "children") && Depth == 4) Connection(line).Children.Add(new Setting(NameAt(3), line));
        if (Is(0, "secrets") && Depth == 2 && (NameAt(1).StartsWith("ike", StringComparison.Ordinal) || NameAt(1).StartsWith("psk", StringComparison.Ordinal))) Secret(line);
    }

    private DeviceConnection Connection(int number)
    {
        var name = NameAt(1);
        if (!_connections.TryGetValue(name, out var connection)) _connections[name] = connection = new DeviceConnection(Source, name, number) { Version = null };
        return connection;
    }

    private (int Line, string? Key, List<string> Owners) Secret(int number)
    {
        var name = NameAt(1);
        return _secrets.TryGetValue(name, out var known) ? known : _secrets[name] = (number, null, []);
    }

    protected override void Value(string key, Setting setting)
    {
        var (value, number) = setting;
        if (Is(0, "connections") && Depth >= 2) ConnectionValue(Connection(number), key, setting);
        else if (Is(0, "secrets") && Depth == 2 && _secrets.ContainsKey(NameAt(1)))
        {
            var (line, secret, owners) = Secret(number);
            if (key == "secret") _secrets[NameAt(1)] = (number, value, owners);
            else if (key.StartsWith("id", StringComparison.Ordinal)) owners.Add(value);
            _ = (line, secret);
        }
    }

    private void ConnectionValue(DeviceConnection connection, string key, Setting setting)
    {
        if (Depth == 2)
        {
            if (!ConnectionKeys.Contains(key)) faults.Syntax(Source, setting.Line, $"'{key}' is not a setting of a connection");
            switch (key)
            {
                case "version":
                    connection.VersionSetting = setting;
                    connection.Version = setting.Text switch { "1" => 1, "2" => 2, _ => null };
                    break;
                case "local_addrs": connection.Local = setting; break;
                case "remote_addrs": connection.Remote = setting; break;
                case "proposals": connection.IkeProposals = setting; break;
                case "aggressive": connection.Aggressive = setting; break;
                case "if_id_out": connection.InterfaceId = setting; break;
                case "dpd_delay": connection.Dpd = setting; break;
                case "rekey_time" or "reauth_time" when Seconds(setting) is { } seconds and > 0: connection.IkeSeconds = setting with { Text = seconds.ToString(CultureInfo.InvariantCulture) }; break;
            }
        }
        else if (Depth == 3 && NameAt(2).StartsWith("local", StringComparison.Ordinal))
        {
            if (key == "id") connection.LocalId = setting;
            if (key == "auth") connection.Authentication = setting;
        }
        else if (Depth == 3 && NameAt(2).StartsWith("remote", StringComparison.Ordinal))
        {
            if (key == "id") connection.RemoteId = setting;
        }
        else if (Depth == 4 && Is(2, "children"))
        {
            if (!ChildKeys.Contains(key)) faults.Syntax(Source, setting.Line, $"'{key}' is not a setting of a child");
            switch (key)
            {
                case "esp_proposals": connection.EspProposals = setting; break;
                case "life_time" when Seconds(setting) is { } life: connection.EspSeconds = setting with { Text = life.ToString(CultureInfo.InvariantCulture) }; break;
                case "rekey_time" when Seconds(setting) is { } rekey: connection.EspRekeySeconds = setting with { Text = rekey.ToString(CultureInfo.InvariantCulture) }; break;
                case "mode": connection.Mode = setting; break;
                case "start_action": connection.Start = setting; break;
                case "local_ts": connection.LocalSelectors.Add(setting); break;
                case "remote_ts": connection.RemoteSelectors.Add(setting); break;
                case "if_id_out": connection.InterfaceId = setting; break;
            }
        }
    }

    private int? Seconds(Setting setting)
    {
        if (Model.Lifetime.TryParse(setting.Text, out var lifetime)) return lifetime.Seconds;
        if (setting.Text == "0") return 0;
        faults.Syntax(Source, setting.Line, $"'{setting.Text}' is not a time such as 3600 or 1h");
        return null;
    }
}
