using System.CommandLine;
using Tunnelwright.Dns;
using Tunnelwright.Dns.Configuration;

namespace Tunnelwright.Cli.Commands;

/// <summary>dns serve: the forwarder by itself, in the foreground.</summary>
internal static class DnsServeCommand
{
    public static Command Create()
    {
        var config = new Option<string>("--config") { Description = "the configuration: JSON with comments, see docs/names.md", Required = true, HelpName = "FILE" };
        var check = new Option<bool>("--check") { Description = "read the configuration, say whether it is good, and end" };
        var serve = new Command("serve", "Answer DNS: names under a rule from the rule's servers, CNAME chains whole.") { config, check };
        serve.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetRequiredValue(config), parsed.GetValue(check), cancellationToken));
        return serve;
    }

    private static async Task<int> RunAsync(string file, bool check, CancellationToken cancellationToken)
    {
        var options = Read(file);
        if (check)
        {
            Console.Error.WriteLine($"{file} is good: {options.Rules.Count} rules, {options.Defaults.Count} default servers");
            return ExitCodes.Done;
        }

        await using var forwarder = Start(options);
        foreach (var endPoint in forwarder.Listening) Console.Error.WriteLine($"listening on {endPoint}, UDP and TCP");
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Asked to end: that is how it ends.
        }

        var metrics = forwarder.Metrics();
        Console.Error.WriteLine($"{metrics.Queries} queries, {metrics.Hits} out of the cache, {metrics.Failures} failed");
        return ExitCodes.Done;
    }

    private static DnsForwarder Start(ForwarderOptions options)
    {
        try
        {
            return DnsForwarder.Start(options, Console.Error.WriteLine);
        }
        catch (IOException problem)
        {
            throw new CliException(ExitCodes.MachineCannot, problem.Message, "is another DNS server on that port, and is the address this host's? ss -lunp shows the ports; ports below 1024 need root");
        }
    }

    private static ForwarderOptions Read(string file)
    {
        try
        {
            return ForwarderOptionsReader.Read(File.ReadAllBytes(file));
        }
        catch (ConfigurationException problem)
        {
            throw new CliException(ExitCodes.WrongCall, $"{file}:{problem.Line}: {problem.Message}");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCodes.WrongCall, $"{file}: {problem.Message}");
        }
    }
}
