using System.Globalization;

namespace Tunnelwright.Diagnosis;

/// <summary>swanctl.conf (swanctl.conf(5), strongswan.conf(5) for the syntax): sections in braces, settings, includes.</summary>
internal sealed class SwanctlReader(string source, DeviceConfiguration configuration, ConfigurationFaults faults)
{
    private const int MaximumDepth = 16;

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

    private readonly List<(string Name, int Line)> _path = [];
    private readonly Dictionary<string, DeviceConnection> _connections = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (int Line, string? Key, List<string> Owners)> _secrets = new(StringComparer.Ordinal);

    /// <summary>Whether a text looks like one.</summary>
    public static bool Recognises(string text) => ConfigurationText.HasSection(text, "connections") || (ConfigurationText.HasSection(text, "secrets") && text.Contains("secret", StringComparison.Ordinal));

    public void Read(string text)
    {
        var number = 0;
        foreach (var raw in ConfigurationText.Lines(text))
        {
            number++;
            Line(ConfigurationText.WithoutComment(raw), number);
        }

        foreach (var (name, line) in _path.Take(3)) faults.Syntax(source, line, $"the section '{name}' is not closed with a brace");
        foreach (var connection in _connections.Values) configuration.Connections.Add(connection);
        foreach (var (_, (line, key, owners)) in _secrets)
        {
            if (key is not null) configuration.Keys.Add(new DeviceKey(source, line, owners, key));
        }

        configuration.HasKeyFile |= _secrets.Count > 0;
    }

    private void Line(string line, int number)
    {
        var rest = line.Trim();
        while (rest.Length > 0)
        {
            if (rest[0] == '}')
            {
                if (_path.Count > 0) _path.RemoveAt(_path.Count - 1);
                else faults.Syntax(source, number, "a closing brace without a section");
                rest = rest[1..].TrimStart();
                continue;
            }

            if (rest.StartsWith("include ", StringComparison.Ordinal) || rest == "include") return;
            var open = rest.IndexOf('{', StringComparison.Ordinal);
            var equals = rest.IndexOf('=', StringComparison.Ordinal);
            if (open >= 0 && (equals < 0 || open < equals))
            {
                var name = rest[..open].Trim();
                var colon = name.IndexOf(':', StringComparison.Ordinal);
                if (colon > 0) name = name[..colon].Trim();
                if (name.Length == 0 || name.Contains(' ')) faults.Syntax(source, number, $"'{name}' is not the name of a section");
                if (_path.Count >= MaximumDepth)
                {
                    faults.Syntax(source, number, "sections are nested too deep");
                    return;
                }

                _path.Add((name, number));
                Section(number);
                rest = rest[(open + 1)..].TrimStart();
                continue;
            }

            if (equals <= 0)
            {
                faults.Syntax(source, number, $"'{rest}' is neither a setting (name = value) nor a section");
                return;
            }

            var key = rest[..equals].Trim();
            var value = rest[(equals + 1)..].Trim();
            var close = Quoted(value) ? -1 : value.IndexOf('}', StringComparison.Ordinal);
            rest = close < 0 ? "" : value[close..];
            Value(key, ConfigurationText.Unquote(close < 0 ? value : value[..close].Trim()), number);
        }
    }

    private static bool Quoted(string value) => value.StartsWith('"');

    private void Section(int number)
    {
        if (Is(0, "connections") && _path.Count == 2) Connection(number);
        if (Is(0, "connections") && Is(2, "children") && _path.Count == 4) Connection(number).Children.Add(new Setting(_path[3].Name, number));
        if (Is(0, "secrets") && _path.Count == 2 && (_path[1].Name.StartsWith("ike", StringComparison.Ordinal) || _path[1].Name.StartsWith("psk", StringComparison.Ordinal))) Secret(number);
    }

    private bool Is(int depth, string name) => _path.Count > depth && _path[depth].Name == name;

    private DeviceConnection Connection(int number)
    {
        var name = _path[1].Name;
        if (!_connections.TryGetValue(name, out var connection)) _connections[name] = connection = new DeviceConnection(source, name, number) { Version = null };
        return connection;
    }

    private (int Line, string? Key, List<string> Owners) Secret(int number)
    {
        var name = _path[1].Name;
        return _secrets.TryGetValue(name, out var known) ? known : _secrets[name] = (number, null, []);
    }

    private void Value(string key, string value, int number)
    {
        var setting = new Setting(value, number);
        if (Is(0, "connections") && _path.Count >= 2) ConnectionValue(Connection(number), key, setting);
        else if (Is(0, "secrets") && _path.Count == 2 && _secrets.ContainsKey(_path[1].Name))
        {
            var (line, secret, owners) = Secret(number);
            if (key == "secret") _secrets[_path[1].Name] = (number, value, owners);
            else if (key.StartsWith("id", StringComparison.Ordinal)) owners.Add(value);
            _ = (line, secret);
        }
    }

    private void ConnectionValue(DeviceConnection connection, string key, Setting setting)
    {
        if (_path.Count == 2)
        {
            if (!ConnectionKeys.Contains(key)) faults.Syntax(source, setting.Line, $"'{key}' is not a setting of a connection");
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
                case "dpd_delay": connection.Dpd = setting; break;
                case "rekey_time" or "reauth_time" when Seconds(setting) is { } seconds and > 0: connection.IkeSeconds = setting with { Text = seconds.ToString(CultureInfo.InvariantCulture) }; break;
            }
        }
        else if (_path.Count == 3 && _path[2].Name.StartsWith("local", StringComparison.Ordinal))
        {
            if (key == "id") connection.LocalId = setting;
            if (key == "auth") connection.Authentication = setting;
        }
        else if (_path.Count == 3 && _path[2].Name.StartsWith("remote", StringComparison.Ordinal))
        {
            if (key == "id") connection.RemoteId = setting;
        }
        else if (_path.Count == 4 && Is(2, "children"))
        {
            if (!ChildKeys.Contains(key)) faults.Syntax(source, setting.Line, $"'{key}' is not a setting of a child");
            switch (key)
            {
                case "esp_proposals": connection.EspProposals = setting; break;
                case "life_time" when Seconds(setting) is { } life: connection.EspSeconds = setting with { Text = life.ToString(CultureInfo.InvariantCulture) }; break;
                case "rekey_time" when Seconds(setting) is { } rekey: connection.EspRekeySeconds = setting with { Text = rekey.ToString(CultureInfo.InvariantCulture) }; break;
                case "mode": connection.Mode = setting; break;
                case "start_action": connection.Start = setting; break;
            }
        }
    }

    private int? Seconds(Setting setting)
    {
        if (Model.Lifetime.TryParse(setting.Text, out var lifetime)) return lifetime.Seconds;
        if (setting.Text == "0") return 0;
        faults.Syntax(source, setting.Line, $"'{setting.Text}' is not a time such as 3600 or 1h");
        return null;
    }
}
