using Tunnelwright.Vici;

namespace Tunnelwright.Gateway.Tests;

/// <summary>How long IKE SAs have stood, also while charon does not tell.</summary>
public sealed class IkeAgesTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void The_age_of_an_SA_that_is_being_renewed_is_counted_on()
    {
        var ages = new IkeAges(_time);
        Assert.Equal(TimeSpan.FromSeconds(40), Age(ages, new IkeSaStatus { Name = "a", UniqueId = 1, State = "ESTABLISHED", Established = TimeSpan.FromSeconds(40) }));
        _time.Advance(TimeSpan.FromSeconds(7));
        var renewed = new IkeSaStatus { Name = "a", UniqueId = 1, State = "REKEYING" };
        Assert.Equal(TimeSpan.FromSeconds(47), Age(ages, renewed));
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(TimeSpan.FromSeconds(50), Age(ages, renewed));

        // Another SA is not known, and one that was away neither.
        Assert.Null(Age(ages, renewed with { UniqueId = 2, State = "CONNECTING" }));
        Assert.Null(Age(ages, renewed));
    }

    private static TimeSpan? Age(IkeAges ages, IkeSaStatus sa) => Assert.Single(ages.Complete([sa])).Established;
}
