using System.Net.Sockets;

namespace Tunnelwright.Linux.Tests;

/// <summary>One look tells what the single questions tell, and a refused question leaves the others their answers.</summary>
public sealed class IpLookTests
{
    private static readonly string[][] Questions = [["link", "show"], ["route", "get", "192.0.2.1"], ["route", "get", "192.0.2.2"]];

    [Fact]
    public void A_refused_line_takes_no_answer_of_another()
    {
        var answers = IpTool.Pair(Questions, "[1]\n", "RTNETLINK answers: Network is unreachable\nCommand failed -:2\nRTNETLINK answers: Invalid argument\nCommand failed -:3\n");
        Assert.Equal("[1]", answers[0].Text);
        Assert.Equal((null, KernelErrors.NetworkUnreachable), (answers[1].Text, answers[1].ErrorNumber));
        Assert.Equal((null, KernelErrors.Invalid), (answers[2].Text, answers[2].ErrorNumber));
        Assert.Equal("[3]", IpTool.Pair(Questions, "[1]\n[3]\n", "RTNETLINK answers: Network is unreachable\nCommand failed -:2\n")[2].Text);
    }

    [Fact]
    public void A_missing_answer_is_an_error_with_the_tools_words()
    {
        var problem = Assert.Throws<UnreadableOutputException>(() => IpTool.Pair(Questions, "[1]\n", "Object \"route\" is unknown, try \"ip help\".\n"));
        Assert.Contains("Object \"route\" is unknown", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Error: Unknown device type.\nCommand failed -:1\nError: Requested type not found.\n", false, false)]
    [InlineData("Error: Unknown device type.\nCommand failed -:1\n", true, false)]
    [InlineData("RTNETLINK answers: Function not implemented\n", false, true)]
    public void What_the_kernel_refuses_of_esp_is_told_apart(string error, bool esp, bool interfaces)
    {
        var support = KernelEsp.ReadRefusals(error);
        Assert.Equal((esp, interfaces), (support.AesCbcSha1, support.XfrmInterfaces));
        Assert.Equal((esp ? 0 : 1) + (interfaces ? 0 : 1), support.Words.Count);
    }

    [Fact]
    public async Task It_tells_what_the_single_questions_tell()
    {
        if (!RootCheck.IsRoot) Assert.Skip("making a network namespace needs root");
        var inside = await NetworkNamespace.CreateAsync($"twt-look-{Environment.ProcessId}");
        try
        {
            var ip = new IpTool(inside);
            await ip.BatchAsync([["link", "set", "lo", "up"], ["link", "add", "name", "left", "type", "veth", "peer", "name", "right"], ["link", "set", "dev", "left", "up"], ["address", "add", "192.0.2.1/24", "dev", "left"]]);
            await ip.BatchAsync([["route", "add", "unreachable", "198.51.100.0/24"]]);
            string[] destinations = ["192.0.2.7", "198.51.100.1", "203.0.113.1"];
            var look = await ip.LookAsync(destinations);
            Assert.Equal((await ip.GetLinksAsync()).Select(link => (link.Name, link.Up, link.Mtu, link.Kind)), look.Links.Select(link => (link.Name, link.Up, link.Mtu, link.Kind)));
            Assert.Equal((await ip.GetAddressesAsync()).Select(address => (address.Device, address.Address)), look.Addresses.Select(address => (address.Device, address.Address)));
            Assert.Equal(await ip.GetRoutesAsync("main", AddressFamily.InterNetwork), look.Routes);
            foreach (var destination in destinations) Assert.Equal(await ip.GetRouteToAsync(destination), look.Ways[destination]);
            Assert.Equal("192.0.2.1", look.Ways["192.0.2.7"]!.Source);
            Assert.Equal(RouteType.Unreachable, look.Ways["198.51.100.1"]!.Type);
            Assert.Null(look.Ways["203.0.113.1"]);
        }
        finally
        {
            await NetworkNamespace.DeleteAsync(inside.Name!);
        }
    }
}
