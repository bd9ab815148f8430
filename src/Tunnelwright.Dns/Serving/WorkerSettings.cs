using System.Net;
using Tunnelwright.Dns.Caching;
using Tunnelwright.Dns.Configuration;
using Tunnelwright.Dns.Forwarding;

namespace Tunnelwright.Dns.Serving;

/// <summary>What all threads of a forwarder share.</summary>
internal sealed record WorkerSettings(
    ForwarderOptions Options,
    AnswerCache Cache,
    RuleTable Rules,
    AccessList Access,
    RateLimiter Limiter,
    ServerCookie Cookie,
    IReadOnlyDictionary<UpstreamServer, TcpUpstream> Tcp,
    ForwarderLog Log,
    TimeProvider Time,
    IReadOnlyList<IPEndPoint> Listen)
{
    /// <summary>The start of the forwarder's clock.</summary>
    public long Epoch { get; } = Time.GetTimestamp();
}
