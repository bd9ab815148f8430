using System.CommandLine;
using Microsoft.Extensions.Logging;
using Tunnelwright.Cli.Customer;
using Tunnelwright.Gateway;

namespace Tunnelwright.Cli.Commands;

/// <summary>gateway run: the agent in the foreground, as systemd runs it.</summary>
internal static class GatewayCommand
{
    /// <summary>Longer than any command drives a gateway.</summary>
    private static readonly TimeSpan StandbyPatience = TimeSpan.FromDays(2);

    public static Command Create()
    {
        var desired = new Option<string?>("--desired") { Description = "realise this desired state (JSON) instead of the provider's files in /etc/tunnelwright/connections", HelpName = "FILE" };
        var standby = new Option<bool>("--standby") { Description = "while another process drives the gateway, wait until it lets go" };
        var metrics = new Option<string?>("--metrics") { Description = $"serve Prometheus metrics over TCP too; default: {AgentEnvironment.Metrics}, else only on the agent's socket", HelpName = "ADDRESS:PORT" };
        var run = new Command("run", "Keep this host's connections up until stopped; the tunnels stay up when it ends.") { desired, standby, metrics };
        run.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(desired), parsed.GetValue(standby), parsed.GetValue(metrics), cancellationToken));
        return new Command("gateway", "The agent that keeps the connections up.") { run };
    }

    private static async Task<int> RunAsync(string? file, bool standby, string? metrics, CancellationToken cancellationToken)
    {
        AgentEnvironment.Load();
        var metricsAddress = AgentEnvironment.MetricsAddress(metrics);
        CustomerHost.Require(bgp: false);
        var desired = file is null
            ? CustomerHost.Desire(ConnectionsFolder.Read(problem => Console.Error.WriteLine($"warning: {problem}")))
            : ReadDesired(file);
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(new LineLoggerProvider(Console.Error)));
        var agent = new AgentHost(desired, loggers) { MetricsAddress = metricsAddress, CauseFinder = RootCauses.FindAsync };
        if (!await agent.RunAsync(standby ? StandbyPatience : TimeSpan.Zero, cancellationToken))
            throw new CliException(ExitCodes.MachineCannot, "another agent drives this gateway already", "tunnelwright status");
        return ExitCodes.Done;
    }

    private static DesiredGateway ReadDesired(string file)
    {
        try
        {
            return DesiredGatewayJson.Read(File.ReadAllText(file));
        }
        catch (Exception problem) when (problem is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCodes.WrongCall, $"{file}: {problem.Message}");
        }
    }
}
