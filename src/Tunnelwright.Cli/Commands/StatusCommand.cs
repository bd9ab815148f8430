using System.CommandLine;
using System.Text.Json;
using Tunnelwright.Cli.Customer;
using Tunnelwright.Gateway;
using Tunnelwright.Linux;

namespace Tunnelwright.Cli.Commands;

/// <summary>status: the state of the connections of this host.</summary>
internal static class StatusCommand
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>With --watch --json: one document a line.</summary>
    private static GatewayJson Lines => new(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    public static Command Create()
    {
        var watch = new Option<bool>("--watch") { Description = "a live screen, q leaves; with --json, or when the output is no terminal, print it again every second until interrupted" };
        var json = Options.Json();
        var command = new Command("status", "Print the state of this host's connections.") { watch, json };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(watch), parsed.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(bool watch, bool json, CancellationToken cancellationToken)
    {
        if (!RootCheck.IsRoot) throw new CliException(ExitCodes.MachineCannot, "this needs root: the agent's socket is root's", "run it with sudo");
        using var agent = new AgentClient(CustomerHost.GatewayName);
        if (watch && !json && LiveScreen.IsPossible) return await WatchAsync(agent, cancellationToken);
        while (true)
        {
            var status = await agent.TryGetStatusAsync(cancellationToken) ?? await LookAsync(warn: true, cancellationToken);
            if (json) Console.Out.WriteLine(JsonSerializer.Serialize(status, watch ? Lines.StatusDocument : GatewayJson.Default.StatusDocument));
            else StatusText.Write(Console.Out, status);
            if (!watch) return status.Connections.All(connection => connection.State == "up") ? ExitCodes.Done : ExitCodes.NotHealthy;
            try
            {
                await Task.Delay(Interval, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return ExitCodes.Done;
            }
        }
    }

    private static async Task<int> WatchAsync(AgentClient agent, CancellationToken cancellationToken)
    {
        var rates = new RateHistory();
        using var screen = new LiveScreen();
        try
        {
            do
            {
                var answer = await agent.TryGetStatusAsync(cancellationToken);
                var status = answer ?? await LookAsync(warn: false, cancellationToken);
                rates.Take(status, TimeSpan.FromMilliseconds(Environment.TickCount64));
                screen.Show(LiveScreen.Size, size => new WatchScreen(size.Width, size.Height).Render(status, rates, TimeProvider.System.GetUtcNow(), agent: answer is not null));
            }
            while (await screen.WaitAsync(Interval, cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C is how one leaves.
        }

        return ExitCodes.Done;
    }

    /// <summary>Without an agent the tunnels may well be up: look at the host itself.</summary>
    private static async Task<StatusDocument> LookAsync(bool warn, CancellationToken cancellationToken)
    {
        Action<string> say = warn ? words => Console.Error.WriteLine($"warning: {words}") : _ => { };
        var desired = CustomerHost.Desire(ConnectionsFolder.Read(say));
        if (desired.Connections.Count == 0) return new StatusDocument([], "none", [], 0, true);
        say("the agent is not running: nobody watches the tunnels; tunnelwright gateway run starts it");
        return await GatewayEngine.LookAsync(desired, cancellationToken);
    }
}
