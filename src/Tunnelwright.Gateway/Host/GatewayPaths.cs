namespace Tunnelwright.Gateway;

/// <summary>Where a gateway keeps what on the host.</summary>
/// <param name="Name">The gateway's name.</param>
public sealed record GatewayPaths(string Name)
{
    /// <summary>State that a reboot may forget: sockets, daemons' configuration, logs.</summary>
    public string StateFolder => $"/run/tunnelwright/{Name}";

    /// <summary>The agent's control socket (HTTP over a Unix socket).</summary>
    public string ControlSocket => $"{StateFolder}/agent.sock";

    /// <summary>Held by the one process that drives the gateway.</summary>
    public string Lock => $"{StateFolder}/lock";

    /// <summary>The desired state that the agent works on, mode 0600.</summary>
    public string Desired => $"{StateFolder}/desired.json";

    /// <summary>Settings of the host as they were before the gateway changed them.</summary>
    public string HostBefore => $"{StateFolder}/host-before.json";

    /// <summary>The agent's log when nobody else takes it.</summary>
    public string AgentLog => $"{StateFolder}/agent.log";

    /// <summary>What happened, an event a line; it outlives reboots.</summary>
    public string History => $"/var/lib/tunnelwright/{Name}/history.jsonl";

    /// <summary>The peers that have answered an echo request through their tunnel.</summary>
    public string Answering => $"{StateFolder}/answering";

    /// <summary>BIRD's folder: configuration, control socket, log.</summary>
    public string BirdFolder => $"{StateFolder}/bird";

    /// <summary>The DNS forwarder's folder: configuration, control socket, log.</summary>
    public string DnsFolder => $"{StateFolder}/dns";

    /// <summary>The DNS forwarder's control socket.</summary>
    public string DnsControl => $"{DnsFolder}/control";

    /// <summary>The folder of the charon in a slot: configuration, VICI socket, log.</summary>
    /// <param name="slot">The slot, from 0.</param>
    public string CharonFolder(int slot) => $"{StateFolder}/charon-{slot}";
}
