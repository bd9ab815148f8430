namespace Tunnelwright.Gateway.Tests;

/// <summary>A charon that hangs is told from one that is busy, and one that hangs is replaced.</summary>
public sealed class CharonSilenceTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Silence_for_long_without_traffic_is_hanging()
    {
        var silence = new CharonSilence(_time);
        var (desired, host) = PlannerTests.Settled(DataPlane.Userspace);
        var health = new Dictionary<string, TunnelHealth> { [Samples.Name(1)] = TunnelHealth.Dead, [Samples.Name(2)] = TunnelHealth.Alive };
        host.Charon(Samples.Name(1)).Answers = host.Charon(Samples.Name(2)).Answers = false;
        Assert.DoesNotContain(silence.Judge(host.Observe(desired), health).Charons, charon => charon.Hangs);
        _time.Advance(CharonSilence.Patience - TimeSpan.FromSeconds(1));
        Assert.DoesNotContain(silence.Judge(host.Observe(desired), health).Charons, charon => charon.Hangs);
        _time.Advance(TimeSpan.FromSeconds(1));
        var observed = silence.Judge(host.Observe(desired), health);
        Assert.Equal(Samples.Name(1), Assert.Single(observed.Charons, charon => charon.Hangs).Carries);
        var plan = Planner.Plan(desired, observed, health);
        Assert.Equal(host.Charon(Samples.Name(1)).Process, Assert.Single(plan.Changes.OfType<StopCharon>()).Process);
        Assert.Equal(host.Charon(Samples.Name(1)).Instance, Assert.Single(plan.Changes.OfType<StartCharon>()).Instance);
    }

    [Fact]
    public void An_answer_in_between_starts_the_count_anew()
    {
        var silence = new CharonSilence(_time);
        var (desired, host) = PlannerTests.Settled(DataPlane.Kernel);
        var dead = PlannerTests.All(desired, TunnelHealth.GivenUp);
        for (var round = 0; round < 5; round++)
        {
            host.Charons.Single().Answers = round == 3;
            Assert.False(Assert.Single(silence.Judge(host.Observe(desired), dead).Charons).Hangs);
            _time.Advance(CharonSilence.Patience / 2.5);
        }
    }
}
