using System.CommandLine;
using System.Net;
using Tunnelwright.Cli.Customer;
using Tunnelwright.Diagnosis;
using Tunnelwright.Doctor;
using Tunnelwright.Gateway;
using Tunnelwright.Model;

namespace Tunnelwright.Cli.Commands;

/// <summary>doctor: the root cause on a live gateway.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var connection = new Argument<string?>("connection") { Description = "only this connection; all without it", Arity = ArgumentArity.ZeroOrOne };
        var deep = new Option<bool>("--deep") { Description = "look deeper: the path's MTU, and every hop on the way" };
        var ports = new Option<string[]>("--port") { Description = "a port behind the tunnel that has to take TCP connections; may be given several times", AllowMultipleArgumentsPerToken = true, HelpName = "ADDRESS:PORT" };
        var dns = Options.Addresses("--dns", "a DNS server to ask for names, such as the cloud's; may be given several times");
        var names = new Option<string[]>("--lookup") { Description = "a name of the cloud that has to have a private address here; may be given several times", AllowMultipleArgumentsPerToken = true, HelpName = "NAME" };
        var files = new Option<string[]>("--file") { Description = "a provider's file to compare with, also on a host that was set up by hand; may be given several times", AllowMultipleArgumentsPerToken = true, HelpName = "FILE" };
        var profile = Options.Profile();
        var json = Options.Json();
        var command = new Command("doctor", "Find the root cause on this gateway: looks at the host and out over the wire, changes nothing.") { connection, files, deep, ports, dns, names, profile, json };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(connection), Given(parsed.GetValue(files)), parsed.GetValue(deep), Ports(parsed.GetValue(ports)), [.. Options.ParseAddresses("--dns", parsed.GetValue(dns)).Select(server => server.ToIPAddress())], LookedUp(parsed.GetValue(names)), Options.LoadProfile(parsed.GetRequiredValue(profile)), parsed.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string? only, List<DoctorConnection> files, bool deep, IReadOnlyList<IPEndPoint> ports, IReadOnlyList<IPAddress> dns, IReadOnlyList<string> names, RequirementProfile profile, bool json, CancellationToken cancellationToken)
    {
        var request = new DoctorRequest
        {
            Gateway = CustomerHost.GatewayName,
            Connections = RootCauses.StoredConnections(problem => Console.Error.WriteLine($"warning: {problem}")),
            Files = files,
            Only = only,
            Profile = profile,
            Deep = deep,
            Ports = ports,
            DnsServers = dns,
            Names = names,
            Progress = json ? null : new DoctorText(Console.Error).Tell,
        };
        var report = await GatewayDoctor.RunAsync(request, cancellationToken);
        if (json)
        {
            using var output = Console.OpenStandardOutput();
            DiagnosisJson.Write(output, report);
        }
        else
        {
            new DoctorText(Console.Out).Tell(report, withChecks: Console.IsOutputRedirected);
        }

        return report.Verdict == "healthy" ? ExitCodes.Done : ExitCodes.NotHealthy;
    }

    private static List<string> LookedUp(string[]? texts) =>
        [.. (texts ?? []).Select(name => name.Length > 0 && Dns.Wire.DomainName.TryParse(name, out _) ? name : throw new CliException(ExitCodes.WrongCall, $"--lookup: '{name}' is not a domain name"))];

    /// <summary>Files that were given by name: one that cannot be read ends the call.</summary>
    private static List<DoctorConnection> Given(string[]? files) =>
    [
        .. (files ?? []).Select(file =>
        {
            var read = ProviderFiles.Read(file, RequirementProfile.Default);
            DesiredConnection? desired = null;
            try
            {
                if (read.Connection is { } connection) desired = CustomerGateway.Desire(connection, new CustomerOptions());
            }
            catch (ArgumentException)
            {
                // What the file leaves open, such as a placeholder for the customer's AS number, is not needed to look at its endpoints.
            }

            return new DoctorConnection(file, read, desired);
        }),
    ];

    private static List<IPEndPoint> Ports(string[]? texts)
    {
        var ports = new List<IPEndPoint>();
        foreach (var text in (texts ?? []).SelectMany(value => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
            ports.Add(IPEndPoint.TryParse(text, out var port) && port.Port > 0 ? port : throw new CliException(ExitCodes.WrongCall, $"--port: '{text}' is not ADDRESS:PORT", "for example 10.8.2.30:5432"));
        return ports;
    }
}
