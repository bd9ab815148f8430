using System.CommandLine;
using Tunnelwright.Cli.Commands;
using Tunnelwright.Cli.Provider;
using Tunnelwright.Cloud.Client;
using Tunnelwright.Gateway;
using Tunnelwright.Lab;
using Tunnelwright.Linux;

namespace Tunnelwright.Cli;

/// <summary>The tunnelwright executable.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        try
        {
            var root = BuildRoot();
            var parsed = root.Parse(arguments);
            if (parsed.Errors.Count > 0)
                throw new CliException(ExitCodes.WrongCall, parsed.Errors[0].Message.TrimEnd('.'), $"{Name(parsed.CommandResult.Command)} --help shows the usage");
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(5) });
        }
        catch (CliException problem)
        {
            return Report(problem.ExitCode, problem.Message, problem.Hint);
        }
        catch (ProgramMissingException problem)
        {
            return Report(ExitCodes.MachineCannot, problem.Message, problem.DebianPackage is { } package ? $"apt-get install --no-install-recommends {package}" : null);
        }
        catch (Exception problem) when (problem is KernelException or CommandFailedException or AgentException or LabException or UnreadableOutputException or IOException or UnauthorizedAccessException or TimeoutException)
        {
            return Report(ExitCodes.MachineCannot, problem.Message, null);
        }
        catch (ServiceException refusal)
        {
            var lines = ServiceProblems.Lines(refusal).ToList();
            foreach (var line in lines.SkipLast(1)) Report(ServiceProblems.ExitCode(refusal), line, null);
            return Report(ServiceProblems.ExitCode(refusal), lines[^1], ServiceProblems.Hint(refusal));
        }
        catch (OperationCanceledException)
        {
            return Report(ExitCodes.NotHealthy, "interrupted", null);
        }
    }

    private static RootCommand BuildRoot() => new("Site-to-site IPsec VPN to a provider's cloud: from the provider's file to two working tunnels.")
    {
        CheckCommand.Create(),
        ConvertCommand.Create(),
        PlanCommand.Create(),
        UpCommand.Create(),
        StatusCommand.Create(),
        DownCommand.Create(),
        ProbeCommand.Create(),
        GatewayCommand.Create(),
        DoctorCommand.Create(),
        DiagnoseCommand.Create(),
        BundleCommand.Create(),
        ExplainCommand.Create(),
        DnsCommand.Create(),
        VpnCommand.Create(),
        NodeCommand.Create(),
        LabCommand.Create(),
    };

    private static string Name(Command command) =>
        command is RootCommand ? "tunnelwright" : $"tunnelwright {string.Join(' ', command.Parents.OfType<Command>().Where(parent => parent is not RootCommand).Select(parent => parent.Name).Append(command.Name))}";

    private static int Report(int exitCode, string message, string? hint)
    {
        Console.Error.WriteLine($"error: {OneLine(message)}");
        if (hint is not null) Console.Error.WriteLine($"hint: {OneLine(hint)}");
        return exitCode;
    }

    /// <summary>Names of files and words of other programs may hold line ends and escape sequences: they forge no line and move no cursor.</summary>
    private static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}
