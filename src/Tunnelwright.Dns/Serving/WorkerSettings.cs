using System.Net;
using Tunnelwright.Dns.Caching;
using Tunnelwright.Dns.Configuration;
using Tunnelwright.Dns.Forwarding;

namespace Tunnelwright.Dns.Serving;

/// <summary>What all threads of a forwarder share. A change of the configuration is another one of these; <see cref="Epoch"/>, the start of the forwarder's clock, stays.</summary>
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
    long Epoch,
    IReadOnlyList<IPEndPoint> Listen);
