namespace Tunnelwright.EndToEnd;

/// <summary>Everything of a lab host that a gateway could change: links, addresses, routes, rules, filters, kernel settings, mounts, files, processes.</summary>
internal sealed class HostSnapshot
{
    private const string Script = """
        section() { printf '\n## %s\n' "$1"; }
        section links;     ip -d link
        section addresses; ip address
        section routes;    ip route show table all; ip -6 route show table all
        section rules;     ip rule; ip -6 rule
        section filters;   nft list ruleset
        section xfrm;      ip xfrm state 2>&1; ip xfrm policy 2>&1
        section settings;  cd /proc/sys/net && grep -r . ipv4/ip_forward ipv4/conf ipv6/conf/all 2>/dev/null | sort
        section mounts;    grep -v ' nsfs ' /proc/self/mountinfo | cut -d' ' -f 4-
        section files;     find /run /var/lib/tunnelwright -mindepth 1 ! -path /run/tunnelwright ! -path '/var/lib/tunnelwright/default' ! -path '/var/lib/tunnelwright/default/history.jsonl*' -printf '%p %y %m %u %l\n' | sort
        """;

    private readonly Dictionary<string, IReadOnlyList<string>> _sections;

    private HostSnapshot(Dictionary<string, IReadOnlyList<string>> sections) => _sections = sections;

    /// <summary>Looks at a host once its own addresses are settled (IPv6 addresses are tentative for a moment, RFC 4862 section 5.4).</summary>
    public static async Task<HostSnapshot> TakeAsync(TestLab lab, string host = TestLab.Gateway)
    {
        await Eventually.HoldsAsync("addresses are settled", TimeSpan.FromSeconds(30), async () => (await lab.OutputAsync(host, "ip", "-6", "address", "show", "tentative")).Length == 0);
        var sections = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var section in (await lab.OutputAsync(host, "sh", "-c", Script)).Split("## ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var lines = section.Split('\n', StringSplitOptions.TrimEntries);
            sections[lines[0]] = lines[1..];
        }

        sections["processes"] = [.. (await lab.ProcessesAsync(host)).Select(process => $"{process.Pid} {process.Name}")];
        return new HostSnapshot(sections);
    }

    /// <summary>Fails with the lines that are gone and the lines that are new.</summary>
    public void AssertSameAs(HostSnapshot before)
    {
        var differences = new List<string>();
        foreach (var (name, lines) in before._sections)
        {
            differences.AddRange(lines.Except(_sections[name], StringComparer.Ordinal).Select(line => $"{name}: - {line}"));
            differences.AddRange(_sections[name].Except(lines, StringComparer.Ordinal).Select(line => $"{name}: + {line}"));
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }
}
