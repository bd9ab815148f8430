using Tunnelwright.Dns.Tests.Support;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Tests.Forwarding;

/// <summary>What clients that verify signatures need besides the answer itself.</summary>
public sealed class SignatureTests
{
    private static readonly byte[] Nsec = [.. Response.Name("z.internet.example"), 0, 1, 0x40];

    private static byte[] Signature(RecordType type, byte labels) => [(byte)((ushort)type >> 8), (byte)type, 13, labels, .. new byte[14], .. Response.Name("internet.example"), 1, 2, 3, 4];

    /// <summary>RFC 4035 section 3.1.3.3: without the proof that the name itself does not exist, an answer made from a wildcard counts as forged.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_made_from_a_wildcard_keeps_the_proof_for_who_asks_for_signatures(bool dnssecOk)
    {
        await using var internet = new FakeServer(query => query.Answer()
            .A(query.Name, "198.51.100.7").Record(query.Name, RecordType.Rrsig, 60, Signature(RecordType.A, 2))
            .Record("a.internet.example", RecordType.Nsec, 30, Nsec, section: 2).Record("a.internet.example", RecordType.Rrsig, 30, Signature(RecordType.Nsec, 3), section: 2)
            .Record("internet.example", RecordType.Ns, 30, Response.Name("ns.internet.example"), section: 2).Build());
        await using var forwarder = TestForwarder.Start([], defaults: [internet.EndPoint]);

        for (var asked = 0; asked < 2; asked++)
        {
            var answer = await TestClient.AskAsync(forwarder, "www.internet.example", dnssecOk: dnssecOk);
            Assert.Equal(dnssecOk ? [1, 1, 2, 2] : [1], answer.Sections);
            if (!dnssecOk) continue;
            Assert.StartsWith("a.internet.example NSEC ", answer.Records[2], StringComparison.Ordinal);
            Assert.StartsWith("a.internet.example RRSIG ", answer.Records[3], StringComparison.Ordinal);
            Assert.All(answer.Ttls, ttl => Assert.InRange(ttl, 28u, 60u));
        }

        // The proof holds shorter than the answer: with its end the whole ends.
        Assert.Equal(1, internet.Questions);
    }

    [Fact]
    public async Task A_flattened_answer_has_no_proof_of_names_that_its_asker_does_not_see()
    {
        await using var cloud = new FakeServer(query => query.Answer().Cname(query.Name, "host.internet.example").A("host.internet.example", "10.8.2.20")
            .Record("a.internet.example", RecordType.Nsec, 30, Nsec, section: 2).Build());
        await using var forwarder = TestForwarder.Start("rds.example", cloud, rule => rule with { Flatten = true });

        Assert.Equal(["db.rds.example A 10.8.2.20"], (await TestClient.AskAsync(forwarder, "db.rds.example", dnssecOk: true)).Records);
    }
}
