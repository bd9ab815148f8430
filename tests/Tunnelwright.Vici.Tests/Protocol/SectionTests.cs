namespace Tunnelwright.Vici.Tests.Protocol;

public sealed class SectionTests
{
    [Fact]
    public void Typed_getters_read_what_the_daemon_writes()
    {
        var section = new ViciSection
        {
            { "int", -5 },
            { "long", 1L << 40 },
            { "yes", true },
            { "no", false },
            { "one", "1" },
            { "hex", "0000002a" },
            { "list", ["a", "b"] },
            { "bytes", [0xff, 0x00] },
        };
        Assert.Equal(-5, section.GetInt32("int"));
        Assert.Equal(1L << 40, section.GetInt64("long"));
        Assert.True(section.GetBoolean("yes"));
        Assert.False(section.GetBoolean("no"));
        Assert.True(section.GetBoolean("one"));
        Assert.Equal(42u, section.GetHexadecimal("hex"));
        Assert.Equal(["a", "b"], section.GetList("list"));
        Assert.Equal([0xff, 0x00], section.GetBytes("bytes")!.Value.ToArray());
        Assert.Equal(TimeSpan.FromSeconds(-5), section.GetSeconds("int"));
        // charon subtracts two clocks without a sign: a second ago in the future.
        Assert.Equal(TimeSpan.Zero, new ViciSection { { "use-out", "18446744073709551615" } }.GetSeconds("use-out"));
    }

    [Fact]
    public void What_is_missing_is_null_empty_or_false()
    {
        var section = new ViciSection { { "list", ["a"] } };
        Assert.Null(section.GetText("x"));
        Assert.Null(section.GetText("list"));
        Assert.Null(section.GetInt32("x"));
        Assert.Null(section.GetInt64("x"));
        Assert.Null(section.GetBytes("x"));
        Assert.Null(section.GetSection("x"));
        Assert.Null(section.GetSeconds("x"));
        Assert.Empty(section.GetList("x"));
        Assert.False(section.GetBoolean("x"));
        Assert.False(section.ContainsKey("x"));
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("")]
    [InlineData("1 ")]
    [InlineData("99999999999999999999")]
    public void What_is_no_number_is_told_without_its_value(string text)
    {
        var section = new ViciSection { { "k", text } };
        Assert.Throws<ViciProtocolException>(() => section.GetInt64("k"));
        Assert.Throws<ViciProtocolException>(() => section.GetInt32("k"));
        var error = Assert.Throws<ViciProtocolException>(() => section.GetSeconds("k"));
        Assert.Contains("'k'", error.Message, StringComparison.Ordinal);
        if (text.Length > 2)
            Assert.DoesNotContain(text, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_out_of_range_are_refused()
    {
        var section = new ViciSection { { "big", 1L << 31 }, { "huge", long.MaxValue }, { "word", "maybe" }, { "negative", -1 } };
        Assert.Throws<ViciProtocolException>(() => section.GetInt32("big"));
        Assert.Equal(1u << 31, section.GetUInt32("big"));
        Assert.Throws<ViciProtocolException>(() => section.GetUInt32("negative"));
        Assert.Throws<ViciProtocolException>(() => section.GetSeconds("huge"));
        Assert.Throws<ViciProtocolException>(() => section.GetBoolean("word"));
        Assert.Throws<ViciProtocolException>(() => section.GetHexadecimal("word"));
    }

    [Fact]
    public void Keys_and_values_that_the_daemon_would_not_take_are_refused_at_once()
    {
        var section = new ViciSection();
        Assert.Throws<ArgumentException>(() => section.Add("ä", "x"));
        Assert.Throws<ArgumentException>(() => section.Add("a\n", "x"));
        Assert.Throws<ArgumentException>(() => section.Add(new string('k', 256), "x"));
        Assert.Throws<ArgumentException>(() => section.Add("k", new string('x', 65_536)));
        Assert.Throws<ArgumentException>(() => section.Add("k", [new string('x', 65_536)]));
        Assert.Throws<ArgumentNullException>(() => section.Add("k", (string)null!));
        Assert.Equal(0, section.Count);
        section.Add(new string('k', 255), new string('x', 65_535));
        Assert.Equal(1, section.Count);
    }

    [Fact]
    public void A_value_and_a_section_may_have_the_same_name()
    {
        // The up event of a connection that somebody called "up".
        var section = new ViciSection { { "up", true }, { "up", new ViciSection { { "state", "ESTABLISHED" } } } };
        Assert.True(section.GetBoolean("up"));
        Assert.Equal("ESTABLISHED", section.GetSection("up")?.GetText("state"));
    }

    [Fact]
    public void Large_sections_are_found_by_name_and_the_first_counts()
    {
        var section = new ViciSection();
        for (var i = 0; i < 1000; i++)
            section.Add($"k{i}", i);
        Assert.Equal(999, section.GetInt32("k999"));
        section.Add("k999", 5);
        section.Add("late", 7);
        Assert.Equal(999, section.GetInt32("k999"));
        Assert.Equal(7, section.GetInt32("late"));
    }

    [Theory]
    [InlineData("data")]
    [InlineData("Data")]
    [InlineData("secret")]
    [InlineData("secret-2")]
    [InlineData("pin")]
    [InlineData("psk")]
    [InlineData("password")]
    public void Secrets_are_not_in_the_text_form(string key)
    {
        var section = new ViciSection
        {
            { "id", "tunnel-1" },
            { key, "hunter2" },
            { "inner", new ViciSection { { key, ["hunter2"] } } },
            { key, new ViciSection { { "x", "hunter2" } } },
        };
        Assert.DoesNotContain("hunter2", section.ToString(), StringComparison.Ordinal);
        Assert.Contains("tunnel-1", section.ToString(), StringComparison.Ordinal);
        Assert.All(section, entry => Assert.DoesNotContain("hunter2", entry.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void The_text_form_never_holds_control_characters()
    {
        var section = new ViciSection { { "name", "a\u001b[31m\nb" }, { "list", ["ok", "\u0007"] } };
        Assert.Equal("name=(8 bytes) list=[ok, (1 bytes)]", section.ToString());
    }
}
