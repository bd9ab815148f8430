using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests.Names;

/// <summary>Conditional forwarding for others' DNS software: read by the software's own checker where there is one.</summary>
public sealed partial class NameWriterTests : IDisposable
{
    private static readonly ForwardedNames Sample = new(
        ["cloud.example", "c9xk2.eu-west-1.rds.amazonaws.com", "_under.score-d.example"],
        [Ipv4EndPoint.Parse("10.1.0.1:53"), Ipv4EndPoint.Parse("10.1.0.2:5300")]);

    private static readonly ForwardedNames Plain = new(["cloud.example", "rds.amazonaws.com"], [Ipv4EndPoint.Parse("10.1.0.1:53"), Ipv4EndPoint.Parse("10.1.0.2:53")]);

    private readonly string _folder = Directory.CreateTempSubdirectory("names-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_writer_names_every_domain_and_server()
    {
        Assert.Equal(["bind", "unbound", "dnsmasq", "systemd-resolved", "coredns", "pdns-recursor", "windows", "route53-cloudformation", "route53-cli"], NameWriters.All.Select(writer => writer.Name));
        foreach (var writer in NameWriters.All)
        {
            var text = writer.Write(Plain);
            foreach (var word in Plain.Domains.Concat(Plain.Servers.Select(server => server.Address.ToString()))) Assert.Contains(word, text, StringComparison.Ordinal);
            Assert.EndsWith("\n", text, StringComparison.Ordinal);
            Assert.DoesNotContain('\r', text);
            Assert.Same(writer, NameWriters.Find(writer.Name.ToUpperInvariant()));
        }

        Assert.Null(NameWriters.Find("djbdns"));
    }

    [Fact]
    public void BIND_reads_it()
    {
        var file = Write("zones.conf", "bind", Sample);
        File.WriteAllText($"{_folder}/named.conf", $"options {{ directory \"{_folder}\"; recursion yes; validate-except {{ \"cloud.example\"; }}; }};\ninclude \"{file}\";\n");
        Run("/usr/bin/named-checkconf", $"{_folder}/named.conf");
        Refuses("/usr/bin/named-checkconf", file, "forwarders", "forwarderz");
    }

    [Fact]
    public void Unbound_reads_it()
    {
        var file = Write("names.conf", "unbound", Sample);
        File.WriteAllText($"{_folder}/unbound.conf", $"server:\n  directory: \"{_folder}\"\n  chroot: \"\"\n  username: \"\"\ninclude: \"{file}\"\n");
        Run("/usr/sbin/unbound-checkconf", $"{_folder}/unbound.conf");
        Refuses("/usr/sbin/unbound-checkconf", file, "forward-addr", "forward-adr");
    }

    [Fact]
    public void dnsmasq_reads_it()
    {
        var file = Write("names.conf", "dnsmasq", Sample);
        Run("/usr/sbin/dnsmasq", "--test", $"--conf-file={file}");
        Refuses("/usr/sbin/dnsmasq", file, "server=", "sever=", "--test", "--conf-file=");
    }

    [Fact]
    public void PowerDNS_Recursor_reads_it()
    {
        Directory.CreateDirectory($"{_folder}/recursor.d");
        File.WriteAllText($"{_folder}/recursor.conf", $"include-dir={_folder}/recursor.d\nsocket-dir={_folder}\nlocal-address=127.0.0.1:5399\n");
        var file = Write("recursor.d/names.conf", "pdns-recursor", Sample);
        Run("/usr/sbin/pdns_recursor", $"--config-dir={_folder}", "--config=check");
        Refuses("/usr/sbin/pdns_recursor", file, "forward-zones-recurse", "forward-zone-recurses", $"--config-dir={_folder}", "--config=check");
    }

    [Fact]
    public void A_shell_reads_the_script() => Run("/bin/sh", "-n", Write("names.sh", "route53-cli", Sample));

    /// <summary>The commands of the DnsServer module with the parameters that its reference has, besides those of every cmdlet. PowerShell itself tells a wrong one only when the line is run.</summary>
    [Fact]
    public void The_PowerShell_script_uses_documented_commands_and_parameters()
    {
        string[] zone = ["AsJob", "CimSession", "ComputerName", "DirectoryPartitionName", "ForwarderTimeout", "MasterServers", "Name", "PassThru", "ReplicationScope", "ThrottleLimit", "UseRecursion"];
        var documented = new Dictionary<string, string[]>(StringComparer.Ordinal)
        {
            ["Get-DnsServerZone"] = ["AsJob", "CimSession", "ComputerName", "Name", "ThrottleLimit", "VirtualizationInstance", "ErrorAction"],
            ["Add-DnsServerConditionalForwarderZone"] = zone,
            ["Set-DnsServerConditionalForwarderZone"] = zone,
            ["Clear-DnsServerCache"] = ["AsJob", "CacheScope", "CimSession", "ComputerName", "Force", "PassThru", "ThrottleLimit"],
        };
        var lines = NameWriters.Find("windows")!.Write(Plain).Split('\n').Where(line => !line.StartsWith('#')).ToList();
        var calls = lines.SelectMany(line => CommandPattern().Matches(line)).ToList();
        Assert.Equal(documented.Keys.Order(), calls.Select(call => call.Groups["command"].Value).Distinct().Order());
        foreach (var call in calls) Assert.All(ParameterPattern().Matches(call.Value), parameter => Assert.Contains(parameter.Groups["name"].Value, documented[call.Groups["command"].Value]));
        foreach (var (open, close) in new[] { ('{', '}'), ('(', ')') }) Assert.Equal(lines.Sum(line => line.Count(c => c == open)), lines.Sum(line => line.Count(c => c == close)));
        Assert.All(lines, line => Assert.Equal(0, line.Count(c => c == '\'') % 2));
    }

    [GeneratedRegex("(?<command>[A-Z][a-z]+-[A-Za-z]+)( -[A-Za-z]+( [$\\w]+)?)*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CommandPattern();

    [GeneratedRegex(" -(?<name>[A-Za-z]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ParameterPattern();

    [Fact]
    public void The_template_holds_an_endpoint_and_a_rule_with_its_association_a_domain()
    {
        var template = JsonNode.Parse(NameWriters.Find("route53-cloudformation")!.Write(Sample))!;
        var resources = template["Resources"]!.AsObject();
        var rules = resources.Where(resource => resource.Value!["Type"]!.GetValue<string>() == "AWS::Route53Resolver::ResolverRule").ToList();
        Assert.Equal(Sample.Domains, rules.Select(rule => rule.Value!["Properties"]!["DomainName"]!.GetValue<string>()));
        Assert.All(rules, rule =>
        {
            Assert.Equal(["10.1.0.1:53", "10.1.0.2:5300"], rule.Value!["Properties"]!["TargetIps"]!.AsArray().Select(target => $"{target!["Ip"]}:{target["Port"]}"));
            Assert.Contains(resources, association => association.Value!["Type"]!.GetValue<string>() == "AWS::Route53Resolver::ResolverRuleAssociation" && association.Value["Properties"]!["ResolverRuleId"]!["Ref"]!.GetValue<string>() == rule.Key);
        });

        // Every reference leads to a parameter or a resource.
        var known = resources.Select(resource => resource.Key).Concat(template["Parameters"]!.AsObject().Select(parameter => parameter.Key)).ToHashSet(StringComparer.Ordinal);
        Assert.All(References(template), name => Assert.Contains(name, known));
    }

    /// <summary>The properties as the CloudFormation template reference has them; a name that it does not have would be refused when the stack is made.</summary>
    [Fact]
    public void The_template_uses_documented_properties_and_leaves_out_none_that_is_required()
    {
        var documented = new Dictionary<string, (string[] Required, string[] Optional)>(StringComparer.Ordinal)
        {
            ["AWS::EC2::SecurityGroup"] = (["GroupDescription"], ["GroupName", "SecurityGroupEgress", "SecurityGroupIngress", "Tags", "VpcId"]),
            ["AWS::Route53Resolver::ResolverEndpoint"] = (["Direction", "IpAddresses", "SecurityGroupIds"], ["Name", "OutpostArn", "PreferredInstanceType", "Protocols", "ResolverEndpointType", "Tags"]),
            ["AWS::Route53Resolver::ResolverRule"] = (["RuleType", "DomainName"], ["DelegationRecord", "Name", "ResolverEndpointId", "Tags", "TargetIps"]),
            ["AWS::Route53Resolver::ResolverRuleAssociation"] = (["ResolverRuleId", "VPCId"], ["Name"]),
        };
        var template = JsonNode.Parse(NameWriters.Find("route53-cloudformation")!.Write(Sample))!;
        Assert.Equal(["AWSTemplateFormatVersion", "Description", "Parameters", "Resources"], template.AsObject().Select(member => member.Key));
        foreach (var (name, resource) in template["Resources"]!.AsObject())
        {
            Assert.Matches("^[A-Za-z0-9]{1,255}$", name);
            var (required, optional) = documented[resource!["Type"]!.GetValue<string>()];
            var used = resource["Properties"]!.AsObject().Select(property => property.Key).ToList();
            Assert.All(used, property => Assert.Contains(property, required.Concat(optional)));
            Assert.All(required, property => Assert.Contains(property, used));
            foreach (var target in resource["Properties"]!["TargetIps"]?.AsArray() ?? []) Assert.Equal(["Ip", "Port"], target!.AsObject().Select(member => member.Key));
            foreach (var rule in resource["Properties"]!["SecurityGroupEgress"]?.AsArray() ?? []) Assert.Equal(["IpProtocol", "FromPort", "ToPort", "CidrIp"], rule!.AsObject().Select(member => member.Key));
        }
    }

    [Fact]
    public void What_the_software_cannot_do_is_said()
    {
        var many = new ForwardedNames(["cloud.example"], Enumerable.Range(1, 16).Select(i => new Ipv4EndPoint(Ipv4Address.Parse($"10.1.0.{i}"), 53)).ToValueList());
        Assert.Throws<NotSupportedException>(() => NameWriters.Find("windows")!.Write(Sample));
        Assert.Throws<NotSupportedException>(() => NameWriters.Find("route53-cli")!.Write(many));
        Assert.Throws<NotSupportedException>(() => NameWriters.Find("route53-cloudformation")!.Write(many));
        Assert.Throws<NotSupportedException>(() => NameWriters.Find("coredns")!.Write(many));
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => member.Key == "Ref" ? [member.Value!.GetValue<string>()] : References(member.Value)),
        JsonArray items => items.SelectMany(References),
        _ => [],
    };

    private string Write(string file, string writer, ForwardedNames names)
    {
        var path = Path.Combine(_folder, file);
        File.WriteAllText(path, NameWriters.Find(writer)!.Write(names));
        return path;
    }

    private void Run(string program, params string[] arguments)
    {
        var (status, said) = Start(program, arguments);
        Assert.True(status == 0, $"{program} {string.Join(' ', arguments)}: {status}: {said}");
    }

    /// <summary>The checker is one: a wrong word in the same file makes it fail.</summary>
    private void Refuses(string program, string file, string right, string wrong, params string[] arguments)
    {
        File.WriteAllText(file, File.ReadAllText(file).Replace(right, wrong, StringComparison.Ordinal));
        var call = arguments is [.., "--conf-file="] ? [.. arguments[..^1], $"--conf-file={file}"] : arguments.Length > 0 ? arguments : [program.Contains("unbound", StringComparison.Ordinal) ? $"{_folder}/unbound.conf" : $"{_folder}/named.conf"];
        Assert.NotEqual(0, Start(program, call).Status);
    }

    private static (int Status, string Said) Start(string program, string[] arguments)
    {
        Assert.SkipUnless(File.Exists(program), $"{program} is not installed; scripts/install-packages installs it");
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, said.Result + errors);
    }
}
