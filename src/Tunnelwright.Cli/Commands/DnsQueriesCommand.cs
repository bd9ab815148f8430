using System.CommandLine;
using Tunnelwright.Cli.Customer;
using Tunnelwright.Dns.Control;
using Tunnelwright.Gateway;

namespace Tunnelwright.Cli.Commands;

/// <summary>dns queries: a line for every question that the forwarder answers, until Ctrl-C.</summary>
internal static class DnsQueriesCommand
{
    public static Command Create()
    {
        var control = new Option<string?>("--control") { Description = "the forwarder's control socket; default: that of this host's gateway", HelpName = "SOCKET" };
        var command = new Command("queries", "Print a line for every question that the forwarder answers: source, name, type, code, who said it, time. Ctrl-C ends it.") { control };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(control) ?? new GatewayPaths(CustomerHost.GatewayName).DnsControl, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string socket, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var line in new ControlClient(socket).QueriesAsync(cancellationToken)) Console.Out.WriteLine(line);
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C is how one leaves.
            return ExitCodes.Done;
        }
        catch (IOException problem)
        {
            throw new CliException(ExitCodes.MachineCannot, problem.Message, "it needs root; up with --dns-listen starts the gateway's forwarder, dns serve --control one by itself");
        }

        throw new CliException(ExitCodes.NotHealthy, "the forwarder has ended");
    }
}
