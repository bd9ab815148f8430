using Tunnelwright.Linux;
using Tunnelwright.Model;
using Tunnelwright.Node.Edge;

namespace Tunnelwright.Node.Tests;

public sealed class EdgeAnnouncerTests
{
    private static readonly Model.InterfaceAddress Uplink = Model.InterfaceAddress.Parse("192.0.2.2/30");

    private static string Render(params Announcement[] announcements) => new EdgeAnnouncer(Samples.Settings).Render(Ipv4Address.Parse("192.0.2.1"), announcements, Uplink);

    [Fact]
    public void The_later_generation_has_the_lower_discriminator()
    {
        var address = Ipv4Address.Parse("198.51.100.7");
        Assert.Contains("route 198.51.100.7/32 unreachable { bgp_med = 4294967292; };", Render(new Announcement(address, 3)), StringComparison.Ordinal);
        Assert.Contains("{ bgp_med = 4294967291; };", Render(new Announcement(address, 4)), StringComparison.Ordinal);
        Assert.Contains("{ bgp_med = 0; };", Render(new Announcement(address, long.MaxValue)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bird_takes_it()
    {
        var file = Path.GetTempFileName();
        try
        {
            foreach (var text in new[] { Render(), Render(new Announcement(Ipv4Address.Parse("198.51.100.7"), 1), new Announcement(Ipv4Address.Parse("198.51.100.8"), 70000)) })
            {
                await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
                var result = await CommandRunner.Shared.RunAsync("bird", ["-p", "-c", file], new CommandOptions { ThrowOnFailure = false }, TestContext.Current.CancellationToken);
                Assert.True(result.Succeeded, result.Error + result.Output);
            }
        }
        finally
        {
            File.Delete(file);
        }
    }
}
