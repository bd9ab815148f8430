using System.Text;
using Tunnelwright.Vici.Protocol;

namespace Tunnelwright.Vici.Tests.Protocol;

public sealed class MessageTests
{
    /// <summary>The example of the protocol's own description: key1, a section with a sub-section and a list.</summary>
    private static readonly byte[] Example =
    [
        3, 4, .. "key1"u8, 0, 6, .. "value1"u8,
        1, 8, .. "section1"u8,
        1, 11, .. "sub-section"u8,
        3, 4, .. "key2"u8, 0, 6, .. "value2"u8,
        2,
        4, 5, .. "list1"u8,
        5, 0, 5, .. "item1"u8,
        5, 0, 5, .. "item2"u8,
        6,
        2,
    ];

    private static ViciSection ExampleSection() => new()
    {
        { "key1", "value1" },
        { "section1", new ViciSection { { "sub-section", new ViciSection { { "key2", "value2" } } }, { "list1", ["item1", "item2"] } } },
    };

    [Fact]
    public void The_example_of_the_protocol_is_written_byte_for_byte()
    {
        using var packet = ViciPacket.Encode(ViciPacketType.CommandResponse, message: ExampleSection());
        Assert.Equal([0, 0, 0, (byte)(Example.Length + 1), 1, .. Example], packet.Written.ToArray());
    }

    [Fact]
    public void The_example_of_the_protocol_is_read()
    {
        var section = ViciMessage.Decode(Example, 0);
        Assert.Equal("value1", section.GetText("key1"));
        Assert.Equal("value2", section.GetSection("section1")?.GetSection("sub-section")?.GetText("key2"));
        Assert.Equal(["item1", "item2"], section.GetSection("section1")!.GetList("list1"));
        Assert.Equal(2, section.Count);
    }

    [Fact]
    public void Packets_have_their_names_where_the_protocol_puts_them()
    {
        using var packet = ViciPacket.Encode(ViciPacketType.CommandRequest, "list-sas", new ViciSection { { "noblock", true } });
        Assert.Equal(
            [0, 0, 0, 24, 0, 8, .. "list-sas"u8, 3, 7, .. "noblock"u8, 0, 3, .. "yes"u8],
            packet.Written.ToArray());
        using var register = ViciPacket.Encode(ViciPacketType.EventRegister, "log");
        Assert.Equal([0, 0, 0, 5, 3, 3, .. "log"u8], register.Written.ToArray());
    }

    [Theory]
    [InlineData("", 0)] // an empty packet
    [InlineData("09", 0)] // an unknown packet type
    [InlineData("0201", 1)] // something after a type that has nothing
    [InlineData("0705", 1)] // a name that is cut short
    [InlineData("07", 1)]
    [InlineData("0109", 1)] // an unknown element
    [InlineData("0102", 1)] // an end without a start
    [InlineData("0106", 1)] // a list end outside
    [InlineData("0105000161", 1)] // an item outside
    [InlineData("01010161", 4)] // a section that does not end
    [InlineData("01040161", 4)] // a list that does not end
    [InlineData("010401610301620000", 4)] // a value in a list
    [InlineData("0104016104016206", 4)] // a list in a list
    [InlineData("010301", 2)] // a name that is cut short
    [InlineData("0103", 2)]
    [InlineData("0103016100", 4)] // a length that is cut short
    [InlineData("0103016100026162ff", 8)] // rubbish after a value
    [InlineData("010301610003616", 4)] // a value that is cut short
    public void Mistakes_are_told_with_their_place(string hex, int offset)
    {
        var bytes = Convert.FromHexString(hex.Length % 2 == 0 ? hex : hex + "0");
        var error = Assert.Throws<ViciProtocolException>(() => ViciPacket.Decode(bytes));
        Assert.Equal(offset, error.Offset);
    }

    [Fact]
    public void Sections_nest_as_deep_as_the_limit_and_no_deeper()
    {
        static byte[] Nested(int depth) =>
            [.. Enumerable.Repeat<byte[]>([1, 1, (byte)'a'], depth).SelectMany(x => x), .. Enumerable.Repeat((byte)2, depth)];
        Assert.Equal(1, ViciMessage.Decode(Nested(ViciLimits.Depth), 0).Count);
        Assert.Throws<ViciProtocolException>(() => ViciMessage.Decode(Nested(ViciLimits.Depth + 1), 0));
    }

    [Fact]
    public void A_section_within_itself_is_refused()
    {
        var section = new ViciSection();
        section.Add("again", section);
        Assert.Throws<ViciProtocolException>(() => ViciPacket.Encode(ViciPacketType.CommandRequest, "x", section));
        Assert.Contains("again", section.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_passes_the_limit_of_the_daemon_by_one_byte_and_is_refused()
    {
        // 8 full items take 8 × 65,538 bytes, which is just too much; the rest of the limit is filled to the byte.
        const int overhead = 1 + 2 + 2 + 1;
        ViciSection Filled(int length)
        {
            var items = Enumerable.Repeat(new string('x', 65_535), 7).ToList();
            items.Add(new string('x', length - overhead - "x"u8.Length - (7 * 65_538) - 3));
            return new ViciSection { { "l", items } };
        }

        using (var packet = ViciPacket.Encode(ViciPacketType.CommandRequest, "x", Filled(ViciLimits.PacketLength)))
        {
            Assert.Equal(ViciLimits.PacketLength + 4, packet.Written.Length);
            Assert.Equal(ViciPacketType.CommandRequest, ViciPacket.Decode(packet.Written[4..].ToArray()).Type);
        }

        Assert.Throws<ViciProtocolException>(() => ViciPacket.Encode(ViciPacketType.CommandRequest, "x", Filled(ViciLimits.PacketLength + 1)));
        Assert.Throws<ViciProtocolException>(() => ViciPacket.Decode(new byte[ViciLimits.PacketLength + 1]));
    }

    [Fact]
    public void Empty_lists_sections_names_and_values_survive()
    {
        var section = new ViciSection { { "list", Array.Empty<string>() }, { "section", new ViciSection() }, { "", "" } };
        var read = SectionHelp.RoundTrip(section);
        Assert.True(SectionHelp.Same(section, read));
        Assert.True(read.ContainsKey("list"));
        Assert.Empty(read.GetList("list"));
        Assert.NotNull(read.GetSection("section"));
        Assert.Equal("", read.GetText(""));
    }

    [Fact]
    public void Names_that_are_no_ascii_are_read_all_the_same()
    {
        var read = ViciMessage.Decode(new byte[] { 3, 2, 0xc3, 0xa4, 0, 0, 3, 1, 0xff, 0, 0 }, 0);
        Assert.Equal(["ä", "\ufffd"], read.Select(entry => entry.Key));
    }

    [Fact]
    public void A_packet_is_wiped_before_its_buffer_goes_back()
    {
        var packet = ViciPacket.Encode(ViciPacketType.CommandRequest, "load-shared", new ViciSection { { "data", "topsecret" } });
        var bytes = packet.Written;
        Assert.Contains("topsecret", Encoding.ASCII.GetString(bytes.Span), StringComparison.Ordinal);
        packet.Dispose();
        Assert.DoesNotContain("topsecret", Encoding.ASCII.GetString(bytes.Span), StringComparison.Ordinal);
    }
}
