using System.Net;
using Tunnelwright.Dns.Caching;

namespace Tunnelwright.Dns.Configuration;

/// <summary>How servers are asked.</summary>
public enum UpstreamTransport
{
    /// <summary>UDP; TCP when the answer did not fit.</summary>
    Udp,

    /// <summary>TCP only.</summary>
    Tcp,
}

/// <summary>Everything a forwarder is told. <see cref="ForwarderOptionsReader"/> reads it from a file.</summary>
public sealed record ForwarderOptions
{
    /// <summary>The port of DNS.</summary>
    public const int DefaultPort = 53;

    /// <summary>Addresses and ports to answer at, over UDP and TCP; port 0 takes a free one.</summary>
    public required IReadOnlyList<IPEndPoint> Listen { get; init; }

    /// <summary>Threads that answer, 1 to 64; 0 is one for each processor.</summary>
    public int Threads { get; init; }

    /// <summary>Who may ask; nobody else gets an answer, not even a refusal.</summary>
    public required IReadOnlyList<IPNetwork> Allow { get; init; }

    /// <summary>Queries a second that one source (an IPv4 address, an IPv6 /64) may ask; beyond it they are dropped. 0 is no limit.</summary>
    public int RateLimit { get; init; }

    /// <summary>Servers for names that no rule is for; empty refuses such names. A rule for the root (.) is for all names and takes their place.</summary>
    public IReadOnlyList<IPEndPoint> Defaults { get; init; } = [];

    /// <summary>Rules, in any order: the longest domain that a name is under counts.</summary>
    public IReadOnlyList<RuleOptions> Rules { get; init; } = [];

    /// <summary>What is kept and how long.</summary>
    public CacheOptions Cache { get; init; } = new();

    /// <summary>Seconds before a client whose question no server answers is told so, 1 to 30.</summary>
    public int PatienceSeconds { get; init; } = 4;

    /// <summary>Write a line for every question.</summary>
    public bool QueryLog { get; init; }
}

/// <summary>Who is asked for the names under a domain, and how their answers are given.</summary>
public sealed record RuleOptions
{
    /// <summary>The domain, without compression, in lower case.</summary>
    public required byte[] Domain { get; init; }

    /// <summary>Its servers.</summary>
    public required IReadOnlyList<IPEndPoint> Servers { get; init; }

    /// <summary>The local address to ask from; null lets the route decide.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>How they are asked.</summary>
    public UpstreamTransport Transport { get; init; }

    /// <summary>Answer the final addresses under the name that was asked, without the chain of CNAMEs.</summary>
    public bool Flatten { get; init; }

    /// <summary>Addresses must be private: such ones are preferred, and public ones are reported.</summary>
    public bool Private { get; init; }
}
