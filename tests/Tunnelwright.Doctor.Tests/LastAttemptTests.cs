using System.Text;

namespace Tunnelwright.Doctor.Tests;

public sealed class LastAttemptTests
{
    private const string Log = """
        2026-11-25T17:00:00.000 01[IKE] <vpn-1|1> initiating IKE_SA vpn-1[1] to 198.51.100.2
        2026-11-25T17:00:00.100 01[IKE] <vpn-1|1> received AUTHENTICATION_FAILED notify error
        2026-11-25T17:00:03.000 01[IKE] <vpn-1|2> initiating IKE_SA vpn-1[2] to 198.51.100.2
        2026-11-25T17:00:03.100 01[IKE] <vpn-1|2> received NO_PROPOSAL_CHOSEN notify error
        2026-11-25T17:00:06.000 01[IKE] <vpn-1|3> initiating IKE_SA vpn-1[3] to 198.51.100.2

        """;

    private static readonly DateTime Five = new(2026, 11, 25, 17, 0, 0, DateTimeKind.Unspecified);

    [Fact]
    public void The_last_attempt_that_came_to_something_counts() => Assert.Equal(Five.AddSeconds(3), LastAttempt.Begin(Encoding.ASCII.GetBytes(Log), "vpn-1", DateTime.MinValue));

    [Fact]
    public void What_is_older_than_the_limit_does_not() => Assert.Equal(Five.AddSeconds(6), LastAttempt.Begin(Encoding.ASCII.GetBytes(Log), "vpn-1", Five.AddSeconds(5)));

    [Fact]
    public void Another_tunnels_lines_say_nothing() => Assert.Equal(Five, LastAttempt.Begin(Encoding.ASCII.GetBytes(Log), "vpn-2", Five));

    [Fact]
    public void The_offset_is_that_of_the_first_line_that_counts()
    {
        var bytes = Encoding.ASCII.GetBytes(Log);
        var from = LastAttempt.Offset(bytes, [Five.AddSeconds(3)]);
        Assert.StartsWith("2026-11-25T17:00:03.000", Encoding.ASCII.GetString(bytes[from..]), StringComparison.Ordinal);
        Assert.Equal(0, LastAttempt.Offset(bytes, []));
        Assert.Equal(bytes.Length, LastAttempt.Offset(bytes, [Five.AddHours(1)]));
    }
}
