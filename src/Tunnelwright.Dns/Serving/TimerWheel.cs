namespace Tunnelwright.Dns.Serving;

/// <summary>Timers of a thread's jobs, one each, as lists in a wheel of slots of 4 ms: setting, moving and ending cost the same for any number.</summary>
internal sealed class TimerWheel
{
    /// <summary>Milliseconds of a slot.</summary>
    public const int SlotMilliseconds = 4;

    private const int Slots = 8192;
    private readonly int[] _first = new int[Slots];
    private int[] _next = new int[1024];
    private int[] _previous = new int[1024];
    private int[] _slot = new int[1024];
    private long _now;

    /// <param name="milliseconds">The time.</param>
    public TimerWheel(long milliseconds)
    {
        Array.Fill(_first, -1);
        Array.Fill(_slot, -1);
        _now = milliseconds / SlotMilliseconds;
    }

    /// <summary>Timers that run.</summary>
    public int Count { get; private set; }

    /// <summary>Sets a job's timer, whether or not it runs already.</summary>
    /// <param name="job">The job's number.</param>
    /// <param name="at">When, in milliseconds; at most 32 s ahead.</param>
    public void Set(int job, long at)
    {
        Cancel(job);
        if (job >= _next.Length) Grow(job);
        var slot = (int)(Math.Clamp((at + SlotMilliseconds - 1) / SlotMilliseconds, _now + 1, _now + Slots - 1) % Slots);
        (_next[job], _previous[job], _slot[job]) = (_first[slot], -1, slot);
        if (_first[slot] >= 0) _previous[_first[slot]] = job;
        _first[slot] = job;
        Count++;
    }

    public void Cancel(int job)
    {
        if (job >= _slot.Length || _slot[job] < 0) return;
        if (_previous[job] >= 0) _next[_previous[job]] = _next[job];
        else _first[_slot[job]] = _next[job];
        if (_next[job] >= 0) _previous[_next[job]] = _previous[job];
        _slot[job] = -1;
        Count--;
    }

    /// <summary>Takes a timer that is over.</summary>
    /// <param name="milliseconds">The time.</param>
    /// <param name="job">The job.</param>
    /// <returns>False when none is over.</returns>
    public bool TryTake(long milliseconds, out int job)
    {
        var now = milliseconds / SlotMilliseconds;
        while (_now <= now)
        {
            job = _first[(int)(_now % Slots)];
            if (job >= 0)
            {
                Cancel(job);
                return true;
            }

            if (_now == now) break;
            _now++;
        }

        job = -1;
        return false;
    }

    private void Grow(int job)
    {
        var old = _slot.Length;
        var size = Math.Max(2 * old, job + 1);
        Array.Resize(ref _next, size);
        Array.Resize(ref _previous, size);
        Array.Resize(ref _slot, size);
        Array.Fill(_slot, -1, old, size - old);
    }
}
