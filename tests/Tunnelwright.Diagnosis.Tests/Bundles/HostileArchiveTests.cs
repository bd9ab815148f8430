using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Tunnelwright.Diagnosis.Tests;

/// <summary>Archives from strangers: bounded, nothing written where they say, one clear line for each thing that is wrong.</summary>
public sealed class HostileArchiveTests
{
    private const string Refused = "06[IKE] <aws-1|1> received TS_UNACCEPTABLE notify, no CHILD_SA built\n";

    [Theory]
    [InlineData(TarEntryFormat.Ustar)]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    [InlineData(TarEntryFormat.V7)]
    public void Archives_of_every_kind_are_read(TarEntryFormat format)
    {
        var name = format is TarEntryFormat.Pax or TarEntryFormat.Gnu ? $"{new string('d', 120)}/{new string('e', 120)}/charon.log" : "logs/charon.log";
        var report = Fixture.Diagnose(("a.tar.gz", Fixture.Gzip(Archive(format, (name, Refused)))));
        if (format == TarEntryFormat.V7)
        {
            // The oldest form has no mark; it is read as the text that it mostly is.
            Assert.NotEmpty(report.Findings);
            return;
        }

        Assert.Equal($"a.tar.gz:{name}", report.Findings[0].Evidence[0].Source);
        Assert.Equal(1, report.Findings[0].Evidence[0].Line);
    }

    [Fact]
    public void Captures_and_packed_logs_inside_are_read()
    {
        var archive = Archive(TarEntryFormat.Pax, ("x.log.gz", Fixture.Gzip(Encoding.UTF8.GetBytes(Refused))), ("uplink.pcap", CaptureCases.All["proposals"].Write(new CaptureBuilder()).Build()));
        Assert.Equal(["ike-proposal-mismatch", "ts-mismatch"], Fixture.Diagnose(archive).Findings.Select(finding => finding.Cause).Where(cause => cause != "unknown-peer").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Names_that_climb_out_and_links_write_nothing()
    {
        var outside = Path.Combine(Path.GetTempPath(), $"tunnelwright-{Guid.NewGuid():N}");
        using var memory = new MemoryStream();
        using (var writer = new TarWriter(memory, TarEntryFormat.Pax, leaveOpen: true))
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "link") { LinkName = "/etc/shadow" });
            writer.WriteEntry(new PaxTarEntry(TarEntryType.HardLink, "hard") { LinkName = "/etc/shadow" });
            writer.WriteEntry(new PaxTarEntry(TarEntryType.CharacterDevice, "device"));
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, $"../../../../../..{outside}") { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(Refused)) });
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "evil\u001b[2J\nfaulty") { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(Refused)) });
        }

        var report = Fixture.Diagnose(memory.ToArray());
        Assert.Equal("ts-mismatch", report.Findings[0].Cause);
        Assert.False(File.Exists(outside));
        Assert.DoesNotContain(report.Checks, check => check.Name.Any(char.IsControl));
        Assert.DoesNotContain(report.Checks, check => check.Name.Contains("link", StringComparison.Ordinal));
    }

    [Fact]
    public void A_bomb_ends_in_one_line()
    {
        var files = Directory.GetFiles(Path.GetTempPath(), "tunnelwright-*").Length;
        using var memory = new MemoryStream();
        using (var packer = new GZipStream(memory, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var i = 0; i < 6; i++)
            {
                packer.Write(Header($"zeros-{i}", 100L << 20));
                var zeros = new byte[1 << 20];
                for (var block = 0; block < 100; block++) packer.Write(zeros);
            }
        }

        var report = Fixture.Diagnose(memory.ToArray());
        Assert.Single(report.Checks, check => check is { Result: "fail" } && check.Detail.Contains("unpacks to more than", StringComparison.Ordinal));
        Assert.Equal(files, Directory.GetFiles(Path.GetTempPath(), "tunnelwright-*").Length);
    }

    [Fact]
    public void A_member_of_terabytes_is_not_believed()
    {
        var report = Fixture.Diagnose([.. Header("huge", 1L << 40), .. new byte[4096]]);
        Assert.Contains(report.Checks, check => check.Detail.Contains("huge has 1099511627776 bytes", StringComparison.Ordinal));
        Assert.Contains(report.Checks, check => check.Detail == "the archive breaks off");
    }

    [Fact]
    public void Many_members_are_bounded()
    {
        var one = Header("a", 0);
        var report = Fixture.Diagnose([.. Enumerable.Repeat(one, 20_000).SelectMany(bytes => bytes)]);
        Assert.Single(report.Checks, check => check.Detail.Contains("more than 2000 members", StringComparison.Ordinal));
    }

    [Fact]
    public void An_archive_in_an_archive_is_not_read()
    {
        var report = Fixture.Diagnose(Archive(TarEntryFormat.Pax, ("inner.tar", Archive(TarEntryFormat.Pax, ("a.log", Refused)))));
        Assert.Empty(report.Findings);
        Assert.Contains(report.Checks, check => check.Detail == "an archive in an archive is not read");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Damaged_archives_end_in_a_report(int seed)
    {
        var random = new Random(seed);
        byte[][] seeds = [.. new[] { TarEntryFormat.Pax, TarEntryFormat.Gnu, TarEntryFormat.Ustar }.Select(format => Archive(format, ($"{new string('n', format == TarEntryFormat.Ustar ? 90 : 150)}/a.log", Refused), ("b.log", Refused), ("c", "secret = x\n")))];
        for (var round = 0; round < 3_000; round++)
        {
            var bytes = seeds[random.Next(seeds.Length)].ToArray();
            for (var flips = random.Next(1, 10); flips > 0; flips--) bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            if (random.Next(3) == 0) bytes = bytes[..random.Next(bytes.Length)];
            else if (random.Next(2) == 0) Mend(bytes, random);
            Assert.Contains(Fixture.Diagnose(random.Next(4) == 0 ? Fixture.Gzip(bytes) : bytes).Verdict, new[] { "healthy", "faulty", "unknown" });
        }
    }

    /// <summary>Makes checksums right again, so that what else is wrong is met.</summary>
    private static void Mend(byte[] bytes, Random random)
    {
        for (var at = 0; at + 512 <= bytes.Length; at += 512)
        {
            if (!bytes.AsSpan(at + 257, 5).SequenceEqual("ustar"u8)) continue;
            if (random.Next(2) == 0) bytes[at + 124 + random.Next(12)] = (byte)random.Next(256);
            if (random.Next(3) == 0) bytes[at + 156] = (byte)"0Lx5gK127"[random.Next(9)];
            Sum(bytes.AsSpan(at, 512));
        }
    }

    private static byte[] Header(string name, long size)
    {
        var header = new byte[512];
        Encoding.ASCII.GetBytes(name, header);
        if (size < 1L << 33) Encoding.ASCII.GetBytes(Convert.ToString(size, 8).PadLeft(11, '0'), header.AsSpan(124));
        else System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(128), size);
        if (size >= 1L << 33) header[124] = 0x80;
        header[156] = (byte)'0';
        "ustar\000"u8.CopyTo(header.AsSpan(257));
        Sum(header);
        return header;
    }

    private static void Sum(Span<byte> header)
    {
        header.Slice(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var octet in header) sum += octet;
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ", header.Slice(148, 8));
    }

    private static byte[] Archive(TarEntryFormat format, params (string Name, string Text)[] members) => Archive(format, [.. members.Select(member => (member.Name, Encoding.UTF8.GetBytes(member.Text)))]);

    private static byte[] Archive(TarEntryFormat format, params (string Name, byte[] Content)[] members)
    {
        using var memory = new MemoryStream();
        using (var writer = new TarWriter(memory, format, leaveOpen: true))
        {
            foreach (var (name, content) in members)
            {
                TarEntry entry = format switch
                {
                    TarEntryFormat.V7 => new V7TarEntry(TarEntryType.V7RegularFile, name),
                    TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, name),
                    TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name),
                    _ => new PaxTarEntry(TarEntryType.RegularFile, name),
                };
                entry.DataStream = new MemoryStream(content);
                writer.WriteEntry(entry);
            }
        }

        return memory.ToArray();
    }
}
