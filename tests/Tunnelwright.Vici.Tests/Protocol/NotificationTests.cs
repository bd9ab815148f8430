namespace Tunnelwright.Vici.Tests.Protocol;

public sealed class NotificationTests
{
    private static readonly ViciSection Ike = new() { { "uniqueid", 4 }, { "state", "ESTABLISHED" }, { "remote-host", "192.0.2.1" } };

    private static ViciNotification? Read(string name, ViciSection message) => ViciNotification.Read(ViciEvent.Raised(name, message));

    [Fact]
    public void An_address_change_tells_old_and_new()
    {
        var update = Assert.IsType<IkeUpdateNotification>(Read(ViciEventNames.IkeUpdate, new ViciSection
        {
            { "local-host", "198.51.100.1" }, { "local-port", 4500 }, { "remote-host", "192.0.2.9" }, { "remote-port", 61_000 }, { "gw", Ike },
        }));
        Assert.Equal(("gw", "192.0.2.1", "192.0.2.9", 61_000), (update.Ike.Name, update.Ike.RemoteHost, update.RemoteHost, update.RemotePort));
        Assert.Equal(("198.51.100.1", 4500), (update.LocalHost, update.LocalPort));
    }

    [Fact]
    public void A_down_event_has_no_up_key_and_a_connection_may_be_called_up()
    {
        Assert.False(Assert.IsType<IkeUpDownNotification>(Read(ViciEventNames.IkeUpDown, new ViciSection { { "gw", Ike } })).Up);
        var up = Assert.IsType<IkeUpDownNotification>(Read(ViciEventNames.IkeUpDown, new ViciSection { { "up", true }, { "up", Ike } }));
        Assert.True(up.Up);
        Assert.Equal(("up", 4u), (up.Ike.Name, up.Ike.UniqueId));
    }

    [Fact]
    public void A_log_line_may_belong_to_no_connection()
    {
        var log = Assert.IsType<LogNotification>(Read(
            ViciEventNames.Log, new ViciSection { { "group", "CFG" }, { "level", 1 }, { "thread", 7 }, { "msg", "hello" } }));
        Assert.Equal(new ViciLogLine("CFG", 1, null, null, "hello"), log.Line);
    }

    [Fact]
    public void Marks_and_events_without_a_type_are_null()
    {
        Assert.Null(ViciNotification.Read(ViciEvent.Subscribed()));
        Assert.Null(ViciNotification.Read(ViciEvent.Lost(3)));
        Assert.Null(Read("alert", []));
    }

    [Theory]
    [InlineData(ViciEventNames.IkeUpDown)]
    [InlineData(ViciEventNames.ChildUpDown)]
    [InlineData(ViciEventNames.IkeRekey)]
    [InlineData(ViciEventNames.ChildRekey)]
    [InlineData(ViciEventNames.IkeUpdate)]
    public void An_event_without_its_parts_is_a_protocol_error(string name)
    {
        Assert.Throws<ViciProtocolException>(() => Read(name, new ViciSection { { "up", true } }));
        if (name.EndsWith("rekey", StringComparison.Ordinal))
            Assert.Throws<ViciProtocolException>(() => Read(name, new ViciSection { { "gw", Ike } }));
    }
}
