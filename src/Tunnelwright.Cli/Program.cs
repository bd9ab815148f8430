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
            if (parsed.Errors.Count > 0 && FilesFirst.Reorder(parsed, arguments) is { } reordered) parsed = root.Parse(reordered);
            if (parsed.Errors.Count > 0)
                throw new CliException(ExitCodes.WrongCall, WrongCall(parsed), $"{Name(parsed.CommandResult)} --help shows the usage");
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(5) });
        }
        catch (CliException problem)
        {
            return Report(problem.ExitCode, problem.Message, problem.Hint);
        }
        catch (LabException problem) when (problem.IsWrongCall)
        {
            return Report(ExitCodes.WrongCall, problem.Message, null);
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
        CloudCommand.Create(),
        VpnCommand.Create(),
        NodeCommand.Create(),
        LabCommand.Create(),
    };

    /// <summary>What is wrong with a call. A word where a command belongs is named; the parser only says that none was there.</summary>
    private static string WrongCall(ParseResult parsed) =>
        parsed.CommandResult.Command.Subcommands.Count > 0 && parsed.UnmatchedTokens.FirstOrDefault(word => !word.StartsWith('-')) is { } word
            ? $"{Name(parsed.CommandResult)} has no command '{word}'"
            : parsed.Errors[0].Message.TrimEnd('.');

    /// <summary>A command as it is typed, such as "tunnelwright lab fault list".</summary>
    private static string Name(System.CommandLine.Parsing.CommandResult command) =>
        command.Parent is System.CommandLine.Parsing.CommandResult parent ? $"{Name(parent)} {command.Command.Name}" : "tunnelwright";

    private static int Report(int exitCode, string message, string? hint)
    {
        Console.Error.WriteLine($"error: {Words.OneLine(message)}");
        if (hint is not null) Console.Error.WriteLine($"hint: {Words.OneLine(hint)}");
        return exitCode;
    }
}
