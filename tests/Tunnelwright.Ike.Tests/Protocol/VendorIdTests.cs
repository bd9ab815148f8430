using System.Text;

namespace Tunnelwright.Ike.Tests.Protocol;

public sealed class VendorIdTests
{
    // Octets as other programs' tables and logs have them; ours are computed from the texts.
    [Theory]
    [InlineData("882fe56d6fd20dbc2251613b2ebe5beb", "strongSwan", "strongSwan", null)]
    [InlineData("86f9f547c5d3ba6720dce9ccd17ac0c2", "strongSwan 2.2.0", "strongSwan", null)]
    [InlineData("4a131c81070358455c5728f20e95452f", "NAT-T (RFC 3947)", null, null)]
    [InlineData("90cb80913ebb696e086381b5ec427b1f", "NAT-T draft 02 (with line end)", null, null)]
    [InlineData("cd60464335df21f87cfdb2fc68b6a448", "NAT-T draft 02", null, null)]
    [InlineData("7d9419a65310ca6f2c179d9215529d56", "NAT-T draft 03", null, null)]
    [InlineData("8f8d83826d246b6fc7a8a6a428c11de8", "NAT-T draft 08", null, null)]
    [InlineData("afcad71368a1f1c96b8696fc77570100", "DPD (RFC 3706)", null, "1.0")]
    [InlineData("09002689dfd6b712", "XAUTH", null, null)]
    [InlineData("4048b7d56ebce88525e7de7f00d6c2d3", "FRAGMENTATION", null, null)]
    [InlineData("4048b7d56ebce88525e7de7f00d6c2d380000000", "FRAGMENTATION", null, "0x80000000")]
    [InlineData("12f5f28c457168a9702d9fe274cc0100", "Cisco Unity", "Cisco", "1.0")]
    [InlineData("1f07f70eaa6514d3b0fa96542a500306", "Cisco VPN 3000", "Cisco", "3.6")]
    [InlineData("434953434f2d44454c4554452d524541534f4e", "Cisco delete reason", "Cisco", null)]
    [InlineData("8299031757a36082c6a621de00050190", "FortiGate", "Fortinet", "release 5 build 400")]
    [InlineData("8299031757a36082c6a621de00000000", "FortiGate", "Fortinet", null)]
    [InlineData("f4ed19e0c114eb516faaac0ee37daf2807b4381f000000010000138d", "Check Point", "Check Point", "NG AI R55 or later")]
    [InlineData("1e2b516905991c7d7c96fcbfb587e46100000009", "Microsoft Windows", "Microsoft", "8 or later")]
    [InlineData("fb1de3cdf341b7ea16b7e5be0855f120", "Microsoft negotiation discovery", "Microsoft", null)]
    [InlineData("e3a5966a76379fe707228231e5ce8652", "Microsoft CGA", "Microsoft", null)]
    [InlineData("214ca4faffa7f32d6748e5303395ae83", "Microsoft AuthIP", "Microsoft", null)]
    [InlineData("26244d38eddb61b3172a36e3d0cfb819", "Initial contact", null, null)]
    [InlineData("699369228741c6d4ca094c93e242c9de19e7b7c60000000500000500", "Juniper NetScreen or SRX", "Juniper", null)]
    [InlineData("404bf439522ca3f6", "SonicWall", "SonicWall", null)]
    [InlineData("5b362bc820f60007", "SonicWall firmware", "SonicWall", null)]
    [InlineData("7003cbc1097dbe9c2600ba6983bc8b35", "racoon", "KAME racoon", null)]
    [InlineData("4f4548724b6e5e68557c604f", "Openswan or FreeS/WAN", "Openswan", null)]
    [InlineData("9aa1f3b43472a45d5f506aeb260cf214", "SSH IPSEC Express 4.1.0", "SSH", null)]
    public void Known_octets_have_their_names(string hex, string name, string? vendor, string? detail)
    {
        var known = IkeVendorIds.Identify(Convert.FromHexString(hex));
        Assert.NotNull(known);
        Assert.Equal(name, known.Name);
        Assert.Equal(vendor, known.Vendor);
        Assert.Equal(detail, known.Detail);
        Assert.NotEmpty(known.Source);
    }

    [Fact]
    public void Libreswan_tells_its_version_and_no_control_characters_come_through()
    {
        Assert.Equal("libreswan 4.10", IkeVendorIds.Identify(Encoding.ASCII.GetBytes("OE-Libreswan-4.10"))?.ToString());
        Assert.Equal("libreswan 4", IkeVendorIds.Identify(Encoding.ASCII.GetBytes("OE-Libreswan-4\e[2J"))?.ToString());
    }

    [Fact]
    public void What_is_not_known_is_not_guessed()
    {
        Assert.Null(IkeVendorIds.Identify([]));
        Assert.Null(IkeVendorIds.Identify([1, 2, 3, 4]));
        Assert.Null(IkeVendorIds.Identify("OE too short"u8[..5]));
        // One octet less, and one more where the whole is meant.
        var strongSwan = Convert.FromHexString("882fe56d6fd20dbc2251613b2ebe5beb");
        Assert.Null(IkeVendorIds.Identify(strongSwan.AsSpan(0, 15)));
        Assert.Null(IkeVendorIds.Identify([.. strongSwan, 0]));
    }

    [Fact]
    public void No_two_entries_are_the_same()
    {
        var all = VendorIdList.All;
        Assert.True(all.Count > 100);
        Assert.Equal(all.Count, all.Select(entry => Convert.ToHexString(entry.Bytes)).Distinct(StringComparer.Ordinal).Count());
        Assert.All(all, entry => Assert.Equal(entry.Name, IkeVendorIds.Identify(entry.Length is { } length ? [.. entry.Bytes, .. new byte[length - entry.Bytes.Length]] : entry.Bytes)?.Name));
    }
}
