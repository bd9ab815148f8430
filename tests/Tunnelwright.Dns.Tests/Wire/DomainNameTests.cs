using System.Text;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Tests.Wire;

public sealed class DomainNameTests
{
    [Theory]
    [InlineData("www.example", "www.example")]
    [InlineData("www.example.", "www.example")]
    [InlineData(".", ".")]
    [InlineData("", ".")]
    [InlineData("_sip._tcp.example", "_sip._tcp.example")]
    [InlineData(@"a\.b.example", @"a\.b.example")]
    [InlineData(@"a\046b.example", @"a\.b.example")]
    [InlineData(@"\000\255.example", @"\000\255.example")]
    [InlineData("bücher.example", "xn--bcher-kva.example")]
    public void Names_go_to_the_wire_and_back(string text, string back)
    {
        Assert.True(DomainName.TryParse(text, out var name));
        Assert.Equal(back, DomainName.ToText(name));
    }

    [Theory]
    [InlineData("a..b")]
    [InlineData(".a")]
    [InlineData("a b")]
    [InlineData(@"a\")]
    [InlineData(@"a\25")]
    [InlineData(@"a\256")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123.example")]
    public void What_is_not_a_name_is_refused(string text) => Assert.False(DomainName.TryParse(text, out _));

    [Fact]
    public void A_name_has_at_most_255_bytes()
    {
        var label = new string('a', 63);
        Assert.True(DomainName.TryParse($"{label}.{label}.{label}.{new string('a', 61)}", out var name));
        Assert.Equal(255, name.Length);
        Assert.False(DomainName.TryParse($"{label}.{label}.{label}.{new string('a', 62)}", out _));
    }

    [Fact]
    public void Pointers_lead_backwards_only()
    {
        // 0: example, 9: www and a pointer to 0, 15: a pointer to 9, 17: a pointer to itself, 19 and 21: pointers to each other.
        byte[] message = [7, .. "example"u8, 0, 3, .. "www"u8, 0xC0, 0, 0xC0, 9, 0xC0, 17, 0xC0, 21, 0xC0, 19];
        var name = new byte[255];
        Assert.Equal("www.example", DomainName.ToText(name.AsSpan(0, DomainName.Expand(message, 9, name, out var next))));
        Assert.Equal(15, next);
        Assert.Equal("www.example", DomainName.ToText(name.AsSpan(0, DomainName.Expand(message, 15, name, out next))));
        Assert.Equal(17, next);
        foreach (var loop in new[] { 17, 19, 21 })
        {
            Assert.Equal(0, DomainName.Expand(message, loop, name, out _));
            Assert.False(DomainName.EqualsAt(message, loop, Encoding.ASCII.GetBytes("\u0003www\u0007example\0")));
        }

        Assert.True(DomainName.EqualsAt(message, 15, Encoding.ASCII.GetBytes("\u0003www\u0007example\0")));
        Assert.False(DomainName.EqualsAt(message, 15, Encoding.ASCII.GetBytes("\u0003www\u0007exampla\0")));
        Assert.False(DomainName.EqualsAt(message, 0, Encoding.ASCII.GetBytes("\u0003www\u0007example\0")));
    }

    [Fact]
    public void A_name_that_grows_beyond_255_bytes_by_pointers_is_none()
    {
        var message = new List<byte>();
        for (var i = 0; i < 5; i++)
        {
            message.Add(63);
            message.AddRange(Enumerable.Repeat((byte)'a', 63));
            message.AddRange(i == 0 ? [0] : [0xC0, (byte)(i == 1 ? 0 : 65 + 66 * (i - 2))]);
        }

        var name = new byte[255];
        Assert.NotEqual(0, DomainName.Expand(message.ToArray(), 65 + 66, name, out _));
        Assert.Equal(0, DomainName.Expand(message.ToArray(), 65 + (66 * 2), name, out _));
    }

    [Theory]
    [InlineData("www.example", "example", true)]
    [InlineData("example", "example", true)]
    [InlineData("wwwexample", "example", false)]
    [InlineData("example", "www.example", false)]
    [InlineData("anything", ".", true)]
    public void Domains_hold_what_ends_with_their_labels(string name, string domain, bool under)
    {
        Assert.True(DomainName.TryParse(name, out var inner));
        Assert.True(DomainName.TryParse(domain, out var outer));
        Assert.Equal(under, DomainName.IsUnder(inner, outer));
    }

    [Fact]
    public void Lower_case_eight_bytes_at_a_time_is_that_of_single_bytes()
    {
        var random = new Random(5);
        for (var round = 0; round < 2000; round++)
        {
            var bytes = new byte[random.Next(1, 80)];
            random.NextBytes(bytes);
            var offset = random.Next(bytes.Length);
            var length = random.Next(bytes.Length - offset + 1);
            var fast = new byte[length + 8];
            Lowering.Copy(bytes, offset, length, fast);
            var slow = bytes.AsSpan(offset, length).ToArray();
            DomainName.ToLower(slow);
            Assert.Equal(slow, fast[..length]);
        }
    }
}
