using Tunnelwright.Dns.Configuration;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Forwarding;

/// <summary>A rule at work: its servers, and what its names were asked.</summary>
internal sealed class ForwardingRule(RuleOptions options, UpstreamServer[] servers, RuleCounters counters)
{
    public byte[] Domain => options.Domain;

    public string Name { get; } = DomainName.ToText(options.Domain);

    /// <summary>The rule for all names that no other is for.</summary>
    public bool IsDefault => options.Domain.Length == 1;

    public UpstreamServer[] Servers { get; } = servers;

    public UpstreamTransport Transport => options.Transport;

    public bool Flatten => options.Flatten;

    public bool Private => options.Private;

    /// <summary>What its names were asked; goes on when the rule is changed.</summary>
    public RuleCounters Counters { get; } = counters;

    public bool AllDown
    {
        get
        {
            foreach (var server in Servers)
            {
                if (!server.IsDown) return false;
            }

            return true;
        }
    }

    /// <summary>Whether its answers are those of another one.</summary>
    public bool SaysTheSameAs(ForwardingRule other) =>
        (Transport, Flatten, Private) == (other.Transport, other.Flatten, other.Private) && Servers.Select(server => server.EndPoint).SequenceEqual(other.Servers.Select(server => server.EndPoint));

    /// <summary>Whether a server besides that at a place is up.</summary>
    public bool HasOtherUp(int place)
    {
        for (var i = 0; i < Servers.Length; i++)
        {
            if (i != place && !Servers[i].IsDown) return true;
        }

        return false;
    }

    /// <summary>The server to ask next: one that is up before one that is down, one not tried yet before one tried, then the fastest.</summary>
    /// <param name="tried">A bit for each of the rule's servers.</param>
    /// <param name="explore">Ask another than the fastest, so that its time is known too.</param>
    /// <returns>Its place among the rule's servers.</returns>
    public int Choose(uint tried, bool explore)
    {
        var best = 0;
        var bestScore = long.MaxValue;
        for (var i = 0; i < Servers.Length; i++)
        {
            var server = Servers[i];
            var score = server.SmoothedRoundTrip;
            if (explore && !server.IsDown) score = -score;
            if (server.IsDown) score += 1L << 40;
            if ((tried & (1u << i)) != 0) score += 1L << 50;
            if (score >= bestScore) continue;
            bestScore = score;
            best = i;
        }

        return best;
    }
}

/// <summary>What became of the names of a domain. All threads count.</summary>
internal sealed class RuleCounters(int number)
{
    private long _queries;
    private long _failures;
    private long _publicAnswers;
    private long _staleAnswers;
    private PublicAnswer? _lastPublic;

    /// <summary>The rule's number, by which each thread counts what the cache answers for it.</summary>
    public int Number { get; } = number;

    public long Queries => Volatile.Read(ref _queries);

    public long Failures => Volatile.Read(ref _failures);

    public long PublicAnswers => Volatile.Read(ref _publicAnswers);

    public long StaleAnswers => Volatile.Read(ref _staleAnswers);

    public void Asked() => Interlocked.Increment(ref _queries);

    public void Failed() => Interlocked.Increment(ref _failures);

    /// <summary>The last of the public answers of IPv4; null before the first.</summary>
    public PublicAnswer? LastPublic => Volatile.Read(ref _lastPublic);

    /// <param name="answer">What is to be told of it; null to count it only.</param>
    public void AnsweredPublic(PublicAnswer? answer)
    {
        Interlocked.Increment(ref _publicAnswers);
        if (answer is not null) Volatile.Write(ref _lastPublic, answer);
    }

    public void AnsweredStale() => Interlocked.Increment(ref _staleAnswers);
}
