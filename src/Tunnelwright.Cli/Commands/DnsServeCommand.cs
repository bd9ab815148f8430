using System.CommandLine;
using System.Runtime.InteropServices;
using Tunnelwright.Dns;
using Tunnelwright.Dns.Configuration;

namespace Tunnelwright.Cli.Commands;

/// <summary>dns serve: the forwarder by itself, in the foreground. SIGHUP lets it read its configuration again.</summary>
internal static class DnsServeCommand
{
    /// <summary>What the process is called in the process list (proc_pid_comm(5), 15 bytes): not like the agent, whom it outlives.</summary>
    private const string ProcessName = "tunnelwrightdns";

    public static Command Create()
    {
        var config = new Option<string>("--config") { Description = "the configuration: JSON with comments, see docs/names.md; SIGHUP reads it again", Required = true, HelpName = "FILE" };
        var check = new Option<bool>("--check") { Description = "read the configuration, say whether it is good, and end" };
        var control = new Option<string?>("--control") { Description = "a Unix socket for dns status, dns reload and dns queries", HelpName = "SOCKET" };
        var serve = new Command("serve", "Answer DNS: names under a rule from the rule's servers, CNAME chains whole.") { config, check, control };
        serve.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetRequiredValue(config), parsed.GetValue(check), parsed.GetValue(control), cancellationToken));
        return serve;
    }

    private static async Task<int> RunAsync(string file, bool check, string? control, CancellationToken cancellationToken)
    {
        if (check)
        {
            var options = Read(file, () => ForwarderOptionsReader.Read(File.ReadAllBytes(file)));
            Console.Error.WriteLine($"{file} is good: {options.Rules.Count} rules, {options.Defaults.Count} default servers");
            return ExitCodes.Done;
        }

        NameProcess();
        _ = Read(file, () => ForwarderOptionsReader.Read(File.ReadAllBytes(file)));
        await using var service = await StartAsync(file, control);
        foreach (var endPoint in service.Forwarder.Listening) Console.Error.WriteLine($"listening on {endPoint}, UDP and TCP");
        using var reading = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            _ = ReloadAsync(service);
        });
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Asked to end: that is how it ends.
        }

        var counters = service.Status().Counters;
        Console.Error.WriteLine($"{counters.Queries} queries, {counters.Hits} out of the cache, {counters.Failures} failed; {GC.CollectionCount(0)} garbage collections, {GC.GetTotalPauseDuration().TotalMilliseconds:0.0} ms in all");
        return ExitCodes.Done;
    }

    private static async Task ReloadAsync(ForwarderService service)
    {
        try
        {
            await service.ReloadAsync();
        }
        catch (Exception problem) when (problem is IOException or ObjectDisposedException)
        {
            await Console.Error.WriteLineAsync($"warning: goes on by the configuration of before: {problem.Message}");
        }
    }

    private static async Task<ForwarderService> StartAsync(string file, string? control)
    {
        try
        {
            return await ForwarderService.StartAsync(file, control, Console.Error.WriteLine);
        }
        catch (IOException problem)
        {
            throw new CliException(ExitCodes.MachineCannot, problem.Message, "is another DNS server on that port, and is the address this host's? ss -lunp shows the ports; ports below 1024 need root");
        }
    }

    private static T Read<T>(string file, Func<T> read)
    {
        try
        {
            return read();
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

    private static void NameProcess()
    {
        try
        {
            File.WriteAllText($"/proc/self/task/{Environment.ProcessId}/comm", ProcessName);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // It is called as its program then.
        }
    }
}
