namespace Tunnelwright.Gateway;

/// <summary>
/// What the echo requests through a tunnel say: health with hysteresis, round-trip time, loss. A peer that never answered is not called dead
/// for its silence: many peers answer no echo. One that answered before has to answer again, also after its SA was replaced.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="expected">Whether the peer is known to answer, because it answered another process of this gateway.</param>
internal sealed class EchoRecord(TimeProvider time, bool expected = false)
{
    /// <summary>Requests in a row, sent and not answered in time, after which the tunnel is dead.</summary>
    public const int MissesToDeath = 3;

    /// <summary>Answers in a row after which a dead tunnel is alive again.</summary>
    public const int AnswersToLife = 3;

    /// <summary>Share of lost requests above which a tunnel is degraded.</summary>
    public const double LossToDegrade = 0.2;

    /// <summary>Share of lost requests below which a degraded tunnel is good again.</summary>
    public const double LossToRecover = 0.05;

    /// <summary>Requests that the loss is counted over.</summary>
    public const int Window = 50;

    /// <summary>How long a tunnel that came back must live before it is preferred again; it doubles with each death within <see cref="DeathsRemembered"/>.</summary>
    public static readonly TimeSpan HoldDown = TimeSpan.FromSeconds(10);

    /// <summary>The longest hold-down.</summary>
    public static readonly TimeSpan LongestHoldDown = TimeSpan.FromMinutes(5);

    /// <summary>How long a death lengthens the hold-down.</summary>
    public static readonly TimeSpan DeathsRemembered = TimeSpan.FromMinutes(10);

    /// <summary>How long a tunnel is dead before its SA is given up; it doubles as long as new SAs carry nothing either.</summary>
    public static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestGiveUp = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LeastPatience = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MostPatience = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly (long Ticket, long SentAt, bool Answered)[] _requests = new (long, long, bool)[Window];
    private readonly Queue<long> _unanswered = new();
    private readonly List<long> _deaths = [];
    private TunnelHealth _health;
    private TimeSpan _giveUpAfter = GiveUpAfter;
    private long _tickets;
    private long _since;
    private int _answers;
    private bool _everAnswered;
    private double _roundTrip;

    /// <summary>The verdict.</summary>
    public TunnelHealth Health
    {
        get
        {
            lock (_gate) return _health;
        }
    }

    /// <summary>Whether an answer ever came.</summary>
    public bool EverAnswered
    {
        get
        {
            lock (_gate) return _everAnswered;
        }
    }

    /// <summary>Smoothed round-trip time in milliseconds (RFC 6298, alpha 1/8); null before the first answer.</summary>
    public double? RoundTripMilliseconds
    {
        get
        {
            lock (_gate) return _everAnswered ? _roundTrip : null;
        }
    }

    /// <summary>Share of the last 50 requests that were not answered in time, 0 to 1; null before the first answer.</summary>
    public double? LossRatio
    {
        get
        {
            lock (_gate) return _everAnswered ? Loss().Ratio : null;
        }
    }

    /// <summary>Whether something changes by itself as time passes: an answer is outstanding, or the verdict is not the usual one.</summary>
    public bool Waits
    {
        get
        {
            lock (_gate) return _unanswered.Count > 0 || _health != TunnelHealth.Alive;
        }
    }

    /// <summary>Whether an answer is later than usual.</summary>
    public bool IsOverdue
    {
        get
        {
            lock (_gate) return _unanswered.TryPeek(out var oldest) && time.GetElapsedTime(oldest) >= Patience();
        }
    }

    /// <summary>Starts anew: another SA, or none. What a tunnel did before is remembered.</summary>
    public void Restart()
    {
        lock (_gate)
        {
            _unanswered.Clear();
            Array.Clear(_requests);
            _answers = 0;
            if (!_everAnswered && !expected) return;
            if (_health is not (TunnelHealth.Dead or TunnelHealth.GivenUp)) Die();
            Become(TunnelHealth.Dead);
            _since = time.GetTimestamp();
        }
    }

    /// <summary>Notes a request.</summary>
    /// <returns>What its answer is told with.</returns>
    public long Request()
    {
        lock (_gate)
        {
            var ticket = ++_tickets;
            var now = time.GetTimestamp();
            _requests[ticket % Window] = (ticket, now, false);
            _unanswered.Enqueue(now);
            return ticket;
        }
    }

    /// <summary>Notes an answer. Any answer, also a late one, shows that the tunnel carries packets each way.</summary>
    /// <param name="ticket">What the request returned.</param>
    /// <param name="roundTrip">Its round-trip time.</param>
    /// <returns>Whether the verdict changed.</returns>
    public bool Answer(long ticket, TimeSpan roundTrip)
    {
        lock (_gate)
        {
            ref var request = ref _requests[ticket % Window];
            if (request.Ticket != ticket) return false;
            request.Answered = true;
            _unanswered.Clear();
            _answers++;
            _roundTrip = _everAnswered ? (_roundTrip * 0.875) + (roundTrip.TotalMilliseconds * 0.125) : roundTrip.TotalMilliseconds;
            _everAnswered = true;
            return _health switch
            {
                TunnelHealth.Unknown => Become(TunnelHealth.Alive),
                TunnelHealth.Dead or TunnelHealth.GivenUp when _answers >= AnswersToLife => Revive(),
                _ => false,
            };
        }
    }

    /// <summary>Looks at the clock: what was not answered in time, and what has been good for long enough.</summary>
    /// <returns>Whether the verdict changed.</returns>
    public bool Check()
    {
        lock (_gate)
        {
            var patience = Patience();
            if (_unanswered.TryPeek(out var oldest) && time.GetElapsedTime(oldest) >= patience) _answers = 0;
            var missed = _unanswered.Count(sent => time.GetElapsedTime(sent) >= patience);
            switch (_health)
            {
                case TunnelHealth.Unknown when expected && missed >= MissesToDeath:
                case TunnelHealth.Alive or TunnelHealth.Recovering or TunnelHealth.Degraded when missed >= MissesToDeath:
                    Die();
                    return Become(TunnelHealth.Dead);
                case TunnelHealth.Dead when time.GetElapsedTime(_since) >= _giveUpAfter:
                    _giveUpAfter = Shorter(_giveUpAfter * 2, LongestGiveUp);
                    return Become(TunnelHealth.GivenUp);
                case TunnelHealth.Alive or TunnelHealth.Recovering when Loss() is { Count: Window, Ratio: > LossToDegrade }:
                    return Become(TunnelHealth.Degraded);
                case TunnelHealth.Degraded when Loss() is { Count: Window, Ratio: < LossToRecover }:
                    return Become(TunnelHealth.Recovering);
                case TunnelHealth.Recovering when time.GetElapsedTime(_since) >= CurrentHoldDown():
                    return Become(TunnelHealth.Alive);
                default:
                    return false;
            }
        }
    }

    /// <summary>This process stood still: what came to nothing in that time says nothing about the tunnel.</summary>
    public void Excuse()
    {
        lock (_gate) _unanswered.Clear();
    }

    private static TimeSpan Shorter(TimeSpan left, TimeSpan right) => left < right ? left : right;

    /// <summary>An answer later than twice the usual time, and than 50 ms, is a miss until it comes. Before the first answer no time is usual.</summary>
    private TimeSpan Patience()
    {
        if (!_everAnswered) return MostPatience;
        var usual = TimeSpan.FromMilliseconds(_roundTrip * 2);
        return usual < LeastPatience ? LeastPatience : Shorter(usual, MostPatience);
    }

    private (int Count, double Ratio) Loss()
    {
        var patience = Patience();
        var (count, lost) = (0, 0);
        foreach (var request in _requests)
        {
            if (request.Ticket == 0) continue;
            count++;
            if (!request.Answered && time.GetElapsedTime(request.SentAt) >= patience) lost++;
        }

        return (count, count == 0 ? 0 : lost / (double)count);
    }

    private void Die()
    {
        var now = time.GetTimestamp();
        _deaths.RemoveAll(death => time.GetElapsedTime(death) > DeathsRemembered);
        if (_deaths.Count < 16) _deaths.Add(now);
    }

    /// <summary>What was lost while the tunnel was dead is no loss of the living one, and an SA that carries may be given up soon when it dies: new ones are worth having.</summary>
    private bool Revive()
    {
        Array.Clear(_requests);
        _giveUpAfter = GiveUpAfter;
        return Become(TunnelHealth.Recovering);
    }

    private TimeSpan CurrentHoldDown()
    {
        var recent = _deaths.Count(death => time.GetElapsedTime(death) <= DeathsRemembered);
        return Shorter(HoldDown * Math.Pow(2, Math.Max(0, recent - 1)), LongestHoldDown);
    }

    private bool Become(TunnelHealth health)
    {
        if (_health == health) return false;
        _health = health;
        _since = time.GetTimestamp();
        _answers = 0;
        return true;
    }
}
