using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Tunnelwright.Formats;

/// <summary>Route 53 Resolver: an outbound endpoint and a forwarding rule a domain, as a CloudFormation template (AWS::Route53Resolver::ResolverRule and others).</summary>
internal sealed class Route53Template : INameWriter
{
    /// <summary>Most target addresses of a rule.</summary>
    internal const int MostServers = 6;

    private const string Explanation = "Description";

    private static readonly JsonWriterOptions Layout = new() { Indented = true, NewLine = "\n" };

    public string Name => "route53-cloudformation";

    public string Description => "Route 53 Resolver: outbound endpoint and rules, a CloudFormation template in JSON";

    public string Write(ForwardedNames names)
    {
        Check(names);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Layout))
        {
            json.WriteStartObject();
            json.WriteString("AWSTemplateFormatVersion", "2010-09-09");
            json.WriteString(Explanation, $"Names under {string.Join(", ", names.Domains)} are asked from {string.Join(", ", names.Servers)}");
            json.WriteStartObject("Parameters");
            Parameter(json, "VpcId", "AWS::EC2::VPC::Id", "The VPC whose hosts ask");
            Parameter(json, "SubnetIds", "List<AWS::EC2::Subnet::Id>", "Two subnets of the VPC, in two availability zones, that reach the servers");
            json.WriteEndObject();
            json.WriteStartObject("Resources");
            SecurityGroup(json, names);
            Endpoint(json);
            for (var i = 0; i < names.Domains.Count; i++) Rule(json, names, i);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    /// <summary>What Route 53 Resolver cannot do.</summary>
    internal static void Check(ForwardedNames names)
    {
        if (names.Servers.Count > MostServers) throw new NotSupportedException($"Route 53 Resolver forwards to at most {MostServers} servers");
    }

    private static void Parameter(Utf8JsonWriter json, string name, string type, string description)
    {
        json.WriteStartObject(name);
        json.WriteString("Type", type);
        json.WriteString(Explanation, description);
        json.WriteEndObject();
    }

    private static void SecurityGroup(Utf8JsonWriter json, ForwardedNames names)
    {
        Begin(json, "ResolverSecurityGroup", "AWS::EC2::SecurityGroup");
        json.WriteString("GroupDescription", "Outbound questions of Route 53 Resolver");
        Reference(json, "VpcId", "VpcId");
        json.WriteStartArray("SecurityGroupEgress");
        foreach (var server in names.Servers)
        {
            foreach (var protocol in (string[])["udp", "tcp"])
            {
                json.WriteStartObject();
                json.WriteString("IpProtocol", protocol);
                json.WriteNumber("FromPort", server.Port);
                json.WriteNumber("ToPort", server.Port);
                json.WriteString("CidrIp", $"{server.Address}/32");
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
        End(json);
    }

    private static void Endpoint(Utf8JsonWriter json)
    {
        Begin(json, "OutboundEndpoint", "AWS::Route53Resolver::ResolverEndpoint");
        json.WriteString("Direction", "OUTBOUND");
        json.WriteStartArray("SecurityGroupIds");
        json.WriteStartObject();
        json.WriteStartArray("Fn::GetAtt");
        json.WriteStringValue("ResolverSecurityGroup");
        json.WriteStringValue("GroupId");
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartArray("IpAddresses");
        for (var i = 0; i < 2; i++)
        {
            json.WriteStartObject();
            json.WriteStartObject("SubnetId");
            json.WriteStartArray("Fn::Select");
            json.WriteNumberValue(i);
            json.WriteStartObject();
            json.WriteString("Ref", "SubnetIds");
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        End(json);
    }

    private static void Rule(Utf8JsonWriter json, ForwardedNames names, int number)
    {
        Begin(json, $"Rule{number + 1}", "AWS::Route53Resolver::ResolverRule");
        json.WriteString("DomainName", names.Domains[number]);
        json.WriteString("RuleType", "FORWARD");
        Reference(json, "ResolverEndpointId", "OutboundEndpoint");
        json.WriteStartArray("TargetIps");
        foreach (var server in names.Servers)
        {
            json.WriteStartObject();
            json.WriteString("Ip", server.Address.ToString());
            json.WriteString("Port", server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        End(json);
        Begin(json, $"Rule{number + 1}Association", "AWS::Route53Resolver::ResolverRuleAssociation");
        Reference(json, "ResolverRuleId", $"Rule{number + 1}");
        Reference(json, "VPCId", "VpcId");
        End(json);
    }

    private static void Begin(Utf8JsonWriter json, string name, string type)
    {
        json.WriteStartObject(name);
        json.WriteString("Type", type);
        json.WriteStartObject("Properties");
    }

    private static void End(Utf8JsonWriter json)
    {
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Reference(Utf8JsonWriter json, string name, string to)
    {
        json.WriteStartObject(name);
        json.WriteString("Ref", to);
        json.WriteEndObject();
    }
}
