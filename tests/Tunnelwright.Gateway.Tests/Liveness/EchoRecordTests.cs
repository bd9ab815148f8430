namespace Tunnelwright.Gateway.Tests;

/// <summary>The verdict of echo requests: hysteresis, hold-down, loss and round-trip time.</summary>
public sealed class EchoRecordTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly ManualTime _time = new();
    private readonly EchoRecord _record;

    public EchoRecordTests() => _record = new EchoRecord(_time);

    [Fact]
    public void A_peer_that_never_answered_is_never_dead()
    {
        for (var i = 0; i < 1000; i++) Assert.False(Miss());
        _record.Restart();
        Assert.Equal(TunnelHealth.Unknown, _record.Health);
        Assert.Null(_record.LossRatio);
        Assert.Null(_record.RoundTripMilliseconds);
    }

    [Fact]
    public void A_peer_that_answered_another_process_is_dead_after_a_second_of_silence()
    {
        var record = new EchoRecord(_time, expected: true);
        for (var i = 0; i < 3; i++) record.Request();
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(record.Check());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(record.Check());
        Assert.Equal(TunnelHealth.Dead, record.Health);
    }

    [Fact]
    public void Who_answered_is_known_to_the_next_process()
    {
        var path = Path.Combine(Path.GetTempPath(), $"answering-{Guid.NewGuid():n}");
        try
        {
            var peer = Tunnelwright.Model.Ipv4Address.Parse("169.254.10.1");
            new AnsweringPeers(path).Keep([("vpn-1", peer)]);
            var next = new AnsweringPeers(path);
            Assert.True(next.Contains("vpn-1", peer));
            Assert.False(next.Contains("vpn-2", peer));
            Assert.False(next.Contains("vpn-1", Tunnelwright.Model.Ipv4Address.Parse("169.254.20.1")));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void The_first_answer_is_life_without_a_hold_down()
    {
        Assert.True(Answer());
        Assert.Equal(TunnelHealth.Alive, _record.Health);
        Assert.False(Answer());
    }

    [Fact]
    public void Death_takes_three_misses_in_a_row_and_comes_within_350_ms()
    {
        Answer();
        for (var round = 0; round < 20; round++)
        {
            for (var miss = 1; miss < EchoRecord.MissesToDeath; miss++) Assert.False(Miss());
            Assert.Equal(TunnelHealth.Alive, _record.Health);
            for (var i = 0; i < 20; i++) Answer();
        }

        for (var miss = 1; miss < EchoRecord.MissesToDeath; miss++) Assert.False(Miss());
        _record.Request();
        _time.Advance(TimeSpan.FromMilliseconds(49));
        Assert.False(_record.Check());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(_record.Check());
        Assert.Equal(TunnelHealth.Dead, _record.Health);
        Assert.False(_record.Check());
    }

    [Fact]
    public void A_late_answer_is_an_answer()
    {
        Answer();
        var first = _record.Request();
        _time.Advance(Interval);
        _record.Request();
        _time.Advance(Interval);
        _record.Request();
        _time.Advance(TimeSpan.FromMilliseconds(40));
        _record.Answer(first, TimeSpan.FromMilliseconds(240));
        _time.Advance(TimeSpan.FromMilliseconds(40));
        Assert.False(_record.Check());
        Assert.Equal(TunnelHealth.Alive, _record.Health);
    }

    [Fact]
    public void A_slow_path_is_waited_for_longer()
    {
        for (var i = 0; i < 50; i++) Answer(200);
        for (var i = 0; i < 5; i++) Assert.False(Miss());
        Assert.True(Miss());
    }

    [Fact]
    public void What_was_missed_while_this_process_stood_still_does_not_count()
    {
        Answer();
        for (var miss = 1; miss < EchoRecord.MissesToDeath; miss++) Miss();
        _record.Excuse();
        for (var miss = 1; miss < EchoRecord.MissesToDeath; miss++) Assert.False(Miss());
        Assert.True(Miss());
    }

    [Fact]
    public void Life_after_death_takes_answers_in_a_row_and_a_hold_down()
    {
        Die();
        for (var round = 0; round < 2; round++)
        {
            for (var answer = 1; answer < EchoRecord.AnswersToLife; answer++) Assert.False(Answer());
            Miss();
            Assert.NotEqual(TunnelHealth.Recovering, _record.Health);
        }

        for (var answer = 1; answer < EchoRecord.AnswersToLife; answer++) Assert.False(Answer());
        Assert.True(Answer());
        Assert.Equal(TunnelHealth.Recovering, _record.Health);
        AssertAbout(EchoRecord.HoldDown, Live());
        Assert.Equal(TunnelHealth.Alive, _record.Health);
    }

    [Fact]
    public void Each_death_doubles_the_hold_down_up_to_a_limit_and_is_forgotten_in_time()
    {
        var expected = EchoRecord.HoldDown;
        for (var death = 0; death < 7; death++)
        {
            Die();
            AssertAbout(expected, Live());
            expected = expected * 2 < EchoRecord.LongestHoldDown ? expected * 2 : EchoRecord.LongestHoldDown;
            if (death == 3) break;
        }

        _time.Advance(EchoRecord.DeathsRemembered);
        _record.Excuse();
        Die();
        AssertAbout(EchoRecord.HoldDown, Live());
    }

    [Fact]
    public void A_dead_tunnel_is_given_up_ever_more_seldom_until_it_carries_again()
    {
        Die();
        AssertAbout(EchoRecord.GiveUpAfter, UntilGivenUp());
        _record.Restart();
        Assert.Equal(TunnelHealth.Dead, _record.Health);
        AssertAbout(EchoRecord.GiveUpAfter * 2, UntilGivenUp());
        while (_record.Health == TunnelHealth.GivenUp) Answer();
        Assert.Equal(TunnelHealth.Recovering, _record.Health);
        Die();
        AssertAbout(EchoRecord.GiveUpAfter, UntilGivenUp());
    }

    [Fact]
    public void Loss_over_the_limit_degrades_until_it_is_gone()
    {
        for (var i = 0; i < EchoRecord.Window; i++) Answer();
        for (var i = 0; i < 60 && _record.Health == TunnelHealth.Alive; i++)
        {
            if (i % 3 == 0) Miss();
            else Answer();
        }

        Assert.Equal(TunnelHealth.Degraded, _record.Health);
        Assert.InRange(_record.LossRatio!.Value, EchoRecord.LossToDegrade, 0.3);
        for (var i = 0; i < EchoRecord.Window - 10; i++) Answer();
        Assert.Equal(TunnelHealth.Degraded, _record.Health);
        for (var i = 0; i < 10; i++) Answer();
        Assert.Equal(TunnelHealth.Recovering, _record.Health);
    }

    [Fact]
    public void Loss_is_that_of_the_last_fifty_requests()
    {
        Answer();
        Assert.Equal(0, _record.LossRatio);
        Miss();
        Assert.Equal(0.5, _record.LossRatio);
        for (var i = 0; i < 48; i++) Answer();
        Assert.Equal(1 / 50.0, _record.LossRatio);
        Answer();
        Assert.Equal(1 / 50.0, _record.LossRatio);
        Answer();
        Assert.Equal(0, _record.LossRatio);
        for (var i = 0; i < 25; i++) Miss();
        Assert.Equal(0.5, _record.LossRatio);
    }

    [Fact]
    public void What_was_lost_in_death_does_not_degrade_the_life_after_it()
    {
        Die();
        for (var i = 0; i < EchoRecord.Window; i++) Miss();
        for (var i = 0; i < EchoRecord.Window + 10; i++) Answer();
        Assert.Equal(TunnelHealth.Recovering, _record.Health);
        Assert.Equal(0, _record.LossRatio);
    }

    [Fact]
    public void The_round_trip_time_is_smoothed()
    {
        Answer(8);
        Assert.Equal(8, _record.RoundTripMilliseconds);
        Answer(16);
        Assert.Equal(9, _record.RoundTripMilliseconds!.Value, 9);
        for (var i = 0; i < 100; i++) Answer(2);
        Assert.Equal(2, _record.RoundTripMilliseconds.Value, 3);
    }

    [Fact]
    public void A_new_SA_of_a_peer_that_answered_before_has_to_answer_too()
    {
        Answer();
        var old = _record.Request();
        _record.Restart();
        Assert.Equal(TunnelHealth.Dead, _record.Health);
        Assert.False(_record.Answer(old, TimeSpan.FromMilliseconds(1)));
        Answer();
        Answer();
        Assert.True(Answer());
        Assert.Equal(TunnelHealth.Recovering, _record.Health);
    }

    private static void AssertAbout(TimeSpan expected, TimeSpan actual) => Assert.InRange(actual, expected - Interval, expected + Interval);

    private bool Answer(double milliseconds = 1)
    {
        var changed = _record.Answer(_record.Request(), TimeSpan.FromMilliseconds(milliseconds));
        _time.Advance(Interval);
        return _record.Check() || changed;
    }

    private bool Miss()
    {
        _record.Request();
        _time.Advance(Interval);
        return _record.Check();
    }

    private void Die()
    {
        Answer();
        for (var i = 0; i < EchoRecord.MissesToDeath; i++) Miss();
        Assert.Equal(TunnelHealth.Dead, _record.Health);
    }

    /// <summary>Answers until the tunnel is alive.</summary>
    /// <returns>How long it recovered.</returns>
    private TimeSpan Live()
    {
        while (_record.Health is not (TunnelHealth.Recovering or TunnelHealth.Alive)) Answer();
        var before = _time.GetUtcNow();
        while (_record.Health != TunnelHealth.Alive) Answer();
        return _time.GetUtcNow() - before;
    }

    private TimeSpan UntilGivenUp()
    {
        var before = _time.GetUtcNow();
        while (_record.Health != TunnelHealth.GivenUp) Miss();
        return _time.GetUtcNow() - before;
    }
}
