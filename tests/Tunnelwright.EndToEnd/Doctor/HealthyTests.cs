using System.Globalization;
using Tunnelwright.Vici;

namespace Tunnelwright.EndToEnd;

/// <summary>Networks in which nothing is wrong, though they are not all alike: the doctor finds nothing.</summary>
[Trait("plane", "userspace")]
[Trait("part", "doctor")]
public sealed class HealthyTests(ITestOutputHelper output)
{
    private const string Gateway = TestLab.Gateway;
    private const string Internet = FaultLab.Internet;

    private static readonly (string Name, string[] Lab, string[] Up)[] Kinds =
    [
        ("IKEv2 static", ["--ike", "2", "--routing", "static"], []),
        ("IKEv1 static", ["--ike", "1", "--routing", "static"], []),
        ("IKEv2 BGP", ["--ike", "2", "--routing", "bgp"], []),
        ("IKEv1 BGP behind NAT", ["--ike", "1", "--routing", "bgp", "--nat"], []),
        ("IKEv2 static behind NAT, tunnel 2 preferred", ["--ike", "2", "--routing", "static", "--nat"], ["--prefer", "2"]),
        ("AES-128-CBC and SHA-1, the oldest allowed", ["--ike", "1", "--routing", "static", "--ike-proposal", "aes128-sha1-modp1024", "--esp-proposal", "aes128-sha1-modp1024"], []),
        ("AES-256-CBC and SHA-512, equal costs", ["--ike", "2", "--routing", "bgp", "--esp-proposal", "aes256-sha512-modp4096"], ["--prefer", "both"]),
        ("443 only, the cloud's DNS servers named", ["--ike", "2", "--routing", "bgp", "--443-only"], ["--cloud-dns", "10.8.2.2,10.8.2.3"]),
    ];

    /// <summary>What goes on while the doctor looks.</summary>
    private static readonly (string Name, Func<FaultLab, Task> Begin, Func<FaultLab, Task> End)[] Situations =
    [
        ("just started", _ => Task.CompletedTask, _ => Task.CompletedTask),
        ("rekeying", RekeyAsync, _ => Task.CompletedTask),
        (
            "1 % of the packets is lost",
            lab => lab.Lab.OutputAsync(Internet, "nft", "table inet healthy { chain forward { type filter hook forward priority -5; numgen random mod 1000 < 5 drop; }; }"),
            lab => lab.Lab.OutputAsync(Internet, "nft", "delete table inet healthy")),
        (
            "the endpoints answer no ping, and answers come through the other tunnel",
            async lab =>
            {
                await lab.Lab.OutputAsync(Internet, "nft", "table inet healthy { chain forward { type filter hook forward priority -5; ip protocol icmp icmp type echo-request drop; }; }");
                await AsymmetricAsync(lab, "add");
            },
            async lab =>
            {
                await lab.Lab.OutputAsync(Internet, "nft", "delete table inet healthy");
                await AsymmetricAsync(lab, "del");
            }),
        (
            "a firewall of the gateway's own, strict and right",
            lab => lab.Lab.OutputAsync(
                Gateway,
                "nft",
                """
                table inet healthy {
                  set dns { type ipv4_addr; flags interval; elements = { 10.8.2.0/24 }; }
                  chain input {
                    type filter hook input priority 0; policy drop;
                    ct state established,related accept
                    iifname "lo" accept
                    meta l4proto icmp accept
                    udp dport { 500, 1500, 4500, 14500-14503 } accept
                    ip protocol esp accept
                    tcp dport 179 accept
                    udp dport 3784 accept
                    iifname "lan" accept
                  }
                  chain forward {
                    type filter hook forward priority 0; policy drop;
                    ct state established,related accept
                    iifname "lan" ip daddr @dns accept
                    ip saddr @dns oifname "lan" accept
                  }
                }
                """),
            lab => lab.Lab.OutputAsync(Gateway, "nft", "delete table inet healthy")),
    ];

    [Fact]
    public async Task A_healthy_gateway_is_called_healthy()
    {
        var wrong = (await Task.WhenAll(Kinds.Select(kind => RunAsync(kind.Name, kind.Lab, kind.Up)))).SelectMany(found => found).ToList();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Kinds.Length * Situations.Length} healthy variants, {wrong.Count} wrong"));
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static async Task<List<string>> RunAsync(string kind, string[] options, string[] up)
    {
        await using var lab = new FaultLab(await TestLab.UpAsync(options));
        await lab.Lab.BringUpAsync(up);
        var wrong = new List<string>();
        foreach (var (name, begin, end) in Situations)
        {
            await begin(lab);
            var report = await DoctorReport.AskAsync(lab.Lab);
            if (report.Verdict != "healthy" || report.Findings.Count > 0) wrong.Add($"{kind}, {name}: {report.Describe()}");
            await end(lab);
        }

        return wrong;
    }

    private static Task RekeyAsync(FaultLab lab) => lab.Lab.WithCharonsAsync(Gateway, async client =>
    {
        foreach (var sa in await client.ListSasAsync())
        {
            await client.RekeyAsync(new SaSelector { Child = sa.Name });
            await client.RekeyAsync(new SaSelector { Ike = sa.Name });
        }
    });

    /// <summary>The cloud's router sends half of the customer's network through each endpoint.</summary>
    private static async Task AsymmetricAsync(FaultLab lab, string verb)
    {
        await lab.Lab.OutputAsync("cloud-router", "ip", "route", verb, "10.1.0.0/25", "via", "10.8.255.1");
        await lab.Lab.OutputAsync("cloud-router", "ip", "route", verb, "10.1.0.128/25", "via", "10.8.255.5");
    }
}
