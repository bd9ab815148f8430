using Tunnelwright.Dns;

namespace Tunnelwright.Gateway;

/// <summary>The DNS forwarder of the plan. One that runs and does not answer this once is left alone.</summary>
internal sealed partial class Planner
{
    private void Names()
    {
        if (desired.Dns is not { } dns)
        {
            if (observed.Dns is { } unwanted) _changes.Add(new StopDns(unwanted.Process));
            return;
        }

        var configuration = DnsConfiguration.Render(desired, dns, observed);
        if (observed.Dns is not { } running) _changes.Add(new StartDns(configuration, $"answers at {dns.Listen}: {Rules(dns)}"));
        else if (running.Status is { } status && status.Configuration != ForwarderService.Fingerprint(configuration)) _changes.Add(new ReconfigureDns(configuration, $"answers at {dns.Listen}: {Rules(dns)}"));
    }

    private static string Rules(DesiredDns dns) =>
        string.Join("; ", dns.Rules.Select(rule => $"{rule.Domain} from {rule.Servers}").Concat(dns.Upstreams.Count > 0 ? [$"other names from {dns.Upstreams}"] : []));
}
