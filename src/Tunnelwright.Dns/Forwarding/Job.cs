using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Forwarding;

/// <summary>One question on its way to the servers, and the clients that wait for it. Used again after its end; a generation tells the uses apart.</summary>
internal sealed class Job(int number)
{
    /// <summary>Most times that servers are asked for one name of a chain.</summary>
    public const int MaximumAttempts = 8;

    private Attempts _attempts;

    public int Number { get; } = number;

    public uint Generation { get; set; }

    public bool IsRunning { get; set; }

    public Chain Chain { get; } = new();

    /// <summary>The cache's key.</summary>
    public byte[] Key { get; } = new byte[ClientQuery.KeySize];

    public int KeyLength { get; set; }

    public ulong Hash { get; set; }

    /// <summary>The rule whose servers are asked now; a chain may enter another's domain.</summary>
    public ForwardingRule Rule { get; set; } = null!;

    public bool Flatten { get; set; }

    public bool DnssecOk { get; set; }

    public bool CheckingDisabled { get; set; }

    /// <summary>First of the waiting clients; -1 for none, as when an answer is renewed before its end.</summary>
    public int FirstWaiter { get; set; }

    /// <summary>The name as it was sent, its letters' case at random.</summary>
    public byte[] Sent { get; } = new byte[DomainName.MaximumLength];

    public int SentLength { get; set; }

    /// <summary>Bits of the rule's servers that were asked in this round, and of those that answered with a failure.</summary>
    public uint Tried { get; set; }

    public uint FailedServers { get; set; }

    /// <summary>A failure's code, for the case that nothing better comes.</summary>
    public ResponseCode FailureCode { get; set; }

    public int AttemptCount { get; set; }

    /// <summary>Place of the server that was asked last.</summary>
    public int LastServer { get; set; }

    /// <summary>Ask over TCP: the answer did not fit, or a response looked forged.</summary>
    public bool NeedsTcp { get; set; }

    /// <summary>Ask without EDNS, which the server did not understand.</summary>
    public bool WithoutEdns { get; set; }

    /// <summary>When the clients are told that nobody answers, in milliseconds.</summary>
    public long Deadline { get; set; }

    /// <summary>When the clients get an expired answer; <see cref="long.MaxValue"/> without one.</summary>
    public long StaleAt { get; set; }

    /// <summary>When the last attempt counts as lost.</summary>
    public long RetryAt { get; set; }

    /// <summary>The rule of the name that was asked for.</summary>
    public ForwardingRule FirstRule { get; set; } = null!;

    /// <summary>The rule whose server answered with public addresses where private ones are wanted, when others are asked therefore; else null.</summary>
    public ForwardingRule? PublicRule { get; set; }

    /// <summary>That server's place in the rule.</summary>
    public int PublicPlace { get; set; }

    /// <summary>Asks this server alone whether it is there again.</summary>
    public UpstreamServer? Probe { get; set; }

    /// <summary>Attempts whose answers may still come.</summary>
    public int OpenAttempts { get; private set; }

    public ref Attempt this[int i] => ref _attempts[i];

    public void Open(in Attempt attempt) => _attempts[OpenAttempts++] = attempt;

    public void CloseAttempts() => OpenAttempts = 0;

    /// <summary>A question that was sent over UDP.</summary>
    [StructLayout(LayoutKind.Auto)]
    internal struct Attempt
    {
        /// <summary>The socket's number and the identification.</summary>
        public uint Key;

        public long SentMicroseconds;

        public UpstreamServer Server;

        /// <summary>The server's place in the rule.</summary>
        public int Place;

        public bool HasTimedOut;
    }

    [InlineArray(MaximumAttempts)]
    private struct Attempts
    {
        private Attempt _first;
    }
}
