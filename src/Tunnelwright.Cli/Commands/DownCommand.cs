using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Tunnelwright.Cli.Customer;
using Tunnelwright.Gateway;
using Tunnelwright.Linux;

namespace Tunnelwright.Cli.Commands;

/// <summary>down: takes a connection, or everything, off the host.</summary>
internal static class DownCommand
{
    public static Command Create()
    {
        var connection = new Argument<string?>("connection") { Description = "the connection's id; default: all", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("down", "Take a connection, or all, off this host; the provider's files stay as NAME.down.") { connection };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(connection), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string? id, CancellationToken cancellationToken)
    {
        if (!RootCheck.IsRoot) throw new CliException(ExitCodes.MachineCannot, "this needs root", "run it with sudo");
        var stored = ConnectionsFolder.Read(_ => { });
        var leaving = id is null ? stored : [.. stored.Where(connection => connection.Connection.Id == id)];
        if (id is not null && leaving.Count == 0)
            throw new CliException(ExitCodes.WrongCall, $"{id} is not in service here", stored.Count > 0 ? $"in service: {string.Join(", ", stored.Select(connection => connection.Connection.Id))}" : null);
        foreach (var connection in leaving) ConnectionsFolder.SetAside(connection);
        var staying = stored.Except(leaving).ToList();
        using var agent = new AgentClient(CustomerHost.GatewayName);
        if (staying.Count > 0)
        {
            if (await agent.TryGetStatusAsync(cancellationToken) is null) await CustomerHost.StartAgentAsync(standby: false, cancellationToken);
            else await agent.SetDesiredAsync(CustomerHost.Desire(staying), cancellationToken);
        }
        else
        {
            await TakeDownAsync(cancellationToken);
        }

        Console.Error.WriteLine(leaving.Count == 0 ? "nothing was in service; traces of earlier runs are gone" : $"{string.Join(", ", leaving.Select(connection => connection.Connection.Id))} {(leaving.Count == 1 ? "is" : "are")} down");
        return ExitCodes.Done;
    }

    private static async Task TakeDownAsync(CancellationToken cancellationToken)
    {
        var paths = new GatewayPaths(CustomerHost.GatewayName);
        foreach (var process in GatewayEngine.FindProcesses(CustomerHost.GatewayName).Where(process => process.Mark == CustomerHost.AgentMark))
            await process.StopAsync(TimeSpan.FromSeconds(5), cancellationToken);
        Directory.CreateDirectory(paths.StateFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using (var held = FileLock.TryAcquire(paths.Lock))
        {
            if (held is null) throw new CliException(ExitCodes.MachineCannot, "another process drives this gateway", "stop it first, for example: systemctl stop tunnelwright");
            var failures = await GatewayEngine.TakeDownAsync(CustomerHost.GatewayName, NullLogger.Instance, cancellationToken);
            if (failures.Count > 0) throw new CliException(ExitCodes.NotHealthy, $"not everything could be taken away: {failures[0]}", "run it again");
        }

        Directory.Delete(paths.StateFolder, recursive: true);
    }
}
