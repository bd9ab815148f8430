using Tunnelwright.Vici;

namespace Tunnelwright.Gateway.Tests;

/// <summary>Which way a silent tunnel is dead, by the counters of its SA pair.</summary>
public sealed class SilencesTests
{
    private const string Name = "vpn-1-1";
    private static readonly long Second = TimeProvider.System.TimestampFrequency;

    private readonly Silences _silences = new(TimeProvider.System);

    [Fact]
    public void Packets_of_the_peer_that_still_arrive_tell_that_only_the_way_out_is_dead()
    {
        Assert.Null(Look(TunnelHealth.Alive, 100, 0));
        Assert.Null(Look(TunnelHealth.Dead, 103, 1));
        Assert.Null(Look(TunnelHealth.Dead, 104, 1.1));
        Assert.Equal("out", Look(TunnelHealth.Dead, 105, 1.2));
        Assert.Equal("out", _silences.Look(Name, TunnelHealth.GivenUp, null, 0));
        Assert.Null(Look(TunnelHealth.Recovering, 105, 3));
    }

    [Fact]
    public void When_nothing_arrives_the_way_is_not_known_until_something_does()
    {
        Assert.Null(Look(TunnelHealth.Dead, 50, 1));
        Assert.Null(Look(TunnelHealth.Dead, 51, 1.5));
        Assert.Equal("unknown", Look(TunnelHealth.Dead, 51, 2));
        Assert.Equal("out", Look(TunnelHealth.Dead, 52, 3));
    }

    [Fact]
    public void Of_a_pair_that_was_made_in_the_silence_every_packet_counts()
    {
        Assert.Null(Look(TunnelHealth.Dead, 500, 1));
        Assert.Null(Look(TunnelHealth.Dead, 1, 2, "c2"));
        Assert.Equal("out", Look(TunnelHealth.Dead, 2, 2.1, "c2"));
    }

    private string? Look(TunnelHealth health, long packetsIn, double at, string spi = "c1") =>
        _silences.Look(Name, health, new ChildSaStatus { Name = Name, UniqueId = 1, State = "INSTALLED", SpiIn = spi, PacketsIn = packetsIn }, (long)(at * Second));
}
