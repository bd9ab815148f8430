using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Tunnelwright.Formats.Tests;

/// <summary>Bicep, Terraform and CloudFormation: the documents are whole, and what they refer to is there. Their own tools are not on Debian.</summary>
public sealed partial class CloudTemplateTests
{
    public static TheoryData<string> Names => [.. DeviceSamples.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Everything_that_the_CloudFormation_template_refers_to_is_in_it(string name)
    {
        var root = Yaml(DeviceFiles.Find("cloudformation-gateway")!.Write(DeviceSamples.Of("cloudformation-gateway", name)).Content("template.yaml"));
        var parameters = Keys(root, "Parameters");
        var resources = Keys(root, "Resources");
        var conditions = Keys(root, "Conditions");
        var known = parameters.Concat(resources).ToHashSet(StringComparer.Ordinal);
        var used = new HashSet<string>(StringComparer.Ordinal);
        Walk(root, (key, value) =>
        {
            switch (key)
            {
                case "Ref":
                    Assert.Contains(Scalar(value), known);
                    used.Add(Scalar(value));
                    break;
                case "Fn::GetAtt":
                    Assert.Contains(Scalar(((YamlSequenceNode)value).Children[0]), resources);
                    break;
                case "Fn::Sub":
                    foreach (Match match in Placeholder().Matches(Scalar(value)))
                    {
                        var reference = match.Groups["name"].Value;
                        if (reference.StartsWith("AWS::", StringComparison.Ordinal)) continue;
                        Assert.Contains(reference, known);
                        used.Add(reference);
                    }

                    break;
                case "Condition" when value is YamlScalarNode:
                    Assert.Contains(Scalar(value), conditions);
                    break;
                case "DependsOn":
                    Assert.All(((YamlSequenceNode)value).Children, item => Assert.Contains(Scalar(item), resources));
                    break;
            }
        });
        Assert.Empty(parameters.Except(used));
        Assert.Contains("Route1", resources);
        var text = DeviceFiles.Find("cloudformation-gateway")!.Write(DeviceSamples.Of("cloudformation-gateway", name)).Content("template.yaml");
        Assert.Contains("SourceDestCheck: false", text, StringComparison.Ordinal);
        foreach (var endpoint in WriterSamples.Bgp.Tunnels.Select(tunnel => tunnel.CloudOutside))
        {
            foreach (var admitted in new[] { "'udp', FromPort: 500, ToPort: 500", "'udp', FromPort: 4500, ToPort: 4500", "'50'", "'51'" }) Assert.Contains($"IpProtocol: {admitted}, CidrIp: {endpoint}/32", text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Everything_that_the_Terraform_files_refer_to_is_in_them(string name)
    {
        var files = DeviceFiles.Find("terraform")!.Write(DeviceSamples.Of("terraform", name));
        var text = files.Content("main.tf");
        Balanced(text);
        var variables = Declared(text, @"^variable ""(\w+)""");
        Assert.Equal(variables.Order(StringComparer.Ordinal), Declared(text, @"\bvar\.(\w+)").Order(StringComparer.Ordinal));
        var things = Declared(text, @"^resource ""(\w+"" ""\w+)""").Concat(Declared(text, @"^data ""(\w+"" ""\w+)""").Select(thing => $"data.{thing}")).Select(thing => thing.Replace("\" \"", ".", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
        foreach (var reference in Declared(text, @"\b(data\.aws_\w+\.\w+)\b").Concat(Declared(text, @"(?<!data\.)\b(aws_\w+\.\w+)\b"))) Assert.Contains(reference, things);
        var locals = Declared(text, @"^  (\w+) *= \[");
        Assert.Superset(Declared(text, @"\blocal\.(\w+)").ToHashSet(StringComparer.Ordinal), locals.ToHashSet(StringComparer.Ordinal));
        Assert.Contains("source_dest_check = false", text, StringComparison.Ordinal);

        // What the script has in braces is what the call gives it.
        var call = text[text.IndexOf("templatefile(", StringComparison.Ordinal)..];
        var given = Declared(call[..call.IndexOf("})", StringComparison.Ordinal)], @"^    (\w+) +=");
        Assert.Equal(Declared(files.Content("user-data.sh.tftpl"), @"\$\{(\w+)\}").Order(StringComparer.Ordinal), given.Order(StringComparer.Ordinal));
        Assert.DoesNotContain("%{", files.Content("user-data.sh.tftpl"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_start_is_sound_shell_and_the_secret_is_the_connection()
    {
        using var folder = new TemporaryFolder();
        foreach (var id in WriterSamples.HostileIds.Append("vpn-0a1b2c3d4e5f60718"))
        {
            var connection = DeviceSamples.Of("terraform", "bgp-ikev2") with { Id = id };
            var files = DeviceFiles.Find("terraform")!.Write(connection);
            var (exitCode, output) = RealProgram.Run("/bin/bash", "bash", "-n", folder.Write("user-data.sh", files.Content("user-data.sh.tftpl")));
            Assert.True(exitCode == 0, output);
            var read = ProviderFile.Read(files.Content("connection.yaml")).Connection;
            Assert.NotNull(read);
            Assert.Equal(connection.Tunnels, read.Tunnels);
            Assert.Equal(connection.CustomerRanges, read.CustomerRanges);
            Assert.Equal(connection.CloudRanges, read.CloudRanges);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Everything_that_the_Bicep_file_refers_to_is_in_it(string name)
    {
        var files = DeviceFiles.Find("azure")!.Write(DeviceSamples.Of("azure", name));
        var text = files.Content("main.bicep");
        Balanced(text);
        var parameters = Declared(text, @"^param (\w+) ");
        var resources = Declared(text, @"^resource (\w+) ");
        foreach (var parameter in parameters) Assert.True(Regex.Count(WithoutComments(text), $@"\b{parameter}\b", RegexOptions.None, TimeSpan.FromSeconds(1)) >= 2, $"{parameter} is not used");
        foreach (var reference in Declared(text, @"\b(\w+)\.id\b")) Assert.Contains(reference, resources);
        foreach (var reference in Declared(text, @"^ +(?:sharedKey|location|name): (\w+)$")) Assert.Contains(reference, parameters);
        foreach (var reference in Declared(text, @"if \((\w+) ==")) Assert.Contains(reference, parameters);
        using var values = JsonDocument.Parse(files.Content("main.parameters.json"));
        Assert.All(values.RootElement.GetProperty("parameters").EnumerateObject(), value => Assert.Contains(value.Name, parameters));
        Assert.Equal(WriterSamples.FirstKey, values.RootElement.GetProperty("parameters").GetProperty("tunnel1Key").GetProperty("value").GetString());
        Assert.DoesNotContain(WriterSamples.FirstKey, text, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_ranges_the_templates_still_hold()
    {
        var bare = DeviceSamples.Of("terraform", "bgp-ikev2") with { CloudRanges = [], CustomerRanges = [] };
        Assert.Contains("Give cloud-range", DeviceFiles.Find("terraform")!.Write(bare).Content("main.tf"), StringComparison.Ordinal);
        var root = Yaml(DeviceFiles.Find("cloudformation-gateway")!.Write(bare).Content("template.yaml"));
        Assert.DoesNotContain("Route1", Keys(root, "Resources"));
    }

    private static List<string> Declared(string text, string pattern) =>
        [.. Regex.Matches(WithoutComments(text), pattern, RegexOptions.Multiline, TimeSpan.FromSeconds(1)).Select(match => match.Groups[1].Value).Distinct(StringComparer.Ordinal)];

    private static string WithoutComments(string text) => string.Join('\n', text.Split('\n').Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal) && !line.TrimStart().StartsWith("# ", StringComparison.Ordinal)));

    private static void Balanced(string text)
    {
        var open = new Stack<char>();
        var quoted = false;
        foreach (var c in WithoutComments(text).Replace("\\'", "", StringComparison.Ordinal))
        {
            if (c is '"') quoted = !quoted;
            if (quoted) continue;
            if (c is '{' or '[' or '(') open.Push(c);
            else if (c is '}' or ']' or ')') Assert.Equal(c switch { '}' => '{', ']' => '[', _ => '(' }, open.Pop());
        }

        Assert.Empty(open);
        Assert.False(quoted);
    }

    private static YamlMappingNode Yaml(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return (YamlMappingNode)Assert.Single(stream.Documents).RootNode;
    }

    private static HashSet<string> Keys(YamlMappingNode root, string section) => [.. ((YamlMappingNode)root.Children[new YamlScalarNode(section)]).Children.Keys.Select(Scalar)];

    private static string Scalar(YamlNode node) => ((YamlScalarNode)node).Value!;

    private static void Walk(YamlNode node, Action<string, YamlNode> visit)
    {
        if (node is YamlSequenceNode list)
        {
            foreach (var item in list.Children) Walk(item, visit);
        }

        if (node is not YamlMappingNode map) return;
        foreach (var (key, value) in map.Children)
        {
            visit(Scalar(key), value);
            Walk(value, visit);
        }
    }

    [GeneratedRegex(@"\$\{(?<name>[^}]*)\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Placeholder();
}
