namespace Tunnelwright.Gateway;

/// <summary>
/// What the last echo requests through a tunnel say: health with hysteresis, round-trip time, loss. A peer that never answered is not
/// called dead for its silence: many peers answer no echo.
/// </summary>
internal sealed class EchoRecord
{
    /// <summary>Requests in a row without an answer after which the tunnel is dead.</summary>
    public const int MissesToDeath = 4;

    /// <summary>Answers in a row after which a dead tunnel is alive again.</summary>
    public const int AnswersToLife = 3;

    private const int Window = 50;

    private readonly Lock _gate = new();
    private readonly bool[] _answered = new bool[Window];
    private int _count;
    private int _misses;
    private int _answers;
    private double _roundTrip;
    private TunnelHealth _health;

    /// <summary>The verdict.</summary>
    public TunnelHealth Health
    {
        get
        {
            lock (_gate) return _health;
        }
    }

    /// <summary>Smoothed round-trip time in milliseconds (RFC 6298, alpha 1/8); null before the first answer.</summary>
    public double? RoundTripMilliseconds
    {
        get
        {
            lock (_gate) return _health == TunnelHealth.Unknown ? null : _roundTrip;
        }
    }

    /// <summary>Share of the last 50 requests that were not answered, 0 to 1; null before the first request.</summary>
    public double? LossRatio
    {
        get
        {
            lock (_gate)
            {
                var size = Math.Min(_count, Window);
                return size == 0 ? null : _answered.Take(size).Count(answered => !answered) / (double)size;
            }
        }
    }

    /// <summary>Starts anew: another SA, or none.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _count = _misses = _answers = 0;
            _health = TunnelHealth.Unknown;
        }
    }

    /// <summary>Notes an answer.</summary>
    /// <param name="roundTrip">Its round-trip time.</param>
    /// <returns>Whether the verdict changed.</returns>
    public bool Answer(TimeSpan roundTrip)
    {
        lock (_gate)
        {
            Note(true);
            _misses = 0;
            _answers++;
            _roundTrip = _health == TunnelHealth.Unknown ? roundTrip.TotalMilliseconds : (_roundTrip * 0.875) + (roundTrip.TotalMilliseconds * 0.125);
            return Become(_health == TunnelHealth.Dead && _answers < AnswersToLife ? TunnelHealth.Dead : TunnelHealth.Alive);
        }
    }

    /// <summary>Notes that a request was not answered in time.</summary>
    /// <returns>Whether the verdict changed.</returns>
    public bool Miss()
    {
        lock (_gate)
        {
            if (_health == TunnelHealth.Unknown) return false;
            Note(false);
            _answers = 0;
            _misses++;
            return _misses >= MissesToDeath && Become(TunnelHealth.Dead);
        }
    }

    private bool Become(TunnelHealth health)
    {
        if (_health == health) return false;
        _health = health;
        return true;
    }

    private void Note(bool answered) => _answered[_count++ % Window] = answered;
}
