namespace Tunnelwright.Ike.Tests.Protocol;

/// <summary>Any bytes end in payloads and at most one fault, at a place inside; nothing throws, loops, or gives what is not there.</summary>
public sealed class FuzzTests
{
    private static byte[][] Originals => [.. RealMessages.All, Messages.SaInit(), Messages.Question(), Messages.MainMode("aes128-sha1-modp1024", "aes256-sha256-modp2048")];

    [Fact]
    public void Random_bytes()
    {
        var random = new Random(1);
        var good = 0;
        for (var i = 0; i < 100_000; i++)
        {
            var bytes = new byte[random.Next(0, 160)];
            random.NextBytes(bytes);
            // Mostly small numbers and a likely header, so that the readers get far.
            for (var k = 0; k < bytes.Length; k++)
                if (random.Next(4) > 0)
                    bytes[k] %= 16;
            if (bytes.Length >= IkeHeader.Bytes && random.Next(8) > 0)
            {
                bytes[7] |= 1;
                bytes[16] = random.Next(2) == 0 ? (byte)random.Next(1, 15) : (byte)random.Next(33, 54);
                bytes[17] = bytes[16] < 33 ? (byte)0x10 : (byte)0x20;
                bytes[19] = 0;
                (bytes[24], bytes[25], bytes[26], bytes[27]) = (0, 0, 0, (byte)bytes.Length);
            }

            good += Read(bytes);
        }

        Assert.InRange(good, 1000, 99_000);
    }

    /// <summary>As long as TUNNELWRIGHT_FUZZ_SECONDS says, 1 s without it: all ways to spoil a message, one seed after the other.</summary>
    [Fact]
    public void Everything_at_once_for_a_while()
    {
        var seconds = double.TryParse(Environment.GetEnvironmentVariable("TUNNELWRIGHT_FUZZ_SECONDS"), out var wanted) ? wanted : 1;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var originals = Originals;
        var seed = 1000;
        for (; clock.Elapsed.TotalSeconds < seconds; seed++)
        {
            var random = new Random(seed);
            for (var i = 0; i < 1000; i++) Read(Spoil(random, originals));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{seed - 1000} seeds of 1000 messages");
        Assert.True(seed > 1000);
    }

    [Fact]
    public void Every_truncation_of_real_messages()
    {
        foreach (var original in Originals)
        {
            for (var length = 0; length < original.Length; length++)
            {
                var (_, fault) = Walker.Walk(original.AsSpan(0, length));
                Assert.NotNull(fault);
                Assert.InRange(fault.Offset, 0, length);
            }

            Assert.Null(Walker.Walk(original).Fault);
        }
    }

    [Fact]
    public void Flipped_bits_of_real_messages()
    {
        var random = new Random(2);
        var originals = Originals;
        var read = 0;
        for (var i = 0; i < 100_000; i++)
        {
            var message = originals[random.Next(originals.Length)].ToArray();
            for (var flips = random.Next(1, 5); flips > 0; flips--) message[random.Next(message.Length)] ^= (byte)(1 << random.Next(8));
            read += Read(message);
        }

        Assert.InRange(read, 50_000, 100_000);
    }

    /// <summary>Lengths inside lengths: every two octets of every message become each of the numbers that break readers.</summary>
    [Fact]
    public void Wrong_lengths_at_every_place()
    {
        int[] lengths = [0, 1, 3, 4, 5, 7, 8, 0x7fff, 0x8000, 0xffff];
        var count = 0;
        foreach (var original in Originals)
        {
            for (var at = 16; at + 1 < original.Length; at++)
            {
                foreach (var length in lengths)
                {
                    var message = original.ToArray();
                    (message[at], message[at + 1]) = ((byte)(length >> 8), (byte)length);
                    Read(message);
                    count++;
                }
            }
        }

        Assert.True(count > 10_000);
    }

    [Fact]
    public void Pieces_of_messages_put_together()
    {
        var random = new Random(3);
        var originals = Originals;
        for (var i = 0; i < 50_000; i++)
        {
            byte[] one = originals[random.Next(originals.Length)], other = originals[random.Next(originals.Length)];
            byte[] message = [.. one.AsSpan(0, random.Next(one.Length)), .. other.AsSpan(random.Next(other.Length))];
            if (message.Length < 28) continue;
            (message[24], message[25], message[26], message[27]) = (0, 0, (byte)(message.Length >> 8), (byte)message.Length);
            Read(message);
        }
    }

    [Fact]
    public void The_largest_message_of_the_smallest_parts_is_read_in_bounded_memory()
    {
        // 16 thousand payloads of four octets, and one answer's worth of notifies and vendor IDs kept from them.
        var payloads = Enumerable.Range(0, 8000).SelectMany(_ => new (IkePayloadType, byte[])[] { (IkePayloadType.VendorId, []), (IkePayloadType.Notify, [0, 0, 0, 1]) }).ToArray();
        var message = Messages.Build(2, payloads[..9000]);
        Assert.True(IkeHeader.TryRead(message, out var header, out _));
        (message[24], message[25], message[26], message[27]) = (0, (byte)(message.Length >> 16), (byte)(message.Length >> 8), (byte)message.Length);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var answer = IkeAnswer.Read(message, header, TimeSpan.Zero);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 64 * 1024);
        Assert.Equal((64, 32), (answer.Notifies.Count, answer.VendorIds.Count));
    }

    private static byte[] Spoil(Random random, byte[][] originals)
    {
        var message = originals[random.Next(originals.Length)].ToList();
        for (var changes = random.Next(1, 12); changes > 0 && message.Count > 1; changes--)
        {
            var at = random.Next(message.Count);
            switch (random.Next(6))
            {
                case 0:
                    message[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    message[at] = (byte)random.Next(256);
                    break;
                case 2:
                    message.RemoveRange(at, Math.Min(random.Next(1, 20), message.Count - at));
                    break;
                case 3:
                    message.InsertRange(at, message.GetRange(at, Math.Min(random.Next(1, 60), message.Count - at)));
                    break;
                case 4:
                    message[at] = (byte)random.Next(54);
                    break;
                default:
                    message.InsertRange(at, new byte[random.Next(1, 9)]);
                    break;
            }
        }

        if (message.Count >= IkeHeader.Bytes && random.Next(4) > 0) (message[24], message[25], message[26], message[27]) = (0, 0, (byte)(message.Count >> 8), (byte)message.Count);
        return [.. message];
    }

    private static int Read(byte[] message)
    {
        var (things, fault) = Walker.Walk(message);
        Assert.InRange(things, 0, message.Length);
        if (fault is not null) Assert.InRange(fault.Offset, 0, message.Length);
        if (IkeHeader.TryRead(message, out var header, out _))
        {
            var answer = IkeAnswer.Read(message, header, TimeSpan.Zero);
            _ = answer.Redirect;
            _ = answer.Cookie;
            _ = answer.Suite?.ToString();
            foreach (var id in answer.VendorIds) _ = IkeVendorIds.Identify(id)?.ToString();
        }

        return things > 0 ? 1 : 0;
    }
}
