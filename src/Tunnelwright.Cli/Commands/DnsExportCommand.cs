using System.CommandLine;
using Tunnelwright.Cli.Customer;
using Tunnelwright.Formats;
using Tunnelwright.Linux;
using Tunnelwright.Model;

namespace Tunnelwright.Cli.Commands;

/// <summary>dns export: conditional forwarding for the DNS software that a site has already.</summary>
internal static class DnsExportCommand
{
    public static Command Create()
    {
        var target = new Option<string?>("--for") { Description = $"the software: {string.Join(", ", NameWriters.All.Select(writer => writer.Name))}", HelpName = "SOFTWARE" };
        var domains = new Option<string[]>("--domain") { Description = "a domain to forward; default: those of this host's forwarder, else the profile's", AllowMultipleArgumentsPerToken = true, HelpName = "DOMAIN" };
        var servers = new Option<string[]>("--server") { Description = "a server to forward to; default: this host's forwarder", AllowMultipleArgumentsPerToken = true, HelpName = "ADDRESS[:PORT]" };
        var output = new Option<string?>("--out") { Description = "write it there instead of to standard output", HelpName = "FILE" };
        var list = new Option<bool>("--list") { Description = "print what can be written" };
        var profile = Options.Profile();
        var command = new Command("export", "Write conditional forwarding for the DNS software that your site has: names of the cloud from this host's forwarder.") { target, domains, servers, output, list, profile };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(list))
            {
                foreach (var each in NameWriters.All) Console.Out.WriteLine($"{each.Name,-24}{each.Description}");
                return ExitCodes.Done;
            }

            var names = parsed.GetValue(target) ?? throw new CliException(ExitCodes.WrongCall, "--for is missing: the software to write for", "tunnelwright dns export --list prints what there is");
            var writer = NameWriters.Find(names) ?? throw new CliException(ExitCodes.WrongCall, $"--for: there is no '{names}'", "tunnelwright dns export --list prints what there is");
            return Write(writer, Forwarded(NameOptions.ParseDomains("--domain", parsed.GetValue(domains)), NameOptions.EndPoints("--server", parsed.GetValue(servers)), Options.LoadProfile(parsed.GetRequiredValue(profile))), parsed.GetValue(output));
        });
        return command;
    }

    private static ForwardedNames Forwarded(List<string> domains, List<string> servers, RequirementProfile profile)
    {
        var own = domains.Count > 0 && servers.Count > 0 ? null : Forwarder();
        if (servers.Count == 0) servers = [.. own?.Listen.Where(endPoint => endPoint.Address.Value != 0).Select(endPoint => endPoint.ToString()) ?? []];
        if (domains.Count == 0) domains = own is null ? [.. profile.DnsDomains] : [.. own.Rules.Select(rule => rule.Domain)];
        if (servers.Count == 0) throw new CliException(ExitCodes.WrongCall, "the servers to forward to are not known: no forwarder is in service on this host", "give --server ADDRESS, or run it on the gateway after up --dns-listen");
        if (domains.Count == 0) throw new CliException(ExitCodes.WrongCall, "the domains to forward are not known", "give --domain DOMAIN");
        return new ForwardedNames(domains.ToValueList(), servers.Select(Ipv4EndPoint.Parse).ToValueList());
    }

    /// <summary>The forwarder of the connections in service here; null for none, or when they may not be read.</summary>
    private static Gateway.DesiredDns? Forwarder()
    {
        try
        {
            return CustomerHost.Desire(ConnectionsFolder.Read(problem => Console.Error.WriteLine($"warning: {problem}"))).Dns;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static int Write(INameWriter writer, ForwardedNames names, string? path)
    {
        string text;
        try
        {
            text = writer.Write(names);
        }
        catch (NotSupportedException problem)
        {
            throw new CliException(ExitCodes.WrongCall, problem.Message);
        }

        if (path is null) Console.Out.Write(text);
        else AtomicFile.Write(path, text, AtomicFile.EveryoneReads);
        return ExitCodes.Done;
    }
}
