namespace Tunnelwright.Gateway.Tests;

/// <summary>Counters of tunnels never go backwards, whatever the pairs beneath do.</summary>
public sealed class TrafficTotalsTests
{
    private readonly TrafficTotals _totals = new();
    private readonly DesiredGateway _desired;
    private readonly HostModel _host;

    public TrafficTotalsTests() => (_desired, _host) = PlannerTests.Settled(DataPlane.Kernel, Tunnelwright.Model.Routing.Static);

    [Fact]
    public void What_was_there_before_is_not_counted()
    {
        Look(("a", 1000));
        Assert.Equal(0, Bytes());
        Look(("a", 1500));
        Assert.Equal(500, Bytes());
    }

    [Fact]
    public void A_renewal_goes_on_counting_and_the_old_pairs_rest_is_not_lost()
    {
        Look(("a", 0));
        Look(("a", 1000));
        Look(("a", 1100), ("b", 50));
        Look(("b", 80));
        Assert.Equal(1180, Bytes());
    }

    [Fact]
    public void A_daemon_that_ends_or_is_not_seen_takes_nothing_away()
    {
        Look(("a", 0));
        Look(("a", 700));
        Look();
        Assert.Equal(700, Bytes());
        Look(("a", 700));
        Assert.Equal(700, Bytes());
        Look(("fresh", 5));
        Assert.Equal(705, Bytes());
        Look(("fresh", 3));
        Assert.Equal(705, Bytes());
    }

    [Fact]
    public void Random_lives_of_pairs_never_go_backwards()
    {
        var random = new Random(3);
        var pairs = new List<(string Spi, long Bytes)> { ("0", 0) };
        long before = 0;
        for (var i = 1; i < 2000; i++)
        {
            pairs = [.. pairs.Select(pair => (pair.Spi, pair.Bytes + random.Next(100)))];
            if (random.Next(10) == 0) pairs.Add((i.ToString(System.Globalization.CultureInfo.InvariantCulture), 0));
            if (pairs.Count > 2 || (random.Next(50) == 0 && pairs.Count > 0)) pairs.RemoveAt(0);
            Look([.. pairs]);
            Assert.True(Bytes() >= before);
            before = Bytes();
        }

        Assert.True(before > 1000);
    }

    private long Bytes() => _totals.Of(Samples.Name(1)).BytesIn;

    private void Look(params (string Spi, long Bytes)[] pairs)
    {
        var sas = _host.Charons.Single().Sas;
        var child = sas[0].Children.Count > 0 ? sas[0].Children[0] : new Tunnelwright.Vici.ChildSaStatus { Name = Samples.Name(1) };
        sas[0] = sas[0] with { Children = [.. pairs.Select(pair => child with { SpiIn = pair.Spi, BytesIn = pair.Bytes })] };
        _totals.Take(_host.Observe(_desired));
    }
}
