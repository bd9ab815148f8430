using System.CommandLine;
using Tunnelwright.Linux;

namespace Tunnelwright.Cli.Commands;

/// <summary>cloud: the provider's service. It is a program of its own (a framework that cannot be compiled natively), which takes this process's place.</summary>
internal static class CloudCommand
{
    /// <summary>Path of the service's program, where it is not beside this one.</summary>
    private const string ProgramVariable = "TUNNELWRIGHT_CLOUD_PROGRAM";

    private const string OptionPrefix = "TUNNELWRIGHT_CLOUD_";

    public static Command Create()
    {
        var database = new Option<string?>("--database") { Description = "PostgreSQL as Host=…;Database=…;Username=…; default: one of the service's own under the state folder", HelpName = "CONNECTION" };
        var state = new Option<string?>("--state-folder") { Description = "keys, the service's own PostgreSQL, the first administrator's token; default: /var/lib/tunnelwright-cloud", HelpName = "DIR" };
        var listen = new Option<string?>("--listen") { Description = "where to listen; default: http://127.0.0.1:8460", HelpName = "URL" };
        var certificate = new Option<string?>("--certificate-file") { Description = "certificate for https, PEM with its chain", HelpName = "FILE" };
        var key = new Option<string?>("--certificate-key-file") { Description = "the certificate's key, PEM", HelpName = "FILE" };
        var profile = new Option<string?>("--profile") { Description = "what the provider allows: outsystems or aws; default: outsystems", HelpName = "NAME" };
        var lab = new Option<bool>("--lab") { Description = "take documentation addresses (RFC 5737) for public ones" };
        var serve = new Command("serve", "API and orchestration; docs/cloud.md has the settings that are given by environment variables.") { listen, database, state, certificate, key, profile, lab };
        serve.SetAction(parsed => Execute("serve", [(listen, parsed.GetValue(listen)), (database, parsed.GetValue(database)), (state, parsed.GetValue(state)), (certificate, parsed.GetValue(certificate)), (key, parsed.GetValue(key)), (profile, parsed.GetValue(profile)), (lab, parsed.GetValue(lab) ? "true" : null)]));
        var rotate = new Command("rotate-encryption-key", "Encrypt every kept secret with a new key; replicas may go on serving.") { database, state };
        rotate.SetAction(parsed => Execute("rotate-encryption-key", [(database, parsed.GetValue(database)), (state, parsed.GetValue(state))]));
        return new Command("cloud", "The provider's service.") { serve, rotate };
    }

    /// <summary>Options go through the environment: a database's password must not stand in the process list.</summary>
    private static int Execute(string command, IEnumerable<(Option Option, string? Value)> options)
    {
        var program = Find() ?? throw new CliException(ExitCodes.MachineCannot, "the service's program is not here", $"scripts/build puts it beside this one; {ProgramVariable} names it elsewhere");
        foreach (var (option, value) in options)
        {
            if (value is not null) Environment.SetEnvironmentVariable(OptionPrefix + option.Name.TrimStart('-').Replace('-', '_').ToUpperInvariant(), value);
        }

        // A runtime that is on the PATH only is not found by the program itself.
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is null && ProgramFinder.TryFind("dotnet") is { } dotnet)
            Environment.SetEnvironmentVariable("DOTNET_ROOT", Path.GetDirectoryName(File.ResolveLinkTarget(dotnet, returnFinalTarget: true)?.FullName ?? dotnet));
        return ProcessReplacement.Execute(program, [command]);
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable(ProgramVariable) is { Length: > 0 } named) return File.Exists(named) ? named : null;
        var beside = Path.Combine(AppContext.BaseDirectory, "cloud", "tunnelwright-cloud");
        return File.Exists(beside) ? beside : null;
    }
}
