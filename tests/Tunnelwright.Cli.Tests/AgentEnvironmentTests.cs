using Tunnelwright.Cli.Customer;

namespace Tunnelwright.Cli.Tests;

/// <summary>What the agent's environment may say.</summary>
public sealed class AgentEnvironmentTests
{
    [Fact]
    public void Only_the_agents_own_variables_are_taken() => Assert.Equal(
        [("TUNNELWRIGHT_METRICS", "127.0.0.1:9469"), ("OTEL_EXPORTER_OTLP_HEADERS", "a=b,c=d")],
        AgentEnvironment.Parse(["# a comment", "", " TUNNELWRIGHT_METRICS = 127.0.0.1:9469 ", "LD_PRELOAD=/tmp/x.so", "PATH=/tmp", "OTEL_EXPORTER_OTLP_HEADERS=\"a=b,c=d\"", "=", "OTEL_", "\0OTEL_X=1"]));

    [Theory]
    [InlineData("127.0.0.1:9469", "127.0.0.1:9469")]
    [InlineData("[::1]:9469", "[::1]:9469")]
    [InlineData("0.0.0.0:1", "0.0.0.0:1")]
    public void Addresses_are_read(string text, string address) => Assert.Equal(address, AgentEnvironment.MetricsAddress(text)!.ToString());

    [Theory]
    [InlineData("9469")]
    [InlineData(":9469")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:0")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("::1")]
    [InlineData("localhost:9469")]
    public void Others_are_wrong_calls(string text) => Assert.Equal(ExitCodes.WrongCall, Assert.Throws<CliException>(() => AgentEnvironment.MetricsAddress(text)).ExitCode);
}
