using Tunnelwright.Vici;

namespace Tunnelwright.Lab.Faults;

/// <summary>Both ends are narrowed, and to ranges that have nothing in common: one narrow end would only narrow the other (RFC 7296 section 2.9).</summary>
internal sealed class TrafficSelectorMismatch() : Fault("ts-mismatch", "ts-mismatch", "both ends are policy-based and name ranges that have nothing in common")
{
    public override async Task InjectAsync(FaultSite site, int tunnel, CancellationToken cancellationToken)
    {
        await site.DesiredAsync(FaultSite.CustomerGateway, cancellationToken);
        await LoadAsync(site, FaultSite.Endpoint(tunnel), tunnel, "10.99.0.0/24", "10.98.0.0/24", cancellationToken);
        await LoadAsync(site, FaultSite.CustomerGateway, tunnel, LabAddresses.Customer.ToString(), LabAddresses.Cloud.ToString(), cancellationToken);
    }

    private static Task LoadAsync(FaultSite site, string host, int tunnel, string local, string remote, CancellationToken cancellationToken) => LoadedConnection.ReplaceAsync(
        site,
        host,
        tunnel,
        (settings, child) => LoadedConnection.With(
            LoadedConnection.With(settings, ["children", child, "local_ts"], (section, key) => section.Add(key, [local])),
            ["children", child, "remote_ts"],
            (section, key) => section.Add(key, [remote])),
        cancellationToken);
}

internal sealed class AuthenticationMethodUnsupported() : Fault("auth-method-unsupported", "auth-method-unsupported", "the cloud's endpoint wants a certificate of the customer instead of the key")
{
    public override Task InjectAsync(FaultSite site, int tunnel, CancellationToken cancellationToken) => LoadedConnection.ReplaceAsync(
        site, FaultSite.Endpoint(tunnel), tunnel, (settings, _) => LoadedConnection.With(settings, ["remote-1", "auth"], (section, key) => section.Add(key, "pubkey")), cancellationToken);
}

/// <summary>The key is taken away while the agent is held, which would load it again.</summary>
internal sealed class PskMissing(TunnelEnd end) : Fault(
    end == TunnelEnd.Cloud ? "psk-missing" : "psk-missing-customer",
    "psk-missing",
    end == TunnelEnd.Cloud ? "the cloud's endpoint has no key for the customer" : "the customer's gateway has no key for the cloud's endpoint")
{
    public override async Task InjectAsync(FaultSite site, int tunnel, CancellationToken cancellationToken)
    {
        var host = end == TunnelEnd.Cloud ? FaultSite.Endpoint(tunnel) : FaultSite.CustomerGateway;
        if (LabHostProcesses.ViciSockets(site.Host(host)).Count == 0) throw site.Refusal($"no IKE daemon runs on {host}");
        site.ReloadAtHealing(host);
        await site.FreezeAsync(host, [LabHostProcesses.Agent], cancellationToken);
        await LabHostProcesses.WithCharonsAsync(site.Host(host), async (client, _) =>
        {
            var ending = $"-{tunnel} ";
            foreach (var key in (await client.GetSharedIdsAsync(cancellationToken)).Where(key => key.Contains(ending, StringComparison.Ordinal))) await client.UnloadSharedAsync(key, cancellationToken);
            foreach (var name in (await client.GetConnectionNamesAsync(cancellationToken)).Where(name => name.EndsWith(ending.TrimEnd(), StringComparison.Ordinal)))
            {
                await LoadedConnection.EndAsync(client, name, cancellationToken);
                if (end == TunnelEnd.Customer) await client.InitiateAsync(new InitiateRequest { Ike = name, Child = name, Timeout = TimeSpan.Zero }, cancellationToken: cancellationToken);
            }
        });
    }
}
