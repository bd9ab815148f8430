using System.Diagnostics;

namespace Tunnelwright.Diagnosis.Tests;

/// <summary>Whatever the capture: a report, in little time and memory.</summary>
public sealed class CaptureFuzzTests
{
    private static readonly byte[][] Seeds =
    [
        .. Enum.GetValues<CaptureStyle>().SelectMany(style => CaptureCases.All.Values.Select(one => one.Write(new CaptureBuilder(style)).Build())),
        .. CaptureCases.Healthy.Values.Select(write => write(new CaptureBuilder(CaptureStyle.BlocksLittle)).Build()),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Flipped_bits_and_cuts_end_in_a_report(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 2_000; round++)
        {
            var bytes = Seeds[random.Next(Seeds.Length)].ToArray();
            for (var flips = random.Next(1, 30); flips > 0; flips--) bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            if (random.Next(3) == 0) bytes = bytes[..random.Next(4, bytes.Length)];
            Assert.Contains(Fixture.Diagnose(bytes).Verdict, new[] { "healthy", "faulty", "unknown" });
        }
    }

    [Fact]
    public void Every_cut_of_a_capture_is_read()
    {
        foreach (var style in Enum.GetValues<CaptureStyle>())
        {
            var whole = CaptureCases.Init(new CaptureBuilder(style)).Build();
            for (var length = 4; length < whole.Length; length++) Assert.NotNull(Fixture.Diagnose(whole[..length]).Verdict);
        }
    }

    [Theory]
    [InlineData(3)]
    public void Noise_behind_a_good_header(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 500; round++)
        {
            var noise = new byte[random.Next(20_000)];
            random.NextBytes(noise);
            for (var i = 0; i < noise.Length; i++) if (random.Next(3) > 0) noise[i] %= 4;
            byte[] head = Seeds[random.Next(Seeds.Length)][..24];
            Assert.NotNull(Fixture.Diagnose([.. head, .. noise]).Verdict);
        }
    }

    /// <summary>Hundreds of thousands of peers, each with SPIs of its own: tables forget instead of growing.</summary>
    [Fact]
    public void A_flood_of_strangers_is_bounded()
    {
        using var flood = new Flood(300_000);
        var clock = Stopwatch.StartNew();
        var diagnosis = new FileDiagnosis(Tunnelwright.Model.RequirementProfile.Default);
        diagnosis.Add("flood", flood);
        var report = diagnosis.Finish();
        GC.Collect();
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true), 0, 400L << 20);
        Assert.Contains(report.Checks, check => check.Detail.Contains("300000 packets", StringComparison.Ordinal));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), $"{clock.Elapsed}");
    }

    [Fact]
    public void A_record_that_claims_gigabytes_is_refused_at_once()
    {
        byte[] header = new CaptureBuilder().Build();
        var report = Fixture.Diagnose([.. header, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0x7F]);
        Assert.Contains("says that it has", Assert.Single(report.Checks).Detail, StringComparison.Ordinal);
    }

    /// <summary>A capture that is made while it is read.</summary>
    private sealed class Flood(int packets) : Stream
    {
        private byte[] _now = new CaptureBuilder { LinkType = 101 }.Build();
        private int _at;
        private int _made;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (_at == _now.Length)
            {
                if (_made == packets) return 0;
                var source = $"10.{_made >> 16 & 255}.{_made >> 8 & 255}.{_made & 255}";
                var ip = (_made++ % 3) switch
                {
                    0 => Frames.Udp(source, 500, "198.51.100.2", 500, IkeBuilder.SaInit((ulong)_made + 1, false)),
                    1 => Frames.Esp(source, "198.51.100.2", (uint)_made + 256, 1),
                    _ => Frames.Ip(source, "198.51.100.2", 17, [.. Frames.UdpHead(500, 500, 1500), .. IkeBuilder.SaInit((ulong)_made + 1, false)], 0x2000, (ushort)_made),
                };
                _now = [.. BitConverter.GetBytes(_made), 0, 0, 0, 0, .. BitConverter.GetBytes(ip.Length), .. BitConverter.GetBytes(ip.Length), .. ip];
                _at = 0;
            }

            var taken = Math.Min(count, _now.Length - _at);
            _now.AsSpan(_at, taken).CopyTo(buffer.AsSpan(offset));
            _at += taken;
            return taken;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
