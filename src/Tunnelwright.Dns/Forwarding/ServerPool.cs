using System.Net;

namespace Tunnelwright.Dns.Forwarding;

/// <summary>Every server that a forwarder has ever been told to ask, so that what is known of one outlives a change of the rules. Used by one thread at a time.</summary>
internal sealed class ServerPool
{
    private readonly Dictionary<(IPEndPoint EndPoint, IPAddress? Source), UpstreamServer> _servers = [];

    /// <summary>The server at an address, asked from a local address.</summary>
    public UpstreamServer Of(IPEndPoint endPoint, IPAddress? source)
    {
        if (!_servers.TryGetValue((endPoint, source), out var server)) _servers.Add((endPoint, source), server = new UpstreamServer(endPoint, source, _servers.Count));
        return server;
    }
}
