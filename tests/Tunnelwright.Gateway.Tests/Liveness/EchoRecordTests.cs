namespace Tunnelwright.Gateway.Tests;

/// <summary>The verdict of echo requests: hysteresis, loss and round-trip time.</summary>
public sealed class EchoRecordTests
{
    private readonly EchoRecord _record = new();

    [Fact]
    public void A_peer_that_never_answered_is_never_dead()
    {
        for (var i = 0; i < 1000; i++) Assert.False(_record.Miss());
        Assert.Equal(TunnelHealth.Unknown, _record.Health);
        Assert.Null(_record.LossRatio);
        Assert.Null(_record.RoundTripMilliseconds);
    }

    [Fact]
    public void The_first_answer_is_life()
    {
        Assert.True(Answer());
        Assert.Equal(TunnelHealth.Alive, _record.Health);
        Assert.False(Answer());
    }

    [Fact]
    public void Death_takes_misses_in_a_row()
    {
        Answer();
        for (var round = 0; round < 20; round++)
        {
            for (var miss = 1; miss < EchoRecord.MissesToDeath; miss++) Assert.False(_record.Miss());
            Assert.Equal(TunnelHealth.Alive, _record.Health);
            Answer();
        }

        for (var miss = 1; miss < EchoRecord.MissesToDeath; miss++) Assert.False(_record.Miss());
        Assert.True(_record.Miss());
        Assert.Equal(TunnelHealth.Dead, _record.Health);
        Assert.False(_record.Miss());
    }

    [Fact]
    public void Life_after_death_takes_answers_in_a_row()
    {
        Die();
        for (var round = 0; round < 20; round++)
        {
            for (var answer = 1; answer < EchoRecord.AnswersToLife; answer++) Assert.False(Answer());
            Assert.Equal(TunnelHealth.Dead, _record.Health);
            Assert.False(_record.Miss());
        }

        for (var answer = 1; answer < EchoRecord.AnswersToLife; answer++) Assert.False(Answer());
        Assert.True(Answer());
        Assert.Equal(TunnelHealth.Alive, _record.Health);
    }

    [Fact]
    public void Loss_is_that_of_the_last_fifty_requests()
    {
        Answer();
        Assert.Equal(0, _record.LossRatio);
        _record.Miss();
        Assert.Equal(0.5, _record.LossRatio);
        for (var i = 0; i < 48; i++) Answer();
        Assert.Equal(1 / 50.0, _record.LossRatio);

        // The window moves on: first the first answer leaves it, then the miss.
        Answer();
        Assert.Equal(1 / 50.0, _record.LossRatio);
        Answer();
        Assert.Equal(0, _record.LossRatio);
        for (var i = 0; i < 25; i++) _record.Miss();
        Assert.Equal(0.5, _record.LossRatio);
        for (var i = 0; i < 25; i++) _record.Miss();
        Assert.Equal(1, _record.LossRatio);
        for (var i = 0; i < 1000; i++) Answer();
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
    public void A_new_start_forgets_everything()
    {
        Die();
        _record.Reset();
        Assert.Equal(TunnelHealth.Unknown, _record.Health);
        Assert.Null(_record.LossRatio);
        Assert.Null(_record.RoundTripMilliseconds);
        for (var i = 0; i < 10; i++) Assert.False(_record.Miss());
        Assert.True(Answer(3));
        Assert.Equal(3, _record.RoundTripMilliseconds);
    }

    private bool Answer(double milliseconds = 1) => _record.Answer(TimeSpan.FromMilliseconds(milliseconds));

    private void Die()
    {
        Answer();
        for (var i = 0; i < EchoRecord.MissesToDeath; i++) _record.Miss();
        Assert.Equal(TunnelHealth.Dead, _record.Health);
    }
}
