using System.Text.Json;

namespace Tunnelwright.EndToEnd;

/// <summary>probe against the endpoints of a lab, from the customer's gateway, before and while its tunnels stand.</summary>
[Trait("plane", "userspace")]
public sealed class ProbeTests(StandingLab labs) : IClassFixture<StandingLab>
{
    [Fact]
    public async Task Both_endpoints_of_the_file_answer_and_take_its_proposal_also_beside_a_running_daemon()
    {
        var lab = await labs.StaticAsync();
        foreach (var running in new[] { false, true })
        {
            // The gateway's own daemon holds 500 and 4500 then.
            if (running) await lab.BringUpAsync();
            var sas = running ? await lab.SaIdentitiesAsync() : null;
            var probe = await lab.TypeAsync("probe", lab.File, "--json");
            Assert.True(probe.ExitCode == 0, probe.Output + probe.Error);
            using var document = JsonDocument.Parse(probe.Output);
            var endpoints = document.RootElement.GetProperty("endpoints").EnumerateArray().ToList();
            Assert.Equal(["198.51.100.2", "192.0.2.2"], endpoints.Select(endpoint => endpoint.GetProperty("address").GetString()));
            foreach (var endpoint in endpoints)
            {
                Assert.All(endpoint.GetProperty("ports").EnumerateArray(), port => Assert.Equal("open", port.GetProperty("state").GetString()));
                Assert.Equal("accepted", Assert.Single(endpoint.GetProperty("versions").EnumerateArray()).GetProperty("state").GetString());
                Assert.False(endpoint.GetProperty("nat").GetProperty("here").GetBoolean());
                Assert.True(endpoint.GetProperty("nat").GetProperty("seenFromRegistered").GetBoolean());
                Assert.Equal(1, endpoint.GetProperty("halfOpenSas").GetInt32());
            }

            if (sas is not null) Assert.Equal(sas, await lab.SaIdentitiesAsync());
        }
    }

    [Fact]
    public async Task A_person_is_told_in_one_line_and_a_filter_is_1()
    {
        var lab = await labs.StaticAsync();
        var probe = await lab.TypeAsync("probe", "198.51.100.2", "--version", "2");
        Assert.Equal(0, probe.ExitCode);
        Assert.Matches(@"^198\.51\.100\.2  UDP 500 open, UDP 4500 open  IKEv2, (probably )?strongSwan; .*takes [a-z0-9-]+\n$", probe.Output);
        await lab.OutputAsync("internet", "nft", "table inet probing { chain forward { type filter hook forward priority 0; ip daddr 198.51.100.2 udp dport 4500 drop; }; }");
        try
        {
            var filtered = await lab.TypeAsync("probe", "198.51.100.2", "--version", "2", "--timeout", "1");
            Assert.Equal(1, filtered.ExitCode);
            Assert.StartsWith("198.51.100.2  UDP 500 open, UDP 4500 filtered", filtered.Output, StringComparison.Ordinal);
        }
        finally
        {
            await lab.OutputAsync("internet", "nft", "delete table inet probing");
        }
    }
}
