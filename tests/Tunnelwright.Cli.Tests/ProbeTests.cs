using System.Text.Json;
using Tunnelwright.Model;

namespace Tunnelwright.Cli.Tests;

/// <summary>The probe's words and exit codes where nobody listens; what answers is tested end to end.</summary>
public sealed class ProbeTests(Fixtures fixtures) : IClassFixture<Fixtures>
{
    [Theory]
    [InlineData("probe --version 3 127.0.0.1", "IKE version 3")]
    [InlineData("probe --port 501 127.0.0.1", "501")]
    [InlineData("probe --timeout 0 127.0.0.1", "--timeout")]
    [InlineData("probe --timeout NaN 127.0.0.1", "--timeout")]
    [InlineData("probe --source nonsense 127.0.0.1", "'nonsense'")]
    [InlineData("probe --source ::1 127.0.0.1", "address family")]
    [InlineData("probe 127.0.0.1 --proposal aes256-rot13", "'aes256-rot13'")]
    [InlineData("probe 127.0.0.1 --proposal aes256-sha256-ecp192", "ecp192")]
    [InlineData("probe --version 1 127.0.0.1 --proposal aes256gcm16-prfsha256-modp2048", "IKEv1")]
    [InlineData("probe 127", "'127'")]
    [InlineData("probe /nonexistent/file", "/nonexistent/file")]
    public void A_wrong_call_is_2(string arguments, string words)
    {
        var run = Tool.Execute(arguments.Split(' '));
        Tool.AssertRefused(run, 2);
        Assert.Contains(words, run.ErrorLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_that_is_not_ours_is_3()
    {
        var run = Tool.Execute("probe", "--source", "192.0.2.77", "127.0.0.1");
        Tool.AssertRefused(run, 3);
        Assert.Contains("192.0.2.77", run.ErrorLines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_listening_is_1_and_progress_stays_off_standard_output()
    {
        // An address of the loopback network that nothing on a machine is bound to, unless to all.
        var run = Tool.Execute("probe", "127.84.84.84", "--json", "--timeout", "0.5");
        Assert.True(run.ExitCode == 1, run.ToString());
        Assert.Contains("127.84.84.84  UDP 500", run.Errors, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(run.Output);
        Assert.False(document.RootElement.GetProperty("healthy").GetBoolean());
        var endpoint = Assert.Single(document.RootElement.GetProperty("endpoints").EnumerateArray());
        Assert.Equal(["refused", "refused"], endpoint.GetProperty("ports").EnumerateArray().Select(port => port.GetProperty("state").GetString()));
        Assert.Equal([2, 1], endpoint.GetProperty("versions").EnumerateArray().Select(version => version.GetProperty("version").GetInt32()));
        Assert.Equal(JsonValueKind.Null, endpoint.GetProperty("nat").ValueKind);
        var text = Tool.Execute("probe", "127.84.84.84", "--timeout", "0.5", "--port", "500");
        Assert.Equal("127.84.84.84  UDP 500 refused\n", text.Output);
        Assert.Equal(1, text.ExitCode);
    }

    [Fact]
    public void Both_endpoints_of_a_file_are_asked_with_its_proposal()
    {
        // From the loopback address nothing leaves the machine: the kernel refuses to send it anywhere else.
        var run = Tool.Execute("probe", fixtures.File(Routing.Static), "--source", "127.0.0.1", "--timeout", "0.2", "--json");
        Assert.True(run.ExitCode is 1 or 3, run.ToString());
        if (run.ExitCode == 3)
        {
            Assert.Contains("52.18.33.1", run.ErrorLines[0], StringComparison.Ordinal);
            return;
        }

        using var document = JsonDocument.Parse(run.Output);
        var endpoints = document.RootElement.GetProperty("endpoints").EnumerateArray().ToList();
        Assert.Equal([(1, "52.18.33.1"), (2, "52.18.33.2")], endpoints.Select(endpoint => (endpoint.GetProperty("tunnel").GetInt32(), endpoint.GetProperty("address").GetString()!)));
        Assert.All(endpoints, endpoint => Assert.Equal("aes256-sha256-modp2048", Assert.Single(endpoint.GetProperty("offered").EnumerateArray()).GetString()));
        Assert.All(endpoints, endpoint => Assert.Equal(2, Assert.Single(endpoint.GetProperty("versions").EnumerateArray()).GetProperty("version").GetInt32()));
        Assert.DoesNotContain(Fixtures.FirstKey, run.Output + run.Errors, StringComparison.Ordinal);
    }
}
