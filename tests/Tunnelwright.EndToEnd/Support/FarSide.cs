using Tunnelwright.Gateway;
using Tunnelwright.Model;

namespace Tunnelwright.EndToEnd;

/// <summary>What tests do to the cloud's endpoints and to the way to them.</summary>
internal static class FarSide
{
    /// <summary>Everything from and to an endpoint vanishes on the internet, without an answer to anybody.</summary>
    public static Task<string> SilenceAsync(TestLab lab, int tunnel)
    {
        var address = tunnel == 1 ? "198.51.100.2" : "192.0.2.2";
        return lab.OutputAsync("internet", "nft", $"table inet silence {{ chain forward {{ type filter hook forward priority -300; ip saddr {address} drop; ip daddr {address} drop; }}; }}");
    }

    /// <summary>Ends it.</summary>
    public static Task<string> MendAsync(TestLab lab) => lab.OutputAsync("internet", "nft", "table inet silence; delete table inet silence");

    /// <summary>Gives an endpoint other values, as the provider's service would.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="number">The tunnel's number.</param>
    /// <param name="change">What becomes of its tunnel.</param>
    /// <param name="upstream">What becomes of its session with the cloud's router; as it is by default.</param>
    public static Task ChangeEndpointAsync(TestLab lab, int number, Func<DesiredTunnel, DesiredTunnel> change, Func<UpstreamSession, UpstreamSession>? upstream = null) =>
        ChangeAsync(lab, $"cloud-endpoint-{number}", change, upstream);

    /// <summary>Gives every tunnel of a host other values, past its provider's file.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="host">The host.</param>
    /// <param name="change">What becomes of each tunnel.</param>
    /// <param name="upstream">What becomes of its session with the cloud's router; as it is by default.</param>
    public static async Task ChangeAsync(TestLab lab, string host, Func<DesiredTunnel, DesiredTunnel> change, Func<UpstreamSession, UpstreamSession>? upstream = null)
    {
        using var agent = AgentClient.ForSocket($"{lab.Host(host).Root}/run/tunnelwright/default/agent.sock");
        var desired = await agent.TryGetDesiredAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(desired);
        var connection = Assert.Single(desired.Connections);
        await agent.SetDesiredAsync(
            desired with
            {
                Connections = [connection with { Tunnels = connection.Tunnels.Select(change).ToValueList() }],
                Upstream = desired.Upstream is { } session && upstream is not null ? upstream(session) : desired.Upstream,
            },
            TestContext.Current.CancellationToken);
    }

    /// <summary>
    /// Gives an endpoint's charon other values for what is negotiated from now on. Its agent, which knows what is loaded by the name of the key, sees nothing of it, and the SAs
    /// that stand do not either.
    /// </summary>
    /// <param name="lab">The lab.</param>
    /// <param name="number">The tunnel's number.</param>
    /// <param name="change">What becomes of its tunnel; the tunnel itself gives it back its own values.</param>
    public static async Task NegotiateAsync(TestLab lab, int number, Func<DesiredTunnel, DesiredTunnel> change)
    {
        var host = $"cloud-endpoint-{number}";
        using var agent = AgentClient.ForSocket($"{lab.Host(host).Root}/run/tunnelwright/default/agent.sock");
        var desired = await agent.TryGetDesiredAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(desired);
        var connection = Assert.Single(desired.Connections);
        var tunnel = change(Assert.Single(connection.Tunnels));
        Assert.NotNull(tunnel.LocalOutside);
        var (name, settings) = TunnelSecurity.Connection(connection, tunnel, new CharonInstance(desired.Name, 0, TestMachine.DataPlane == "userspace"), tunnel.LocalOutside.Value).Sections.Single();
        await lab.WithCharonsAsync(host, client => client.LoadConnectionAsync(name, settings, TestContext.Current.CancellationToken));
    }

    /// <summary>Takes BFD out of an endpoint's BIRD, whose agent is gone: as the public service, which has none.</summary>
    public static Task<string> WithoutBfdAsync(TestLab lab, string endpoint) => lab.OutputAsync(
        endpoint, "sh", "-c", "cd /run/tunnelwright/default/bird && sed -i '/^protocol bfd {/,/^}/d; /^ *bfd on;/d' bird.conf && birdc -s bird.ctl configure");

    /// <summary>The far side's agents as the lab starts them.</summary>
    public static async Task RestartAgentsAsync(TestLab lab)
    {
        foreach (var endpoint in new[] { "cloud-endpoint-1", "cloud-endpoint-2" })
        {
            await lab.OutputAsync(endpoint, "sh", "-c", "setsid tunnelwright gateway run --desired /run/tunnelwright/default/desired.json >/dev/null 2>&1 </dev/null &");
            await Eventually.HoldsAsync("the far side's agent answers", TestMachine.Patience, () => File.Exists($"{lab.Host(endpoint).Root}/run/tunnelwright/default/agent.sock"));
        }
    }
}
