using System.Net;

namespace Tunnelwright.Model.Tests;

public sealed class AddressTests
{
    [Theory]
    [InlineData("0.0.0.0", true)]
    [InlineData("255.255.255.255", true)]
    [InlineData("98.80.93.58", true)]
    [InlineData("256.1.1.1", false)]
    [InlineData("1.2.3", false)]
    [InlineData("1.2.3.4.5", false)]
    [InlineData("01.2.3.4", false)]
    [InlineData("1.2.3.4 ", false)]
    [InlineData("1..3.4", false)]
    [InlineData("1.2.3.-4", false)]
    [InlineData("", false)]
    [InlineData("YOUR_UPLINK_ADDRESS", false)]
    public void Only_dotted_quads_are_addresses(string text, bool valid) => Assert.Equal(valid, Ipv4Address.TryParse(text, out _));

    [Fact]
    public void Addresses_agree_with_the_framework()
    {
        var random = new Random(1);
        for (var i = 0; i < 5000; i++)
        {
            var address = new Ipv4Address((uint)random.NextInt64(1L << 32));
            Assert.Equal(IPAddress.Parse(address.ToString()), address.ToIPAddress());
            Assert.Equal(address, Ipv4Address.Parse(address.ToString()));
        }
    }

    [Theory]
    [InlineData("10.10.1.0/24", true)]
    [InlineData("10.10.1.1/24", false)]
    [InlineData("0.0.0.0/0", true)]
    [InlineData("10.0.0.0/33", false)]
    [InlineData("10.0.0.0/08", false)]
    [InlineData("10.0.0.0", false)]
    [InlineData("10.0.0.0/", false)]
    [InlineData("10.0.0.0/+8", false)]
    public void A_range_has_a_prefix_length_and_no_host_bits(string text, bool valid) => Assert.Equal(valid, Cidr.TryParse(text, out _));

    [Fact]
    public void Ranges_agree_with_arithmetic_on_their_ends()
    {
        var random = new Random(2);
        for (var i = 0; i < 5000; i++)
        {
            var one = Cidr.Containing(new((uint)random.NextInt64(1L << 32)), random.Next(33));
            var other = Cidr.Containing(new(one.Network.Value ^ (uint)random.Next(1 << random.Next(31))), random.Next(33));
            Assert.Equal(one, Cidr.Parse(one.ToString()));
            Assert.Equal(one.Network.Value <= other.Last.Value && other.Network.Value <= one.Last.Value, one.Overlaps(other));
            Assert.Equal(one.Network.Value <= other.Network.Value && other.Last.Value <= one.Last.Value, one.Contains(other));
            Assert.Equal((long)one.Last.Value - one.Network.Value + 1, one.Size);
        }
    }

    [Fact]
    public void The_clouds_inside_address_is_the_first_the_customers_the_second()
    {
        var inside = new InsideNetwork(Cidr.Parse("169.254.10.0/30"));
        Assert.Equal("169.254.10.1/30", inside.Cloud.ToString());
        Assert.Equal("169.254.10.2/30", inside.Customer.ToString());
        Assert.Throws<ArgumentException>(() => new InsideNetwork(Cidr.Parse("169.254.10.0/29")));
        Assert.Throws<ArgumentException>(() => new InsideNetwork(Cidr.Parse("10.0.0.0/30")));
    }

    [Theory]
    [InlineData("98.80.93.58", null)]
    [InlineData("100.63.255.255", null)]
    [InlineData("100.64.0.0", "RFC 6598")]
    [InlineData("172.31.255.255", "RFC 1918")]
    [InlineData("172.32.0.0", null)]
    [InlineData("203.0.113.9", "RFC 5737")]
    [InlineData("239.1.2.3", "RFC 5771")]
    [InlineData("255.255.255.255", "RFC 1112")]
    public void Special_ranges_are_known_by_their_document(string address, string? document)
    {
        var meaning = SpecialRanges.MeaningOf(Ipv4Address.Parse(address));
        if (document is null) Assert.Null(meaning);
        else Assert.Contains(document, meaning, StringComparison.Ordinal);
    }
}
