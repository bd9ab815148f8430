using System.Runtime.InteropServices;
using Tunnelwright.Dns.Forwarding;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Serving;

/// <summary>
/// Questions that no server answered usefully are not asked again for a second (RFC 9520), so that a client that asks on and on costs the servers nothing. A server
/// that comes back ends that at once.
/// </summary>
internal sealed partial class Worker
{
    private const int FailuresKept = 4096;
    private const long FailureMilliseconds = 1000;
    private readonly FailedQuestion[] _failures = new FailedQuestion[FailuresKept];

    private void RememberFailure(Job job, ResponseCode code) =>
        _failures[job.Hash % FailuresKept] = new FailedQuestion { Hash = job.Hash, Until = _milliseconds + FailureMilliseconds, Returns = _settings.Rules.Returns, Code = code };

    private bool FailedLately(ulong hash)
    {
        ref readonly var failure = ref _failures[hash % FailuresKept];
        return failure.Hash == hash && _milliseconds < failure.Until && failure.Returns == _settings.Rules.Returns;
    }

    /// <summary>Answers a client whose question has just failed for another.</summary>
    private bool TryFail(int waiter, ReadOnlySpan<byte> key, ulong hash)
    {
        if (!FailedLately(hash)) return false;
        ref readonly var failure = ref _failures[hash % FailuresKept];
        ref readonly var query = ref _waiters[waiter].Query;
        _builder.Fail(key[..query.NameLength], query.Type, failure.Code);
        AnswerWaiter(ref _waiters[waiter], _builder.Message, "failure"u8, ExtendedError.CachedError);
        _waiters.Free(waiter);
        Counters.Hits++;
        return true;
    }

    private void ForgetFailures() => Array.Clear(_failures);

    private void Returned(UpstreamServer server)
    {
        _settings.Rules.Returned();
        _settings.Log.Write($"{server.EndPoint} answers again");
    }

    [StructLayout(LayoutKind.Auto)]
    private struct FailedQuestion
    {
        public ulong Hash;
        public long Until;

        /// <summary>How often a server had come back when it failed.</summary>
        public int Returns;
        public ResponseCode Code;
    }
}
