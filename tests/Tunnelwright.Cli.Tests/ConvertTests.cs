using System.Text.Json.Nodes;
using Tunnelwright.Formats;
using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Cli.Tests;

/// <summary>convert: every target, modes of files, settings.</summary>
public sealed class ConvertTests(Fixtures fixtures) : IClassFixture<Fixtures>
{
    public static TheoryData<string> Targets => [.. ConfigurationWriters.All.Select(writer => writer.Target)];

    [Fact]
    public void The_list_names_every_target_and_every_setting()
    {
        var run = Tool.Execute("convert", "--list");
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Equal("", run.Errors);
        var lines = run.Output.Split('\n');
        foreach (var writer in ConfigurationWriters.All)
        {
            Assert.Contains(lines, line => line.StartsWith($"{writer.Target} ", StringComparison.Ordinal) && line.EndsWith(writer.Description, StringComparison.Ordinal));
            Assert.All(writer.Settings, setting => Assert.Contains($"--set {setting.Name}={setting.Example} ", run.Output, StringComparison.Ordinal));
        }

        Assert.All(DeviceFiles.All, device => Assert.Contains(lines, line => line.StartsWith($"{device.Id} ", StringComparison.Ordinal) && line.Contains($" {device.Vendor} ", StringComparison.Ordinal) && line.Contains($" {device.Platform} ", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Every_target_is_written_with_the_right_modes_and_nothing_else(string target)
    {
        var folder = fixtures.Output();
        var run = Tool.Execute(["convert", fixtures.File(target is "mikrotik" or "azure" ? Routing.Static : Routing.Bgp), "--to", target, "--out", folder, .. target is "mikrotik" or "azure" ? (string[])["--set", "cloud-range=10.8.2.0/24"] : []]);
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Equal("", run.Output);
        Assert.DoesNotContain("NobodyKnows", run.Errors, StringComparison.Ordinal);
        var files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            var secret = File.ReadAllText(file).Contains("NobodyKnows", StringComparison.Ordinal);
            var mode = File.GetUnixFileMode(file);
            if (secret) Assert.Equal(AtomicFile.OwnerOnly, mode);
            else Assert.Contains(mode, (UnixFileMode[])[AtomicFile.EveryoneReads, AtomicFile.OwnerOnly]);
            Assert.Contains($"wrote {file}", run.Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_converts_to_a_format_that_is_read_says_the_same()
    {
        var folders = Fixtures.Written.Select(item =>
        {
            var folder = fixtures.Output();
            var run = Tool.Execute("convert", fixtures.File(Routing.Static, FormatNames.ModelYaml), "--to", item.Target, "--out", folder);
            Assert.True(run.ExitCode == 0, run.ToString());
            return Assert.Single(Directory.GetFiles(folder));
        }).ToList();
        var check = Tool.Execute(["check", "--json", fixtures.File(Routing.Static), .. folders]);
        Assert.True(check.ExitCode == 0, check.ToString());
        var connections = JsonNode.Parse(check.Output)!.AsArray().Select(document => document!["connection"]!.ToJsonString()).ToList();
        Assert.Equal(Fixtures.Written.Count + 1, connections.Count);
        Assert.All(connections, connection => Assert.Equal(connections[0], connection));
    }

    [Fact]
    public void A_file_with_keys_is_not_printed_unless_it_is_asked_for()
    {
        var refused = Tool.Execute("convert", fixtures.File(Routing.Static), "--to", "generic");
        Tool.AssertRefused(refused, 2);
        Assert.DoesNotContain("NobodyKnows", refused.Errors, StringComparison.Ordinal);
        var shown = Tool.Execute("convert", fixtures.File(Routing.Static), "--to", "generic", "--show-secrets");
        Assert.True(shown.ExitCode == 0, shown.ToString());
        Assert.Equal(File.ReadAllText(fixtures.File(Routing.Static)), shown.Output);
        var harmless = Tool.Execute("convert", fixtures.File(Routing.Bgp), "--to", "bird");
        Assert.True(harmless.ExitCode == 0, harmless.ToString());
        Assert.Contains("protocol bgp", harmless.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_reach_the_writer()
    {
        var run = Tool.Execute("convert", fixtures.File(Routing.Bgp), "--to", "bird", "--set", "local-range=10.77.0.0/16", "--set", "customer-asn=65123");
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Contains("10.77.0.0/16", run.Output, StringComparison.Ordinal);
        Assert.Contains("65123", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("frobnicate=1", "frobnicate")]
    [InlineData("local-range=everything", "local-range")]
    [InlineData("local-range", "local-range")]
    [InlineData("=", "=")]
    public void A_setting_that_is_none_is_2_and_the_known_ones_are_named(string setting, string named)
    {
        var run = Tool.Execute("convert", fixtures.File(Routing.Bgp), "--to", "bird", "--set", setting);
        Tool.AssertRefused(run, 2);
        Assert.Contains(named, run.ErrorLines[0], StringComparison.Ordinal);
        Assert.Contains("customer-asn", run.ErrorLines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_target_is_2_and_the_known_ones_are_named()
    {
        var run = Tool.Execute("convert", fixtures.File(Routing.Bgp), "--to", "abacus");
        Tool.AssertRefused(run, 2);
        Assert.All(ConfigurationWriters.All, writer => Assert.Contains(writer.Target, run.ErrorLines[1], StringComparison.Ordinal));
    }

    [Fact]
    public void What_the_target_cannot_do_without_is_told_with_the_setting_that_gives_it()
    {
        var connection = Fixtures.Connection(Routing.Bgp);
        connection = connection with { Tunnels = connection.Tunnels.Select(tunnel => tunnel with { Bgp = tunnel.Bgp! with { CustomerAsn = null } }).ToValueList() };
        var path = fixtures.Other("no-asn.txt", ConfigurationWriters.Find("generic")!.Write(connection, WriterSettings.Default)[0].Content);
        var run = Tool.Execute("convert", path, "--to", "bird");
        Assert.True(run.ExitCode == 2, run.ToString());
        Assert.Contains("--set customer-asn=NUMBER", run.Errors, StringComparison.Ordinal);
        Assert.Equal("", run.Output);
        Assert.Equal(0, Tool.Execute("convert", path, "--to", "bird", "--set", "customer-asn=65000").ExitCode);
    }

    [Fact]
    public void What_a_device_cannot_do_is_2_and_one_line_with_a_hint()
    {
        var run = Tool.Execute("convert", fixtures.File(Routing.Bgp), "--to", "mikrotik", "--out", fixtures.Output());
        Tool.AssertRefused(run, 2);
        Assert.Contains("MikroTik RouterOS has no tunnel interface", run.ErrorLines[0], StringComparison.Ordinal);
        Assert.Contains("static routing", run.ErrorLines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_or_a_target_that_is_not_given_is_2()
    {
        Tool.AssertRefused(Tool.Execute("convert", "--to", "bird"), 2);
        Tool.AssertRefused(Tool.Execute("convert", fixtures.File(Routing.Bgp)), 2);
        Tool.AssertRefused(Tool.Execute("convert", fixtures.Other("noise-convert.txt", "noise"), "--to", "bird"), 2);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_told()
    {
        foreach (var folder in new[] { Path.Combine(fixtures.File(Routing.Bgp), "below-a-file"), fixtures.File(Routing.Bgp), "/proc/no-such-place" })
        {
            var run = Tool.Execute("convert", fixtures.File(Routing.Bgp), "--to", "bird", "--out", folder);
            Tool.AssertRefused(run, 2);
            Assert.StartsWith($"error: {folder} cannot be written: ", run.ErrorLines[0], StringComparison.Ordinal);
        }
    }
}
