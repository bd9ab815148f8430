using Tunnelwright.Dns.Tests.Support;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Tests.Wire;

public sealed class MessageTests
{
    private static readonly byte[] Owner = Response.Name("www.cloud.example");

    [Fact]
    public void Names_are_compressed_and_read_back()
    {
        var source = new Query(TestClient.Question("www.cloud.example"), false, null!).Answer()
            .Cname("www.cloud.example", "host.cloud.example").A("host.cloud.example", "10.8.2.1").Soa("cloud.example", 60).Build();
        var buffer = new byte[512];
        var ttls = new ushort[8];
        var writer = new MessageWriter(buffer, ttls, Owner, RecordType.A);
        var reader = new MessageReader(source);
        while (reader.NextRecord(out var record)) Assert.True(writer.WriteRecord(source, record, 17));
        DnsHeader.SetCount(buffer, 1, 2);
        DnsHeader.SetCount(buffer, 2, 1);

        Assert.Equal(3, writer.Records);
        Assert.InRange(writer.Length, 60, source.Length - 60);
        var answer = new Answer(buffer[..writer.Length]);
        Assert.Equal(["www.cloud.example CNAME host.cloud.example", "host.cloud.example A 10.8.2.1", "cloud.example SOA ns.cloud.example"], answer.Records);
        Assert.All(ttls[..3], at => Assert.Equal([0, 0, 0, 17], buffer[at..(at + 4)]));
    }

    [Theory]
    [InlineData(RecordType.Mx, "000A", 1, "", true)]
    [InlineData(RecordType.Srv, "000000010050", 1, "", false)]
    [InlineData(RecordType.Naptr, "00010002017303534950022121", 1, "", false)]
    [InlineData(RecordType.Rp, "", 2, "", false)]
    [InlineData(RecordType.Px, "0001", 2, "", false)]
    [InlineData(RecordType.Kx, "0001", 1, "", false)]
    [InlineData(RecordType.Nxt, "", 1, "620001", false)]
    [InlineData(RecordType.Soa, "", 2, "0000000100000E1000000E1000000E100000003C", true)]
    public void Names_inside_of_data_are_expanded_and_compressed_where_that_is_allowed(RecordType type, string before, int names, string after, bool compresses)
    {
        // The data of the source points at the question's name.
        byte[] data = [.. Convert.FromHexString(before), .. Enumerable.Repeat<byte[]>([0xC0, 12], names).SelectMany(pointer => pointer), .. Convert.FromHexString(after)];
        var source = new Query(TestClient.Question("www.cloud.example"), false, null!).Answer().Record("www.cloud.example", type, 60, data).Build();
        var buffer = new byte[512];
        var writer = new MessageWriter(buffer, new ushort[8], Response.Name("other.example"), type);
        var reader = new MessageReader(source);
        Assert.True(reader.NextRecord(out var record));

        Assert.True(writer.WriteRecord(source, record, 60));

        DnsHeader.SetCount(buffer, 1, 1);
        var written = new MessageReader(buffer.AsSpan(0, writer.Length));
        Assert.True(written.NextRecord(out var copy));
        Assert.False(written.IsMalformed);
        Assert.Equal(Convert.FromHexString(before), buffer[copy.Data..(copy.Data + before.Length / 2)]);
        var at = copy.Data + before.Length / 2;
        var name = new byte[255];
        for (var i = 0; i < names; i++)
        {
            Assert.Equal(compresses, (buffer[at] & 0xC0) == 0xC0);
            Assert.Equal("www.cloud.example", DomainName.ToText(name.AsSpan(0, DomainName.Expand(buffer, at, name, out at))));
        }

        Assert.Equal(Convert.FromHexString(after), buffer[at..(copy.Data + copy.DataLength)]);
    }

    [Fact]
    public void A_record_is_written_whole_or_not_at_all()
    {
        var source = new Query(TestClient.Question("www.cloud.example"), false, null!).Answer().A("a.very.different.name", "10.8.2.1").Build();
        var reader = new MessageReader(source);
        Assert.True(reader.NextRecord(out var record));
        for (var size = 0; size < 90; size++)
        {
            var writer = new MessageWriter(new byte[size], new ushort[8], Owner, RecordType.A);
            var before = writer.Length;
            var written = writer.WriteRecord(source, record, 60);
            Assert.Equal(!written, writer.HasOverflowed);
            Assert.Equal(written ? before + 23 + 14 : before, writer.Length);
            Assert.Equal(written, size >= 35 + 37);
        }
    }

    [Fact]
    public void A_message_that_counts_more_than_it_holds_is_malformed()
    {
        var message = new Query(TestClient.Question("www.cloud.example"), false, null!).Answer().A("www.cloud.example", "10.8.2.1").Count(1, 10_000).Build();
        var reader = new MessageReader(message);
        Assert.True(reader.NextRecord(out _));
        Assert.False(reader.NextRecord(out _));
        Assert.True(reader.IsMalformed);
        Assert.False(reader.NextRecord(out _));
    }

    [Theory]
    [InlineData("a", RecordType.A)]
    [InlineData("CNAME", RecordType.Cname)]
    [InlineData("type65", RecordType.Https)]
    [InlineData("TYPE4711", (RecordType)4711)]
    public void Types_are_read_by_name_and_by_number(string text, RecordType type)
    {
        Assert.True(RecordTypes.TryParse(text, out var read));
        Assert.Equal(type, read);
        Assert.False(RecordTypes.TryParse("1", out _));
        Assert.False(RecordTypes.TryParse("None", out _));
        Assert.False(RecordTypes.TryParse("TYPE70000", out _));
    }

    [Fact]
    public void SipHash_gives_the_values_of_its_authors()
    {
        // Appendix A of the paper: key 00…0f, message 00…0e.
        var data = Enumerable.Range(0, 15).Select(i => (byte)i).ToArray();
        Assert.Equal(0xa129ca6149be45e5UL, Dns.Serving.ServerCookie.SipHash(data, 0x0706050403020100, 0x0f0e0d0c0b0a0908));
    }
}
