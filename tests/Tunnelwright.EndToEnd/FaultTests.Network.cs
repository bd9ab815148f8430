namespace Tunnelwright.EndToEnd;

public sealed partial class FaultTests
{
    /// <summary>The customer's host cannot do it; healed, it can at once.</summary>
    [Theory]
    [InlineData("forwarding-disabled", "ping 10.8.2.2")]
    [InlineData("forwarding-disabled-lan", "ping 10.8.2.2")]
    [InlineData("reverse-path-filter", "ping 10.8.2.2")]
    [InlineData("route-missing", "ping 10.8.2.2")]
    [InlineData("route-missing-host", "ping 10.8.2.2")]
    [InlineData("route-missing-range", "ping 10.8.2.2")]
    [InlineData("route-blackhole", "ping 10.8.2.2")]
    [InlineData("overlapping-networks", "ping 10.8.2.2")]
    [InlineData("source-dest-check", "ping 10.8.2.2")]
    [InlineData("firewall-blocks-forward", "ping 10.8.2.2")]
    [InlineData("firewall-blocks-answers", "ping 10.8.2.2")]
    [InlineData("range-not-registered", "ping 10.8.2.2")]
    [InlineData("route-missing-cloud", "ping 10.8.2.2")]
    [InlineData("whole-range-not-allowed", "connect 10.8.2.10 443", "ping 10.8.2.2")]
    [InlineData("security-group-closed", "connect 10.8.2.30 5432", "connect 10.8.2.10 443")]
    [InlineData("security-group-closed-web", "connect 10.8.2.10 443", "connect 10.8.2.30 5432")]
    [InlineData("port-closed", "connect 10.8.2.10 443", "connect 10.8.2.30 5432")]
    [InlineData("dns-unreachable", "resolve app.cloud.example +notcp", "ping 10.8.2.2")]
    [InlineData("dns-frozen", "resolve app.cloud.example +notcp", "ping 10.8.2.2")]
    [InlineData("dns-tcp-blocked", "resolve app.cloud.example +tcp", "resolve app.cloud.example +notcp")]
    [InlineData("dns-stale-address", "hosts app.cloud.example", "resolve app.cloud.example +notcp")]
    [InlineData("onsite-dns-unreachable", "onsite", "ping 10.8.2.2")]
    [InlineData("onsite-dns-frozen", "onsite", "ping 10.8.2.2")]
    public async Task The_network_does_not_do_it(string fault, string lost, string? kept = null)
    {
        var lab = await labs.StaticAsync();
        Assert.True(await WorksAsync(lab, lost), $"without the fault: {lost}");
        if (fault == "reverse-path-filter" && TestMachine.DataPlane == "kernel")
        {
            Complaint.Check(await lab.TypeAsync("inject", fault), 2, "not possible here: the kernel's reverse-path filter lets pass what its own ESP has decrypted");
            return;
        }

        await lab.InjectAsync(fault);
        await Eventually.HoldsAsync($"{fault}: {lost} does not work", TimeSpan.FromSeconds(5), async () => !await WorksAsync(lab, lost));
        if (kept is not null) Assert.True(await WorksAsync(lab, kept), $"{fault} hits {kept}, too");
        await lab.InjectAsync(fault);
        await lab.HealAsync();
        await Eventually.HoldsAsync($"{lost} works again", TimeSpan.FromSeconds(20), () => WorksAsync(lab, lost));
    }

    /// <summary>What a person would try from the customer's host.</summary>
    private static async Task<bool> WorksAsync(FaultLab lab, string what) => what.Split(' ') switch
    {
        ["ping", var address] => await lab.ReachesAsync(Host, address),
        ["connect", var address, var port] => (await lab.Lab.RunAsync(Host, "nc", "-z", "-w", "1", address, port)).Succeeded,
        ["resolve", var name, var option] => (await lab.Lab.RunAsync(Host, "dig", "+short", "+time=1", "+tries=1", option, "@10.8.2.2", name)) is { Succeeded: true, Output: "10.8.2.10\n" },
        ["hosts", var name] => !(await lab.Lab.OutputAsync(Host, "sh", "-c", $"getent hosts {name} || true")).Contains("10.8.2.99", StringComparison.Ordinal),
        _ => (await lab.Lab.RunAsync("cloud-dns-1", "dig", "+short", "+time=1", "+tries=1", "@10.1.0.53", "customer-host.company.local")) is { Succeeded: true, Output: "10.1.0.10\n" },
    };
}
