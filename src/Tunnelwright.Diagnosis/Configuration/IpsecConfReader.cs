using System.Globalization;

namespace Tunnelwright.Diagnosis;

/// <summary>ipsec.conf of strongSwan, Openswan and Libreswan (ipsec.conf(5)), and ipsec.secrets (ipsec.secrets(5)).</summary>
/// <param name="source">The file.</param>
/// <param name="configuration">Takes connections and keys.</param>
/// <param name="faults">Takes what is wrong.</param>
/// <param name="folder">Reads the files that includes name; null where only this file was given.</param>
internal sealed class IpsecConfReader(string source, DeviceConfiguration configuration, ConfigurationFaults faults, ConfigurationFolder? folder = null)
{
    private readonly Dictionary<string, (Dictionary<string, Setting> Settings, string File)> _sections = new(StringComparer.Ordinal);
    private readonly List<(string Name, int Line, string File)> _order = [];
    private bool _isLibreswan;

    /// <summary>Whether a text looks like an ipsec.conf.</summary>
    public static bool Recognises(string text)
    {
        foreach (var line in ConfigurationText.Lines(text).Take(20_000))
        {
            if (IsHeading(line, "conn") || line.AsSpan().TrimEnd() is "config setup") return true;
        }

        return false;
    }

    /// <summary>Whether a text looks like an ipsec.secrets.</summary>
    public static bool RecognisesSecrets(string text) => ConfigurationText.Lines(text).Take(20_000).Any(line => Key(line) is not null);

    public void Read(string text)
    {
        Sections(source, text);
        foreach (var (name, line, file) in _order)
        {
            if (name != "%default") Build(name, line, file);
        }
    }

    /// <summary>ipsec.secrets and what it includes.</summary>
    public void ReadSecrets(string text)
    {
        configuration.HasKeyFile = true;
        Secrets(source, text);
    }

    private void Secrets(string file, string text)
    {
        var number = 0;
        foreach (var line in ConfigurationText.Lines(text))
        {
            number++;
            if (IncludeOf(line) is { } pattern) folder?.Include(pattern, file, Secrets);
            else Secret(line, number, file);
        }
    }

    private void Sections(string file, string text)
    {
        Dictionary<string, Setting>? section = null;
        var isConnection = false;
        var number = 0;
        foreach (var raw in ConfigurationText.Lines(text))
        {
            number++;
            if (Key(raw) is not null)
            {
                Secret(raw, number, file);
                continue;
            }

            var line = ConfigurationText.WithoutComment(raw);
            if (line.AsSpan().Trim().Length == 0) continue;
            if (IsHeading(line, "conn") || IsHeading(line, "config") || IsHeading(line, "ca"))
            {
                isConnection = IsHeading(line, "conn");
                var name = line[(line.IndexOf(' ', StringComparison.Ordinal) is var blank and >= 0 ? blank : line.IndexOf('\t', StringComparison.Ordinal))..].Trim();
                section = isConnection ? Section(name, number, file) : new Dictionary<string, Setting>(StringComparer.Ordinal);
                continue;
            }

            if (IncludeOf(line) is { } pattern) folder?.Include(pattern, file, Sections);
            if (line.StartsWith("include", StringComparison.Ordinal) || line.StartsWith("version", StringComparison.Ordinal)) continue;
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (section is null || equals <= 0)
            {
                faults.Syntax(file, number, equals <= 0 ? $"'{line.Trim()}' is neither a section nor a setting (name=value)" : $"'{line[..equals].Trim()}' stands outside any section");
                continue;
            }

            var key = line[..equals].Trim().ToLowerInvariant();
            if (isConnection) section[key] = new Setting(ConfigurationText.Unquote(line[(equals + 1)..].Trim()), number);
        }
    }

    private static string? IncludeOf(string line) =>
        line.StartsWith("include", StringComparison.Ordinal) && line.Length > 8 && line["include".Length] is ' ' or '\t' ? ConfigurationText.Unquote(ConfigurationText.WithoutComment(line)["include".Length..].Trim()) : null;

    private static bool IsHeading(string line, string word) => line.StartsWith(word, StringComparison.Ordinal) && line.Length > word.Length + 1 && line[word.Length] is ' ' or '\t' && !line.Contains('=');

    /// <summary>Where the key begins in a line such as '192.0.2.1 198.51.100.2 : PSK "…"'; null when the line is no such line.</summary>
    private static int? Key(string line)
    {
        var at = line.IndexOf("PSK", StringComparison.OrdinalIgnoreCase);
        if (at < 1 || line.TrimStart().StartsWith('#')) return null;
        var before = line.AsSpan(0, at).TrimEnd();
        return before.EndsWith(":") && line.AsSpan(at + 3).TrimStart() is { Length: > 0 } rest && rest[0] is '"' or '\'' or '0' ? at + 3 : null;
    }

    private void Secret(string line, int number, string file)
    {
        if (Key(line) is not { } at) return;
        configuration.HasKeyFile = true;
        var value = line[at..].Trim();
        if (value[0] is '"' or '\'')
        {
            var close = value.IndexOf(value[0], 1);
            if (close < 0) faults.Syntax(file, number, "the quote of a key is not closed");
            value = close < 0 ? value[1..] : value[1..close];
        }

        var owners = line[..line.LastIndexOf(':', at - 3)].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        configuration.Keys.Add(new DeviceKey(file, number, owners, value));
    }

    private Dictionary<string, Setting> Section(string name, int number, string file)
    {
        if (_sections.TryGetValue(name, out var known)) return known.Settings;
        _order.Add((name, number, file));
        var settings = new Dictionary<string, Setting>(StringComparer.Ordinal);
        _sections[name] = (settings, file);
        return settings;
    }

    private void Build(string name, int line, string file)
    {
        var values = new Dictionary<string, Setting>(StringComparer.Ordinal);
        Inherit(name, values, new Setting(file, line), 0);
        if (_sections.TryGetValue("%default", out var defaults)) Fill(defaults, values, new Setting(file, line));
        if (values.TryGetValue("auto", out var auto) && auto.Text == "ignore") return;
        _isLibreswan |= values.ContainsKey("phase2alg") || values.ContainsKey("ikev2") || values.ContainsKey("leftsubnets");
        if (!values.ContainsKey("right") && !values.ContainsKey("left")) return;
        var connection = new DeviceConnection(file, name, line)
        {
            Local = Get(values, "left"),
            Remote = Get(values, "right"),
            LocalId = Get(values, "leftid"),
            RemoteId = Get(values, "rightid"),
            IkeProposals = Get(values, "ike"),
            EspProposals = Get(values, "esp") ?? Get(values, "phase2alg"),
            IkeSeconds = Seconds(values, file, "ikelifetime"),
            EspSeconds = Seconds(values, file, "lifetime") ?? Seconds(values, file, "keylife") ?? Seconds(values, file, "salifetime") ?? Seconds(values, file, "ipsec-lifetime"),
            Dpd = Get(values, "dpddelay"),
            Mode = Get(values, "type"),
            Aggressive = Get(values, "aggressive") ?? Get(values, "aggrmode"),
            Start = auto.Text is null ? null : auto,
            Pfs = Get(values, "pfs"),
            Authentication = Get(values, "authby") ?? Get(values, "leftauth"),
        };
        Version(connection, values);
        foreach (var key in (ReadOnlySpan<string>)["leftsubnet", "leftsubnets"])
        {
            if (Get(values, key) is { } selector) connection.LocalSelectors.Add(selector);
        }

        foreach (var key in (ReadOnlySpan<string>)["rightsubnet", "rightsubnets"])
        {
            if (Get(values, key) is { } selector) connection.RemoteSelectors.Add(selector);
        }

        connection.Children.Add(new Setting(name, line));
        configuration.Connections.Add(connection);
    }

    private void Version(DeviceConnection connection, Dictionary<string, Setting> values)
    {
        if (values.TryGetValue("ikev2", out var ikev2))
        {
            connection.VersionSetting = ikev2;
            connection.Version = ikev2.Text is "insist" or "yes" or "propose" ? 2 : 1;
        }
        else if (values.TryGetValue("keyexchange", out var exchange))
        {
            connection.VersionSetting = exchange;
            connection.Version = exchange.Text switch { "ikev1" => 1, "ikev2" => 2, "ike" when _isLibreswan => 1, _ => null };
        }
    }

    private void Inherit(string name, Dictionary<string, Setting> into, Setting heading, int depth)
    {
        if (depth > 8 || !_sections.TryGetValue(name, out var section)) return;
        Fill(section, into, heading);
        if (section.Settings.TryGetValue("also", out var also)) Inherit(also.Text, into, heading, depth + 1);
    }

    /// <summary>Takes settings over. One of another file is told by the connection's own line (and file, the heading's text).</summary>
    private static void Fill((Dictionary<string, Setting> Settings, string File) from, Dictionary<string, Setting> into, Setting heading)
    {
        foreach (var (key, value) in from.Settings) into.TryAdd(key, from.File == heading.Text ? value : value with { Line = heading.Line });
    }

    private static Setting? Get(Dictionary<string, Setting> values, string key) => values.TryGetValue(key, out var value) ? value : null;

    private Setting? Seconds(Dictionary<string, Setting> values, string file, string key)
    {
        if (Get(values, key) is not { } setting) return null;
        if (Model.Lifetime.TryParse(setting.Text, out var lifetime)) return setting with { Text = lifetime.Seconds.ToString(CultureInfo.InvariantCulture) };
        faults.Syntax(file, setting.Line, $"'{setting.Text}' is not a time such as 3600s or 1h");
        return null;
    }
}
