using System.CommandLine;
using System.Text.Json;
using Tunnelwright.Cli.Customer;
using Tunnelwright.Gateway;
using Tunnelwright.Linux;

namespace Tunnelwright.Cli.Commands;

/// <summary>status: the state of the connections of this host.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var watch = new Option<bool>("--watch") { Description = "print it again every second until interrupted" };
        var json = Options.Json();
        var command = new Command("status", "Print the state of this host's connections.") { watch, json };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(watch), parsed.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(bool watch, bool json, CancellationToken cancellationToken)
    {
        if (!RootCheck.IsRoot) throw new CliException(ExitCodes.MachineCannot, "this needs root: the agent's socket is root's", "run it with sudo");
        using var agent = new AgentClient(CustomerHost.GatewayName);
        while (true)
        {
            var status = await agent.TryGetStatusAsync(cancellationToken) ?? await LookAsync(cancellationToken);
            if (watch && !json) Console.Out.Write("\e[H\e[2J");
            if (json) Console.Out.WriteLine(JsonSerializer.Serialize(status, GatewayJson.Default.StatusDocument));
            else StatusText.Write(Console.Out, status);
            if (!watch) return status.Connections.All(connection => connection.State == "up") ? ExitCodes.Done : ExitCodes.NotHealthy;
            try
            {
                await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return ExitCodes.Done;
            }
        }
    }

    /// <summary>Without an agent the tunnels may well be up: look at the host itself.</summary>
    private static async Task<StatusDocument> LookAsync(CancellationToken cancellationToken)
    {
        var desired = CustomerHost.Desire(ConnectionsFolder.Read(problem => Console.Error.WriteLine($"warning: {problem}")));
        if (desired.Connections.Count == 0) return new StatusDocument([], "none", [], 0, true);
        Console.Error.WriteLine("warning: the agent is not running: nobody watches the tunnels; tunnelwright gateway run starts it");
        return await GatewayEngine.LookAsync(desired, cancellationToken);
    }
}
