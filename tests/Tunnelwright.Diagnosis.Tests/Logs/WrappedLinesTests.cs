using System.Text;

namespace Tunnelwright.Diagnosis.Tests;

public sealed class WrappedLinesTests
{
    private const string ByWords =
        "Nov 20 10:00:10 gw racoon: INFO: isakmp.c:2418:log_ph1established():\n" +
        "ISAKMP-SA established 198.51.100.2[500]-203.0.113.2[500]\n" +
        "Nov 20 10:00:11 gw racoon: ERROR: pfkey.c:9:pfkey_handler(): pfkey\n" +
        "UPDATE failed: Invalid argument\n" +
        "Nov 20 10:00:12 gw racoon: INFO: short\n";

    [Fact]
    public void What_had_no_room_is_joined_and_lines_keep_their_numbers()
    {
        var lines = Joined(ByWords).Split('\n');
        Assert.Equal("Nov 20 10:00:10 gw racoon: INFO: isakmp.c:2418:log_ph1established(): ISAKMP-SA established 198.51.100.2[500]-203.0.113.2[500]", lines[0]);
        Assert.Equal("", lines[1]);
        Assert.EndsWith("pfkey UPDATE failed: Invalid argument", lines[2], StringComparison.Ordinal);
        Assert.Equal("Nov 20 10:00:12 gw racoon: INFO: short", lines[4]);
    }

    [Fact]
    public void A_terminal_breaks_in_the_middle_of_words()
    {
        const string text = "Nov 20 10:00:10 gw charon: 07[IKE] received AUTHENTICATION_FA\nILED notify error\nNov 20 10:00:11 gw charon: 07[IKE] no config\n";
        Assert.StartsWith("Nov 20 10:00:10 gw charon: 07[IKE] received AUTHENTICATION_FAILED notify error\n\nNov", Joined(text), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Nov 20 10:00:10 gw charon: 07[IKE] one line that is long enough to be broken somewhere\nNov 20 10:00:11 gw charon: 07[IKE] another\n")]
    [InlineData("charon: 07[IKE] a log without any times, the lines of which are long enough to be broken\ncharon: 07[IKE] another\n")]
    public void Whole_lines_are_left_alone(string text) => Assert.Null(WrappedLines.WidthOf(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void A_line_that_would_have_had_room_is_one_of_its_own()
    {
        const string text = "Nov 20 10:00:10 gw charon: 07[IKE] a line that is rather long and ends here\nNov 20 10:00:11 gw charon: 07[IKE] short\ndone\nNov 20 10:00:12 gw charon: end\n";
        Assert.Contains("short\ndone\n", Joined(text), StringComparison.Ordinal);
    }

    private static string Joined(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return Encoding.UTF8.GetString(WrappedLines.Joined(bytes, WrappedLines.WidthOf(bytes)!.Value));
    }
}
