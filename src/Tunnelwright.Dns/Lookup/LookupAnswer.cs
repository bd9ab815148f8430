using System.Net;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Lookup;

/// <summary>What one server said of a name and type, its chain of CNAMEs followed to the end.</summary>
/// <param name="Type">The type asked for.</param>
/// <param name="Server">Who was asked.</param>
/// <param name="Code">The code of the last answer; null when none came.</param>
/// <param name="Error">The extended error of the last answer, or null (RFC 8914).</param>
/// <param name="Chain">The aliases and the final records, in order.</param>
/// <param name="IsComplete">The server gave the whole chain at once; false when its end had to be asked for.</param>
/// <param name="Loops">The chain comes back to itself or is too long.</param>
/// <param name="UsedTcp">The answer did not fit into a datagram.</param>
/// <param name="Elapsed">From the first question to the last answer.</param>
/// <param name="Problem">Why no answer came; null when one did.</param>
public sealed record LookupAnswer(RecordType Type, IPEndPoint Server, ResponseCode? Code, int? Error, IReadOnlyList<LookupRecord> Chain, bool IsComplete, bool Loops, bool UsedTcp, TimeSpan Elapsed, string? Problem)
{
    /// <summary>The final addresses.</summary>
    public IEnumerable<IPAddress> Addresses => Chain.Select(record => record.Address).OfType<IPAddress>();

    /// <summary>The zone that an absence is told of, and its first server, as its SOA says (RFC 2308); null without one.</summary>
    public string? Zone { get; init; }
}

/// <summary>A record of a chain.</summary>
/// <param name="Owner">Whose it is.</param>
/// <param name="Type">Its type.</param>
/// <param name="Ttl">Seconds that it may be kept.</param>
/// <param name="Data">Its data as people read it: an address, a name, or text; else bytes in hexadecimal (RFC 3597).</param>
/// <param name="Address">Its address, when it has one.</param>
public sealed record LookupRecord(string Owner, RecordType Type, uint Ttl, string Data, IPAddress? Address);
