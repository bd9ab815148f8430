using FsCheck;
using FsCheck.Fluent;
using Tunnelwright.Vici.Protocol;

namespace Tunnelwright.Vici.Tests.Protocol;

/// <summary>Any bytes end in a packet or in one typed error; what is written is read back the same.</summary>
public sealed class FuzzTests
{
    private static Gen<string> Key => Gen.Choose(0, 12).SelectMany(length =>
        Gen.Choose(' ', '~').Select(c => (char)c).ArrayOf(length).Select(chars => new string(chars)));

    private static Gen<byte[]> Value => Gen.Choose(0, 40).SelectMany(length => Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf(length));

    [Fact]
    public void What_is_written_is_read_back_the_same() =>
        Prop.ForAll(Section(5).ToArbitrary(), section => SectionHelp.Same(section, SectionHelp.RoundTrip(section)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(40));

    [Fact]
    public void The_text_form_of_anything_is_printable_ascii() =>
        Prop.ForAll(Section(5).ToArbitrary(), section => section.ToString().All(c => c is >= ' ' and <= '~'))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(500).WithEndSize(40));

    [Fact]
    public void Random_bytes_end_in_a_packet_or_in_a_typed_error()
    {
        var random = new Random(1);
        var accepted = 0;
        for (var i = 0; i < 40_000; i++)
        {
            var bytes = new byte[random.Next(0, 64)];
            random.NextBytes(bytes);
            // Mostly small numbers, so that types and lengths are often right.
            for (var k = 0; k < bytes.Length; k++)
            {
                if (random.Next(4) > 0)
                    bytes[k] %= 8;
            }

            accepted += TryDecode(bytes) ? 1 : 0;
        }

        Assert.InRange(accepted, 100, 39_900);
    }

    [Fact]
    public void Every_truncation_of_a_message_is_read_or_refused_with_a_place_inside()
    {
        var packet = StatusPacket();
        for (var length = 0; length < packet.Length; length++)
        {
            try
            {
                ViciPacket.Decode(packet.AsMemory(0, length));
            }
            catch (ViciProtocolException error)
            {
                Assert.InRange(error.Offset, 0, length);
            }
        }
    }

    [Fact]
    public void Flipped_bits_never_break_the_reader_nor_the_typed_results()
    {
        var original = StatusPacket();
        var random = new Random(2);
        var read = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var packet = original.ToArray();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
                packet[random.Next(packet.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                var decoded = ViciPacket.Decode(packet);
                _ = decoded.Message.ToString();
                ViciNotification.Read(ViciEvent.Raised(decoded.Name, decoded.Message));
                foreach (var (name, section) in decoded.Message.Sections)
                {
                    _ = IkeSaStatus.Read(name, section);
                    _ = ConnectionDescription.Read(name, section);
                    _ = PoolStatus.Read(name, section);
                }

                _ = DaemonStatistics.Read(decoded.Message);
                _ = CertificateDescription.Read(decoded.Message);
                read++;
            }
            catch (ViciProtocolException)
            {
            }
        }

        Assert.InRange(read, 1000, 19_000);
    }

    [Fact]
    public void The_worst_message_of_the_largest_size_is_read_in_bounded_memory()
    {
        // Empty sections are the smallest entries on the wire and the largest in memory: three bytes each.
        var packet = new byte[ViciLimits.PacketLength];
        packet[0] = (byte)ViciPacketType.CommandResponse;
        for (var i = 1; i + 2 < packet.Length; i += 3)
            (packet[i], packet[i + 1], packet[i + 2]) = (1, 0, 2);
        var whole = packet.AsMemory(0, 1 + ((packet.Length - 1) / 3 * 3));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var message = ViciPacket.Decode(whole).Message;
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal((whole.Length - 1) / 3, message.Count);
        Assert.InRange(allocated, 1, 64L << 20);
    }

    private static Gen<ViciSection> Section(int depth) =>
        Entry(depth).ListOf().Select(entries =>
        {
            var section = new ViciSection();
            foreach (var entry in entries)
                section.AddEntry(entry);
            return section;
        });

    private static Gen<ViciEntry> Entry(int depth)
    {
        var value = Key.Zip(Value).Select(pair => new ViciEntry(pair.Item1, (ReadOnlyMemory<byte>)pair.Item2));
        var list = Key.Zip(Value.Select(bytes => (ReadOnlyMemory<byte>)bytes).ListOf())
            .Select(pair => new ViciEntry(pair.Item1, pair.Item2.ToArray()));
        if (depth == 0)
            return Gen.OneOf(value, list);
        var section = Key.Zip(Gen.Resize(Section(depth - 1), 4)).Select(pair => new ViciEntry(pair.Item1, pair.Item2));
        return Gen.OneOf(value, value, list, section);
    }

    private static bool TryDecode(byte[] bytes)
    {
        try
        {
            ViciPacket.Decode(bytes);
            return true;
        }
        catch (ViciProtocolException)
        {
            return false;
        }
    }

    private static byte[] StatusPacket()
    {
        var child = new ViciSection
        {
            { "name", "net" }, { "uniqueid", 7 }, { "reqid", 1 }, { "state", "INSTALLED" }, { "mode", "TUNNEL" }, { "protocol", "ESP" },
            { "encap", true }, { "spi-in", "c0ffee01" }, { "mark-in", "0000002a" }, { "if-id-in", "00000001" }, { "bytes-in", 123456789012 },
            { "use-in", 3 }, { "life-time", 3300 }, { "local-ts", ["10.0.0.0/8"] }, { "remote-ts", ["10.2.0.0/16", "10.3.0.0/16"] },
        };
        var ike = new ViciSection
        {
            { "uniqueid", 3 }, { "version", 2 }, { "state", "ESTABLISHED" }, { "local-host", "192.0.2.1" }, { "local-port", 4500 },
            { "initiator", true }, { "established", 12 }, { "rekey-time", -3 }, { "old", child }, { "new", child },
            { "child-sas", new ViciSection { { "net-8", new ViciSection { { "old", child }, { "new", child } } }, { "net-7", child } } },
        };
        var message = new ViciSection { { "up", true }, { "gateway", ike } };
        using var packet = ViciPacket.Encode(ViciPacketType.Event, ViciEventNames.ChildRekey, message);
        return packet.Written[4..].ToArray();
    }
}
