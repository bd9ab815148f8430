using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Tunnelwright.Gateway.Tests;

/// <summary>The dashboard, the alert rules and the documentation speak of metrics that exist, with labels that they have.</summary>
public sealed class DeployFilesTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "deploy");

    private static readonly Dictionary<string, HashSet<string>> Exported = Export();

    [Fact]
    public void The_dashboard_is_JSON_whose_metrics_exist()
    {
        var dashboard = JsonNode.Parse(File.ReadAllText($"{Folder}/grafana-dashboard.json"))!;
        var panels = dashboard["panels"]!.AsArray().Select(panel => panel!).ToList();
        Assert.Equal(panels.Count, panels.Select(panel => panel["id"]!.GetValue<int>()).Distinct().Count());
        var expressions = panels.Where(panel => panel["targets"] is not null).SelectMany(panel => panel["targets"]!.AsArray()).Select(target => target!["expr"]!.GetValue<string>()).ToList();
        Assert.True(expressions.Count > 20);
        Assert.All(expressions, Check);
        Assert.All(dashboard["templating"]!["list"]!.AsArray().Select(variable => variable!["definition"]?.GetValue<string>()).OfType<string>(), CheckNames);
        Assert.All(dashboard["annotations"]!["list"]!.AsArray().Select(annotation => annotation!["expr"]!.GetValue<string>()), Check);

        // Nothing that the meter exports of tunnels and connections is left out of the dashboard, but the time that the timeline shows.
        var shown = string.Join('\n', expressions);
        Assert.Equal(
            ["process_start_time_seconds", "tunnelwright_bgp_downs_total", "tunnelwright_bgp_up", "tunnelwright_settled", "tunnelwright_tunnel_active", "tunnelwright_tunnel_state_since_timestamp_seconds"],
            Exported.Keys.Where(name => !Regex.IsMatch(shown, $@"\b{name}\b", RegexOptions.None, TimeSpan.FromSeconds(1))).Order());
    }

    [Fact]
    public void The_rules_are_YAML_whose_metrics_exist()
    {
        var yaml = new YamlStream();
        using (var text = File.OpenText($"{Folder}/prometheus-rules.yml")) yaml.Load(text);
        var group = Assert.Single((YamlSequenceNode)yaml.Documents[0].RootNode["groups"]);
        var rules = ((YamlSequenceNode)group["rules"]).Cast<YamlMappingNode>().ToList();
        Assert.Equal(
            ["AgentAbsent", "BgpDown", "ConnectionDown", "NamesDown", "NamesPublic", "NoPrefixes", "NotSettled", "PacketLoss", "RekeyOverdue", "TunnelDown", "TunnelFlapping"],
            rules.Select(rule => rule["alert"].ToString()["Tunnelwright".Length..]).Order());
        Assert.All(rules, rule =>
        {
            Check(rule["expr"].ToString());
            Assert.Contains(rule["labels"]["severity"].ToString(), (string[])["warning", "critical"]);
            Assert.NotEqual("", rule["annotations"]["summary"].ToString());
        });
    }

    [Fact]
    public void The_documentation_names_every_metric_and_no_other()
    {
        var text = File.ReadAllText($"{Folder}/monitoring.md");
        Assert.Equal(Exported.Keys.Order(), Names(text).Distinct().Order());
    }

    [Theory]
    [InlineData("tunnelwright_tunnel_upp == 0")]
    [InlineData("tunnelwright_tunnel_up{conection=\"x\"}")]
    [InlineData("sum by (connection, colour) (tunnelwright_tunnel_up)")]
    [InlineData("rate(tunnelwright_tunnel_up[1m]")]
    public void A_mistake_would_be_found(string expression) => Assert.ThrowsAny<Exception>(() => Check(expression));

    private static void Check(string expression)
    {
        CheckNames(expression);
        Assert.Equal(expression.Count(c => c == '('), expression.Count(c => c == ')'));
        foreach (var selector in Regex.Matches(expression, @"(?<name>(?:tunnelwright|process)_[a-z_]+)\{(?<labels>[^}]*)\}", RegexOptions.None, TimeSpan.FromSeconds(1)).Cast<Match>())
        {
            foreach (var label in selector.Groups["labels"].Value.Split(',').Select(part => part.Split('=', '!')[0]))
                Assert.True(label is "instance" or "job" || Exported[selector.Groups["name"].Value].Contains(label), $"{label} in {expression}");
        }

        foreach (var label in Regex.Matches(expression, @"by \((?<labels>[^)]*)\)", RegexOptions.None, TimeSpan.FromSeconds(1)).Cast<Match>().SelectMany(match => match.Groups["labels"].Value.Split(", ")))
            Assert.True(label is "instance" || Names(expression).Any(name => Exported[name].Contains(label)), $"{label} in {expression}");
    }

    private static void CheckNames(string expression)
    {
        var names = Names(expression).ToList();
        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.True(Exported.ContainsKey(name), $"{name} in {expression}"));
    }

    private static IEnumerable<string> Names(string text) =>
        Regex.Matches(text, @"\b(?:tunnelwright|process)_[a-z_]+", RegexOptions.None, TimeSpan.FromSeconds(1)).Select(match => match.Value);

    /// <summary>What a real meter exports, with the labels.</summary>
    private static Dictionary<string, HashSet<string>> Export()
    {
        using var meter = new GatewayMeter(() => MetricsTests.Status(MetricsTests.Up(1), MetricsTests.Down(2)), new TrafficTotals(), new EventCounts(), new PassCounts());
        var found = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var line in PrometheusPage.Write(meter.Meter).Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            var name = line.Split('{', ' ')[0];
            if (!found.TryGetValue(name, out var labels)) found[name] = labels = new HashSet<string>(StringComparer.Ordinal);
            labels.UnionWith(Regex.Matches(line, "(?<label>[a-z_]+)=\"", RegexOptions.None, TimeSpan.FromSeconds(1)).Select(match => match.Groups["label"].Value));
        }

        return found;
    }
}
