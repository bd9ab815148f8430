using Tunnelwright.Lab;

namespace Tunnelwright.EndToEnd.Names;

/// <summary>The faults of the customer's DNS server: each shows, also after another one and twice, and is healed without a trace.</summary>
[Trait("plane", "userspace")]
public sealed class NameFaultTests(NamesLab names) : IClassFixture<NamesLab>
{
    [Fact]
    public async Task They_take_each_others_place_and_healing_brings_the_customers_own_server_back()
    {
        await names.ReadyAsync();
        var lab = names.Lab;
        var files = await FilesAsync();
        Assert.Equal(("10.8.2.10", "10.8.2.30"), await AskAsync());
        foreach (var fault in new[] { "dns-no-forwarder", "dns-no-forwarder", "dns-cname-escapes", "dns-no-forwarder", "dns-cname-escapes", "dns-cname-escapes" })
        {
            await lab.FaultAsync("inject", fault);
            var expected = (fault == "dns-no-forwarder" ? "198.51.100.82" : "10.8.2.10", "198.51.100.83");
            await Eventually.HoldsAsync($"{fault} shows", TimeSpan.FromSeconds(10), async () => await AskAsync() == expected);

            // The alias alone tells the two apart.
            var report = await DoctorReport.AskAsync(lab, TestLab.Gateway, "--lookup", LabNames.Database);
            Assert.True(report.Findings.Count == 1 && report.Findings[0].Cause == fault, $"{fault}: {report.Describe()}");
        }

        await lab.FaultAsync("heal");
        await Eventually.HoldsAsync("the customer's own server answers", TimeSpan.FromSeconds(10), async () => await AskAsync() == ("10.8.2.10", "10.8.2.30"));
        Assert.Single(await lab.ProcessesAsync("customer-dns"), process => process.Name is "dnsmasq" or "unbound");
        Assert.Equal(files, await FilesAsync());

        Task<string> FilesAsync() => lab.OutputAsync("customer-dns", "ls", "/run");

        async Task<(string Web, string Database)> AskAsync() => (await DigAsync(LabNames.LoadBalancer), await DigAsync(LabNames.Database));

        async Task<string> DigAsync(string name) => (await lab.RunAsync("customer-host", "dig", "+short", "+time=3", name)).Output.Trim().Split('\n')[^1];
    }
}
