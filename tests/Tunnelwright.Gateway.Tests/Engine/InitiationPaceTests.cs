namespace Tunnelwright.Gateway.Tests;

/// <summary>A peer that refuses is asked ever more seldom, and never given up.</summary>
public sealed class InitiationPaceTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private readonly ManualTime _time = new();
    private readonly InitiationPace _pace;

    public InitiationPaceTests() => _pace = new InitiationPace(_time);

    [Fact]
    public void The_first_attempt_is_at_once_and_the_next_ones_wait_longer_up_to_a_limit()
    {
        Assert.True(_pace.MayStart("vpn-1-1"));
        Assert.False(_pace.MayStart("vpn-1-1"));
        var pauses = Enumerable.Range(0, 12).Select(_ => UntilAllowed("vpn-1-1").TotalSeconds).ToList();
        Assert.InRange(pauses[0], 1.5, 2.5);
        Assert.All(pauses, pause => Assert.InRange(pause, 1.5, 18.1));
        Assert.All(pauses.TakeLast(4), pause => Assert.True(pause > 5, string.Join(", ", pauses)));
    }

    [Fact]
    public void Tunnels_have_their_own_pace()
    {
        Assert.True(_pace.MayStart("vpn-1-1"));
        Assert.True(_pace.MayStart("vpn-1-2"));
        Assert.False(_pace.MayStart("vpn-1-2"));
    }

    [Fact]
    public void Other_settings_begin_anew()
    {
        Assert.True(_pace.MayStart("vpn-1-1"));
        _pace.Forget("vpn-1-1");
        Assert.True(_pace.MayStart("vpn-1-1"));
    }

    [Fact]
    public void A_tunnel_that_stood_for_a_while_begins_anew()
    {
        Assert.True(_pace.MayStart("vpn-1-1"));
        for (var i = 0; i < 8; i++) UntilAllowed("vpn-1-1");
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.True(_pace.MayStart("vpn-1-1"));
        Assert.InRange(UntilAllowed("vpn-1-1").TotalSeconds, 1.5, 2.5);
    }

    [Fact]
    public void A_second_attempt_in_a_row_is_known_as_one()
    {
        Assert.True(_pace.MayStart("vpn-1-1", out var again));
        Assert.False(again);
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.True(_pace.MayStart("vpn-1-1", out again));
        Assert.True(again);
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.True(_pace.MayStart("vpn-1-1", out again));
        Assert.False(again);
    }

    [Fact]
    public void After_days_without_an_answer_an_attempt_is_still_made_every_quarter_of_a_minute()
    {
        Assert.True(_pace.MayStart("vpn-1-1"));
        var (attempts, longest, waited) = (0, TimeSpan.Zero, TimeSpan.Zero);
        for (var second = 0; second < 2 * 86400; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            waited += TimeSpan.FromSeconds(1);
            if (!_pace.MayStart("vpn-1-1")) continue;
            attempts++;
            if (waited > longest) longest = waited;
            waited = TimeSpan.Zero;
        }

        Assert.InRange(longest.TotalSeconds, 15, 18);
        Assert.InRange(attempts, 2 * 86400 / 18, 2 * 86400 / 12);
    }

    private TimeSpan UntilAllowed(string tunnel)
    {
        var waited = TimeSpan.Zero;
        do
        {
            _time.Advance(Step);
            waited += Step;
            Assert.True(waited < TimeSpan.FromMinutes(1));
        }
        while (!_pace.MayStart(tunnel));
        return waited;
    }
}
