using System.Globalization;

namespace Tunnelwright.Diagnosis;

/// <summary>What strongswan.conf (strongswan.conf(5)) says about where charon listens and writes.</summary>
internal sealed class StrongswanConf
{
    private static readonly string[] Daemons = ["charon-systemd", "charon"];

    private readonly Dictionary<string, Setting> _values = new(StringComparer.Ordinal);

    /// <summary>The control socket of the vici plugin; null for the compiled-in one.</summary>
    public string? ViciSocket => Get("plugins.vici.socket") is { Text: var text } && text.StartsWith("unix://", StringComparison.Ordinal) ? text["unix://".Length..] : null;

    /// <summary>UDP port of IKE.</summary>
    public int IkePort => Port("port") ?? 500;

    /// <summary>UDP port of IKE and ESP under NAT traversal.</summary>
    public int NatPort => Port("port_nat_t") ?? 4500;

    /// <summary>The log files. The name of a section that is a path is one, too, as older versions have it.</summary>
    public IReadOnlyList<string> LogFiles
    {
        get
        {
            var files = new List<string>();
            foreach (var (key, setting) in _values)
            {
                foreach (var daemon in Daemons)
                {
                    if (!key.StartsWith($"{daemon}.filelog.", StringComparison.Ordinal)) continue;
                    var section = key[$"{daemon}.filelog.".Length..];
                    if (section.StartsWith('/') && section.LastIndexOf('.') is > 0 and var dot) files.Add(section[..dot]);
                    else if (section.EndsWith(".path", StringComparison.Ordinal)) files.Add(setting.Text);
                }
            }

            return [.. files.Where(file => file.StartsWith('/')).Distinct(StringComparer.Ordinal)];
        }
    }

    /// <summary>Reads a file and what it includes; a file that is not there says nothing.</summary>
    public static StrongswanConf Read(string file, ConfigurationFolder folder)
    {
        var conf = new StrongswanConf();
        if (folder.Read(file) is { } text) new Reader(file, [], conf, folder).Read(text);
        return conf;
    }

    private Setting? Get(string key)
    {
        foreach (var daemon in Daemons)
        {
            if (_values.TryGetValue($"{daemon}.{key}", out var setting)) return setting;
        }

        return null;
    }

    private int? Port(string key) => Get(key) is { } setting && int.TryParse(setting.Text, NumberStyles.None, null, out var port) && port is > 0 and < 65536 ? port : null;

    private sealed class Reader(string source, IReadOnlyList<string> outer, StrongswanConf conf, ConfigurationFolder folder) : SectionReader(source, outer)
    {
        public void Read(string text) => ReadSections(text);

        protected override void Value(string key, Setting setting) => conf._values[string.Join('.', Path.Append(key))] = setting;

        protected override void Include(string pattern)
        {
            List<string> around = [.. Path];
            folder.Include(pattern, Source, (file, text) => new Reader(file, around, conf, folder).Read(text));
        }
    }
}
