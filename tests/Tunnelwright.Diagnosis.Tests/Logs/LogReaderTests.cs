using System.Text;

namespace Tunnelwright.Diagnosis.Tests;

public sealed class LogReaderTests
{
    private const string Fault = "06[IKE] <aws-1|1> received TS_UNACCEPTABLE notify, no CHILD_SA built";
    private const string Chatter = "2026-01-02T03:04:05.678 11[NET] <aws-1|12> received packet: from 198.51.100.2[4500] to 203.0.113.2[4500] (76 bytes)\n";

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2_000)]
    [InlineData(9_999)]
    public void Line_numbers_are_right_across_buffers(int before)
    {
        var text = string.Concat(Enumerable.Repeat(Chatter, before)) + Fault + "\n" + Chatter;
        var (size, evidence) = Read(new MemoryStream(Encoding.UTF8.GetBytes(text)));
        Assert.Equal(before + 1, Assert.Single(evidence.Standing(FactKind.SelectorsRefused)).Line);
        Assert.Equal((text.Length, before + 2), (size.Bytes, size.Lines));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    public void Small_reads_make_no_difference(int most)
    {
        var text = Chatter + Fault + "\n" + Fault.Replace("aws-1", "aws-2");
        var (size, evidence) = Read(new Trickle(Encoding.UTF8.GetBytes(text), most));
        Assert.Equal([2L, 3L], evidence.Standing(FactKind.SelectorsRefused).Select(fact => fact.Line!.Value).Order());
        Assert.Equal(3, size.Lines);
    }

    [Fact]
    public void A_line_of_many_megabytes_is_shown_short()
    {
        var text = new string('x', 5 << 20) + " " + Fault + " " + new string('y', 5 << 20) + "\n" + Fault;
        var (size, evidence) = Read(new MemoryStream(Encoding.UTF8.GetBytes(text)));
        Assert.Equal(2, size.Lines);
        var facts = evidence.Standing(FactKind.SelectorsRefused).ToList();
        Assert.NotEmpty(facts);
        Assert.All(facts, fact => Assert.InRange(fact.Text.Length, 1, 420));
        Assert.Contains(facts, fact => fact.Line == 2);
    }

    [Fact]
    public void Lines_of_no_interest_cost_no_memory()
    {
        var block = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Chatter, 2_000)));
        Read(new Repeated(block, 2));

        // What the runtime makes for itself while it compiles the same code anew is no line's: it does not come again and again.
        var few = Enumerable.Range(0, 3).Min(_ => Measure(block, 4));
        var many = Enumerable.Range(0, 3).Min(_ => Measure(block, 400));
        Assert.InRange(many - few, -4_096, 4_096);
    }

    [Fact]
    public void A_fault_that_repeats_for_ever_is_kept_a_few_times()
    {
        var block = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 500).Select(number => $"06[IKE] <c{number % 7}|{number}> received TS_UNACCEPTABLE notify, no CHILD_SA built\n")));
        var (_, evidence) = Read(new Repeated(block, 40));
        Assert.Equal(20_000, evidence.CountOf(FactKind.SelectorsRefused));
        Assert.Equal(7 * EvidenceStore.KeptEach, evidence.Standing(FactKind.SelectorsRefused).Count());
        var few = Measure(block, 4);
        var many = Measure(block, 40);
        Assert.True(many - few < 64 * 1024, $"{few} and {many} bytes");
    }

    private static long Measure(byte[] block, int times)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Read(new Repeated(block, times));
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static (LogSize Size, EvidenceStore Evidence) Read(Stream stream)
    {
        var evidence = new EvidenceStore();
        return (new LogReader(Vocabulary.Matcher).Read(stream, new LineInterpreter("log", evidence, new Secrets())), evidence);
    }

    /// <summary>Hands out at most some bytes at a time.</summary>
    private sealed class Trickle(byte[] content, int most) : MemoryStream(content)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, most));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, most)]);
    }
}

/// <summary>A block of bytes again and again.</summary>
internal sealed class Repeated(byte[] block, int times) : Stream
{
    private long _at;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => (long)block.Length * times;

    public override long Position { get => _at; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var from = (int)(_at % block.Length);
        var count = (int)Math.Min(Math.Min(buffer.Length, block.Length - from), Length - _at);
        block.AsSpan(from, count).CopyTo(buffer);
        _at += count;
        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
