using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tunnelwright.Formats;
using Tunnelwright.Model;

namespace Tunnelwright.Cli.Tests;

/// <summary>check: the contract's JSON for every format, no key without being asked, several files, standard input.</summary>
public sealed class CheckTests(Fixtures fixtures) : IClassFixture<Fixtures>
{
    public static TheoryData<string> Formats => [.. Fixtures.Formats];

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_document_of_every_format_is_the_contracts(string format)
    {
        var run = Tool.Execute("check", "--json", fixtures.File(Routing.Bgp, format));
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Equal("", run.Errors);
        var document = JsonNode.Parse(run.Output)!;
        AssertContract(document, Routing.Bgp, format);
        Assert.Empty(document["problems"]!.AsArray());
        AssertNoKey(run);
    }

    [Fact]
    public void Several_files_are_one_array_in_the_files_order()
    {
        string[] files = [.. Fixtures.Formats.Select(format => fixtures.File(Routing.Static, format)), "/nonexistent/file", fixtures.Other("noise.txt", "noise"), fixtures.File(Routing.Bgp)];
        var run = Tool.Execute(["check", "--json", .. files]);
        Assert.True(run.ExitCode == 2, run.ToString());
        var documents = JsonNode.Parse(run.Output)!.AsArray();
        Assert.Equal(files, documents.Select(document => document!["file"]!.GetValue<string>()));
        foreach (var (format, document) in Fixtures.Formats.Zip(documents)) AssertContract(document!, Routing.Static, format);
        foreach (var unusable in documents.TakeLast(3).SkipLast(1))
        {
            Assert.Null(unusable!["connection"]);
            Assert.Equal("error", Assert.Single(unusable["problems"]!.AsArray())!["severity"]!.GetValue<string>());
        }

        AssertNoKey(run);
    }

    [Fact]
    public void Several_files_are_a_line_each_and_the_worst_decides_the_code()
    {
        var good = fixtures.File(Routing.Static);
        var run = Tool.Execute("check", good, fixtures.File(Routing.Bgp, FormatNames.Xml));
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Equal(2, run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains($"{good}: vpn-0a1b2c3d4e5f60718 (aws-generic-text), 2 tunnels: ", run.Output, StringComparison.Ordinal);
        var bad = fixtures.Other("bad.txt", File.ReadAllText(good).Replace("28800 seconds", "5 seconds", StringComparison.Ordinal));
        var two = Tool.Execute("check", good, bad);
        Assert.Equal(1, two.ExitCode);
        Assert.Contains("2 tunnels: 4 errors, 0 warnings", two.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Standard_input()
    {
        var bytes = File.ReadAllBytes(fixtures.File(Routing.Bgp, FormatNames.Xml));
        var run = Run(bytes, "check", "-", "--json");
        Assert.True(run.ExitCode == 0, run.ToString());
        AssertContract(JsonNode.Parse(run.Output)!, Routing.Bgp, FormatNames.Xml);
        Tool.AssertRefused(Run([], "check", "-"), 2);
        Tool.AssertRefused(Run(Encoding.UTF8.GetBytes("noise"), "check", "-"), 2);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_text_of_every_format_holds_dots_for_keys(string format)
    {
        var run = Tool.Execute("check", fixtures.File(Routing.Static, format));
        Assert.True(run.ExitCode == 0, run.ToString());
        AssertNoKey(run);
        Assert.Equal(2, run.Output.Split("•••• (26 characters)").Length - 1);
        Assert.Contains("52.18.33.2", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', run.Output);
    }

    [Fact]
    public void Keys_are_printed_when_they_are_asked_for_and_never_as_JSON()
    {
        var run = Tool.Execute("check", "--show-secrets", fixtures.File(Routing.Static));
        Assert.Contains(Fixtures.FirstKey, run.Output, StringComparison.Ordinal);
        Assert.Contains(Fixtures.SecondKey, run.Output, StringComparison.Ordinal);
        AssertNoKey(Tool.Execute("check", "--show-secrets", "--json", fixtures.File(Routing.Static)));
    }

    [Fact]
    public void A_key_that_is_wrong_is_not_quoted()
    {
        var path = fixtures.Other("badkey.txt", File.ReadAllText(fixtures.File(Routing.Static)).Replace(Fixtures.FirstKey, "0NobodyKnows!", StringComparison.Ordinal));
        var run = Tool.Execute("check", path);
        Assert.True(run.ExitCode == 1, run.ToString());
        AssertNoKey(run);
        AssertNoKey(Tool.Execute("check", "--json", path));
        AssertNoKey(Tool.Execute("check", path, path));
    }

    [Fact]
    public void Placeholders_are_null_and_warnings()
    {
        var holes = Fixtures.Connection(Routing.Bgp);
        holes = holes with { Tunnels = holes.Tunnels.Select(tunnel => tunnel with { CustomerOutside = null, Bgp = tunnel.Bgp! with { CustomerAsn = null } }).ToValueList() };
        var path = fixtures.Other("holes.txt", ConfigurationWriters.Find("generic")!.Write(holes, WriterSettings.Default)[0].Content);
        var run = Tool.Execute("check", "--json", path);
        Assert.True(run.ExitCode == 0, run.ToString());
        var document = JsonNode.Parse(run.Output)!;
        var tunnel = document["connection"]!["tunnels"]![0]!.AsObject();
        Assert.True(tunnel["outside"]!.AsObject().ContainsKey("customer"));
        Assert.Null(tunnel["outside"]!["customer"]);
        Assert.Null(tunnel["bgp"]!["customerAsn"]);
        Assert.NotEmpty(document["problems"]!.AsArray());
        Assert.All(document["problems"]!.AsArray(), problem => Assert.Equal("warning", problem!["severity"]!.GetValue<string>()));
    }

    [Fact]
    public void Problems_have_the_contracts_shape()
    {
        var path = fixtures.Other("problems.txt", File.ReadAllText(fixtures.File(Routing.Static)).Replace("3060 seconds", "99999 seconds", StringComparison.Ordinal));
        var run = Tool.Execute("check", "--json", path);
        Assert.True(run.ExitCode == 1, run.ToString());
        var problems = JsonNode.Parse(run.Output)!["problems"]!.AsArray();
        Assert.Equal(2, problems.Count);
        var lines = File.ReadAllLines(path);
        foreach (var problem in problems)
        {
            Assert.Equal(["severity", "cause", "tunnel", "message", "line"], problem!.AsObject().Select(pair => pair.Key));
            Assert.Equal("error", problem["severity"]!.GetValue<string>());
            Assert.Equal("phase2-lifetime-out-of-range", problem["cause"]!.GetValue<string>());
            Assert.Contains("99999", lines[problem["line"]!.GetValue<int>() - 1], StringComparison.Ordinal);
        }

        Assert.Equal([1, 2], problems.Select(problem => problem!["tunnel"]!.GetValue<int>()));
    }

    private static Run Run(byte[] input, params string[] arguments) => Tool.ExecuteAsync(arguments, input).GetAwaiter().GetResult();

    private static void AssertNoKey(Run run) => Assert.DoesNotContain("NobodyKnows", run.Output + run.Errors, StringComparison.Ordinal);

    /// <summary>Every name and every value of the contract's "check" document.</summary>
    private static void AssertContract(JsonNode document, Routing routing, string format)
    {
        Names(document, "format", "connection", "problems");
        Assert.Equal(format, document["format"]!.GetValue<string>());
        var connection = document["connection"]!;
        Names(connection, "id", "cloudGatewayId", "customerGatewayId", "routing", "tunnels");
        Assert.Equal("vpn-0a1b2c3d4e5f60718", connection["id"]!.GetValue<string>());
        Assert.Equal("vgw-0fedcba9876543210", connection["cloudGatewayId"]!.GetValue<string>());
        Assert.Equal("cgw-00112233445566778", connection["customerGatewayId"]!.GetValue<string>());
        Assert.Equal(routing == Routing.Bgp ? "bgp" : "static", connection["routing"]!.GetValue<string>());
        Assert.Equal(2, connection["tunnels"]!.AsArray().Count);
        for (var number = 1; number <= 2; number++)
        {
            var tunnel = connection["tunnels"]![number - 1]!;
            Names(tunnel, "number", "outside", "inside", "ike", "ipsec", "dpd", "mssBytes", "mtuBytes", "clearDf", "bgp", "staticNextHop");
            Same(number, tunnel["number"]);
            Same(new { customer = "98.80.93.58", cloud = $"52.18.33.{number}" }, tunnel["outside"]);
            Same(new { customer = $"169.254.10.{(number * 4) + 2}/30", cloud = $"169.254.10.{(number * 4) + 1}/30" }, tunnel["inside"]);
            Same(new { version = 2, authentication = "psk", encryption = "aes256", integrity = "sha256", dhGroup = 14, lifetimeSeconds = 28800, mode = "main" }, tunnel["ike"]);
            Same(new { protocol = "esp", mode = "tunnel", encryption = "aes256", integrity = "sha256", pfsGroup = 14, lifetimeSeconds = 3060 }, tunnel["ipsec"]);
            Same(new { intervalSeconds = 10, retries = 3 }, tunnel["dpd"]);
            Same(1379, tunnel["mssBytes"]);
            Same(1419, tunnel["mtuBytes"]);
            Same(true, tunnel["clearDf"]);
            if (routing == Routing.Bgp)
            {
                Same(new { customerAsn = 65000, cloudAsn = 64512, neighbor = $"169.254.10.{(number * 4) + 1}", holdSeconds = 30 }, tunnel["bgp"]);
                Assert.Null(tunnel["staticNextHop"]);
            }
            else
            {
                Assert.Null(tunnel["bgp"]);
                Same($"169.254.10.{(number * 4) + 1}", tunnel["staticNextHop"]);
            }
        }
    }

    /// <summary>All of the names are there; others may be.</summary>
    private static void Names(JsonNode node, params string[] names) => Assert.All(names, name => Assert.True(node.AsObject().ContainsKey(name), $"{name} is missing in {node.ToJsonString()}"));

    private static void Same(object expected, JsonNode? actual) => Assert.Equal(JsonSerializer.Serialize(expected), actual?.ToJsonString());
}
