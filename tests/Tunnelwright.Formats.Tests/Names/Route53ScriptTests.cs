using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Tunnelwright.Model;

namespace Tunnelwright.Formats.Tests.Names;

/// <summary>
/// The script for Route 53 run whole with the real AWS command line, which checks every call against the service's own model before it sends anything. What it sends comes to
/// a listener of the test, which records it and answers as the service does.
/// </summary>
public sealed class Route53ScriptTests : IAsyncDisposable
{
    private const string Program = "/usr/bin/aws";

    private static readonly ForwardedNames Sample = new(["cloud.example", "_under.score-d.example"], [Ipv4EndPoint.Parse("10.1.0.1:53"), Ipv4EndPoint.Parse("10.1.0.2:5300")]);

    private readonly string _folder = Directory.CreateTempSubdirectory("route53-").FullName;
    private readonly HttpListener _service;
    private readonly Task _serving;
    private readonly List<(string Action, JsonNode Body)> _calls = [];

    public Route53ScriptTests()
    {
        (_service, var prefix) = Listen();
        _serving = ServeAsync();
        File.WriteAllText($"{_folder}/aws", $"#!/bin/sh\nexec {Program} --endpoint-url {prefix} \"$@\"\n");
        File.SetUnixFileMode($"{_folder}/aws", UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    public async ValueTask DisposeAsync()
    {
        _service.Close();
        await _serving;
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_AWS_command_line_takes_every_call_and_each_says_what_is_meant()
    {
        var (status, said) = await RunAsync(script => script);

        Assert.True(status == 0, said);
        Assert.Equal(
            ["CreateResolverEndpoint", "GetResolverEndpoint", "CreateResolverRule", "AssociateResolverRule", "CreateResolverRule", "AssociateResolverRule"],
            _calls.Select(call => call.Action));
        var endpoint = _calls[0].Body;
        Assert.Equal(("OUTBOUND", "tunnelwright"), (Text(endpoint["Direction"]), Text(endpoint["Name"])));
        Assert.Equal("sg-3", Text(Assert.Single(endpoint["SecurityGroupIds"]!.AsArray())));
        Assert.Equal(["subnet-1", "subnet-2"], endpoint["IpAddresses"]!.AsArray().Select(address => Text(address!["SubnetId"])));
        Assert.Equal("rslvr-out-1", Text(_calls[1].Body["ResolverEndpointId"]));
        for (var i = 0; i < Sample.Domains.Count; i++)
        {
            var (rule, association) = (_calls[2 + 2 * i].Body, _calls[3 + 2 * i].Body);
            Assert.Equal(("FORWARD", Sample.Domains[i], "rslvr-out-1"), (Text(rule["RuleType"]), Text(rule["DomainName"]), Text(rule["ResolverEndpointId"])));
            Assert.Equal(Sample.Servers.Select(server => server.ToString()), rule["TargetIps"]!.AsArray().Select(target => $"{target!["Ip"]}:{target["Port"]}"));
            Assert.Equal(($"rslvr-rr-{Sample.Domains[i]}", "vpc-9"), (Text(association["ResolverRuleId"]), Text(association["VPCId"])));
        }

        // A request is made once only by its identifier: two with the same one would be one rule.
        Assert.Equal(3, _calls.Select(call => call.Body["CreatorRequestId"]).OfType<JsonNode>().Select(Text).Distinct().Count());
    }

    /// <summary>The checker is one: a wrong word makes it refuse, and the script goes no further.</summary>
    [Theory]
    [InlineData("SubnetId=", "Subnet=", 0)]
    [InlineData("Ip=", "Address=", 2)]
    [InlineData(",Port=53 ", ",Port=dns ", 2)]
    [InlineData("--vpc-id", "--network-id", 3)]
    public async Task A_wrong_word_is_refused(string right, string wrong, int sent)
    {
        var (status, said) = await RunAsync(script => script.Replace(right, wrong, StringComparison.Ordinal));

        Assert.True(status != 0 && _calls.Count == sent, $"{status}, {_calls.Count} calls: {said}");
    }

    private async Task<(int Status, string Said)> RunAsync(Func<string, string> change)
    {
        Assert.SkipUnless(File.Exists(Program), $"{Program} is not installed; scripts/install-packages installs it");
        var script = NameWriters.Find("route53-cli")!.Write(Sample);
        await File.WriteAllTextAsync($"{_folder}/names.sh", change(script));
        var start = new ProcessStartInfo("/bin/sh", [$"{_folder}/names.sh"]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["PATH"] = $"{_folder}:/usr/bin:/bin",
            ["HOME"] = _folder,
            ["AWS_ACCESS_KEY_ID"] = "none",
            ["AWS_SECRET_ACCESS_KEY"] = "none",
            ["AWS_DEFAULT_REGION"] = "eu-west-1",
            ["AWS_MAX_ATTEMPTS"] = "1",
            ["AWS_EC2_METADATA_DISABLED"] = "true",
            ["VPC_ID"] = "vpc-9",
            ["SUBNET_1"] = "subnet-1",
            ["SUBNET_2"] = "subnet-2",
            ["SECURITY_GROUP"] = "sg-3",
        }) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + errors);
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                var context = await _service.GetContextAsync();
                var body = (await JsonNode.ParseAsync(context.Request.InputStream))!;
                var action = context.Request.Headers["X-Amz-Target"]!.Split('.')[^1];
                _calls.Add((action, body));
                context.Response.ContentType = "application/x-amz-json-1.1";
                await using (var writer = new StreamWriter(context.Response.OutputStream)) await writer.WriteAsync(Answer(action, body).ToJsonString());
                context.Response.Close();
            }
            catch (Exception problem) when (problem is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private static JsonObject Answer(string action, JsonNode body) => action switch
    {
        "CreateResolverEndpoint" => new() { ["ResolverEndpoint"] = new JsonObject { ["Id"] = "rslvr-out-1", ["Status"] = "CREATING" } },
        "GetResolverEndpoint" => new() { ["ResolverEndpoint"] = new JsonObject { ["Id"] = "rslvr-out-1", ["Status"] = "OPERATIONAL" } },
        "CreateResolverRule" => new() { ["ResolverRule"] = new JsonObject { ["Id"] = $"rslvr-rr-{body["DomainName"]}" } },
        _ => [],
    };

    private static string Text(JsonNode? node) => node!.GetValue<string>();

    /// <summary>A listener on a free port of loopback.</summary>
    private static (HttpListener Service, string Prefix) Listen()
    {
        while (true)
        {
            using var free = new TcpListener(IPAddress.Loopback, 0);
            free.Start();
            var prefix = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/";
            free.Stop();
            var service = new HttpListener { Prefixes = { prefix } };
            try
            {
                service.Start();
                return (service, prefix);
            }
            catch (HttpListenerException)
            {
                service.Close();
            }
        }
    }
}
