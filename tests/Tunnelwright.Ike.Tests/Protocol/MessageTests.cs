using System.Buffers.Binary;
using System.Net;

namespace Tunnelwright.Ike.Tests.Protocol;

/// <summary>Whole messages: header, payloads, and what the probe writes.</summary>
public sealed class MessageTests
{
    [Fact]
    public void Sa_init_is_written_as_RFC_7296_says_and_read_back()
    {
        var message = Messages.SaInit(cookie: [9, 9, 9]);
        Assert.True(IkeHeader.TryRead(message, out var header, out _));
        Assert.Equal(
            new IkeHeader { InitiatorSpi = Messages.Spi, NextPayload = IkePayloadType.Notify, MajorVersion = 2, Exchange = IkeExchangeType.SaInit, Flags = IkeHeaderBits.Initiator, Length = (uint)message.Length },
            header);
        Assert.False(header.IsResponse);
        Assert.Equal(
            [IkePayloadType.Notify, IkePayloadType.Sa, IkePayloadType.KeyExchange, IkePayloadType.Nonce, IkePayloadType.Notify, IkePayloadType.Notify, IkePayloadType.Notify, IkePayloadType.Notify],
            Messages.Types(message, out var fault));
        Assert.Null(fault);

        Assert.True(IkeNotifyPayload.TryRead(Messages.Find(message, IkePayloadType.Notify), out var cookie, out _));
        Assert.Equal(IkeNotifyType.Cookie, cookie.Type);
        Assert.Equal([9, 9, 9], cookie.Data.ToArray());
        Assert.True(IkeKeyExchangePayload.TryRead(Messages.Find(message, IkePayloadType.KeyExchange), out var exchange, out _));
        Assert.Equal(14, exchange.Group);
        Assert.Equal(256, exchange.Data.Length);

        var proposals = new IkeProposalReader(Messages.Find(message, IkePayloadType.Sa));
        Assert.True(proposals.Read());
        Assert.Equal(1, proposals.Current.Number);
        Assert.Equal(IkeProtocol.Ike, proposals.Current.Protocol);
        Assert.Equal(4, proposals.Current.TransformCount);
        Assert.Equal("aes256-sha256-modp2048", SuiteReader.ReadV2(proposals.Current)?.ToString());
        Assert.False(proposals.Read());
        Assert.Null(proposals.Fault);
    }

    /// <summary>The SA payload octet by octet, from the figures of RFC 7296 sections 3.3.1, 3.3.2 and 3.3.5.</summary>
    [Fact]
    public void The_proposal_on_the_wire_is_the_one_of_the_figures()
    {
        var message = Messages.SaInit("aes128-sha1-modp1024");
        var body = Messages.Find(message, IkePayloadType.Sa).Body;
        Assert.Equal(
            "0000002c" + "01010004" // the last proposal, 44 octets, number 1, IKE, no SPI, 4 transforms
            + "0300000c0100000c800e0080" // ENCR_AES_CBC, 128 bits
            + "0300000803000002" // AUTH_HMAC_SHA1_96
            + "0300000802000002" // PRF_HMAC_SHA1
            + "0000000804000002", // group 2
            Convert.ToHexStringLower(body));
    }

    [Fact]
    public void Main_mode_is_written_as_RFC_2409_says_and_read_back()
    {
        var message = Messages.MainMode("aes128-sha1-modp1024", "aes256-sha256-modp2048");
        Assert.True(IkeHeader.TryRead(message, out var header, out _));
        Assert.Equal((1, IkeExchangeType.MainModeV1, IkeHeaderBits.None), (header.MajorVersion, header.Exchange, header.Flags));
        Assert.Equal(
            [IkePayloadType.SaV1, .. Enumerable.Repeat(IkePayloadType.VendorIdV1, 5)],
            Messages.Types(message, out var fault));
        Assert.Null(fault);
        var proposals = new IkeProposalReader(Messages.Find(message, IkePayloadType.SaV1));
        Assert.Equal((1u, 1u), (proposals.Doi, proposals.Situation));
        Assert.True(proposals.Read());
        Assert.Equal(2, proposals.Current.TransformCount);
        Assert.Equal("aes128-sha1-modp1024", SuiteReader.ReadV1(proposals.Current)?.ToString());
        var transforms = proposals.Current.ReadTransforms();
        Assert.True(transforms.Read());
        Assert.True(transforms.Read());
        Assert.Equal((2, 1), (transforms.Current.Number, transforms.Current.Id));
        var values = new List<(int, ulong?)>();
        var attributes = transforms.Current.ReadAttributes();
        while (attributes.Read()) values.Add((attributes.Current.Type, attributes.Current.Number));
        Assert.Equal([(1, 7ul), (14, 256ul), (2, 4ul), (4, 14ul), (3, 1ul), (11, 1ul), (12, 28_800ul)], values);
        Assert.False(transforms.Read());
        Assert.Null(transforms.Fault);
    }

    [Fact]
    public void A_question_offers_its_public_value_only_where_nobody_can_take_it()
    {
        var message = Messages.Question();
        Assert.True(IkeKeyExchangePayload.TryRead(Messages.Find(message, IkePayloadType.KeyExchange), out var exchange, out _));
        var proposals = new IkeProposalReader(Messages.Find(message, IkePayloadType.Sa));
        var groups = new List<List<int>>();
        var ciphers = new List<List<int>>();
        while (proposals.Read())
        {
            groups.Add([]);
            ciphers.Add([]);
            var transforms = proposals.Current.ReadTransforms();
            while (transforms.Read())
            {
                if (transforms.Current.Type == IkeTransformType.KeyExchange) groups[^1].Add(transforms.Current.Id);
                if (transforms.Current.Type == IkeTransformType.Encryption) ciphers[^1].Add(transforms.Current.Id);
            }

            Assert.Null(transforms.Fault);
        }

        Assert.Null(proposals.Fault);
        Assert.Equal(3, groups.Count);
        Assert.All(groups[..2], list => Assert.Equal([2, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24], list));
        Assert.Equal([exchange.Group!.Value], groups[2]);
        // Private use begins at 1024 (RFC 7296 section 3.3.2).
        Assert.True(Assert.Single(ciphers[2]) >= 1024);
        Assert.True(message.Length < 1200, "It must not need an IP fragment.");
    }

    [Fact]
    public void Messages_of_every_group_stay_below_the_limit_of_the_writer()
    {
        foreach (var group in IkeSuiteSpace.Default.Groups)
        {
            var message = Messages.SaInit($"aes256-sha512-{IkeGroups.Name(group)}");
            Assert.Equal(8, Messages.Types(message, out var fault).Count + 1);
            Assert.Null(fault);
        }
    }

    [Fact]
    public void A_header_that_is_none_tells_where()
    {
        var message = Messages.SaInit();
        Assert.False(IkeHeader.TryRead(message.AsSpan(0, 27), out _, out var shortFault));
        Assert.Equal(27, shortFault.Offset);
        var noSpi = message.ToArray();
        noSpi.AsSpan(0, 8).Clear();
        Assert.False(IkeHeader.TryRead(noSpi, out _, out var spiFault));
        Assert.Equal(0, spiFault.Offset);
        var tiny = message.ToArray();
        BinaryPrimitives.WriteUInt32BigEndian(tiny.AsSpan(24), 27);
        Assert.False(IkeHeader.TryRead(tiny, out _, out var lengthFault));
        Assert.Equal(24, lengthFault.Offset);
        var three = message.ToArray();
        three[17] = 0x30;
        Assert.Empty(Messages.Types(three, out var versionFault));
        Assert.Equal(17, versionFault?.Offset);
    }

    [Fact]
    public void A_message_cut_short_gives_what_is_there_and_says_so()
    {
        var message = Messages.Build(2, (IkePayloadType.Nonce, new byte[8]), (IkePayloadType.VendorId, new byte[4]));
        var types = Messages.Types(message[..^6], out var fault);
        Assert.Equal([IkePayloadType.Nonce], types);
        Assert.NotNull(fault);
        var reader = new IkeMessageReader([.. message, 0, 0, 0]);
        Assert.Equal(3, reader.TrailingBytes);
        while (reader.Read()) Assert.NotEqual(IkePayloadType.None, reader.Current.Type);
        Assert.Null(reader.Fault);
    }

    [Fact]
    public void A_payload_without_length_does_not_loop()
    {
        var message = Messages.Build(2, (IkePayloadType.Nonce, new byte[8]), (IkePayloadType.Nonce, new byte[8]));
        message[30] = message[31] = 0;
        Assert.Empty(Messages.Types(message, out var fault));
        Assert.Equal(30, fault?.Offset);
    }

    [Fact]
    public void Encrypted_payloads_end_a_message_and_encrypted_IKEv1_has_none()
    {
        // The next-payload field of SK names what is inside: here IDi, which is not in the open.
        var message = Messages.Build(2, (IkePayloadType.Encrypted, new byte[20]));
        message[28] = (byte)IkePayloadType.IdentificationInitiator;
        Assert.Equal([IkePayloadType.Encrypted], Messages.Types(message, out var fault));
        Assert.Null(fault);
        var fragment = Messages.Build(2, (IkePayloadType.EncryptedFragment, [0, 2, 0, 3, 1, 2, 3]));
        Assert.True(IkeFragmentPayload.TryRead(Messages.Find(fragment, IkePayloadType.EncryptedFragment), out var read, out _));
        Assert.Equal((2, 3, false), (read.Number, read.Total, read.IsLast));
        var first = Messages.Build(1, (IkePayloadType.HashV1, new byte[20]));
        first[19] = (byte)IkeHeaderBits.EncryptedV1;
        Assert.Empty(Messages.Types(first, out var none));
        Assert.Null(none);
    }

    [Fact]
    public void The_marker_tells_IKE_from_ESP_and_keep_alives()
    {
        Assert.Equal(IkeDatagramKind.KeepAlive, IkeDatagram.Classify([0xff], out _));
        Assert.Equal(IkeDatagramKind.TooShort, IkeDatagram.Classify([0, 0, 0], out _));
        Assert.Equal(IkeDatagramKind.Esp, IkeDatagram.Classify([0, 0, 1, 0, 0, 0, 0, 1], out var esp));
        Assert.True(esp.IsEmpty);
        Assert.Equal(IkeDatagramKind.Ike, IkeDatagram.Classify([0, 0, 0, 0, 7, 8], out var message));
        Assert.Equal([7, 8], message.ToArray());
    }

    // Computed with another program (Python's hashlib over RFC 7296 section 2.23's concatenation).
    [Fact]
    public void Nat_hashes_are_those_of_RFC_7296_and_the_port_is_found_again()
    {
        var hash = IkeNatDetection.Hash(0x0123456789abcdef, 0xfedcba9876543210, IPAddress.Parse("198.51.100.2"), 500);
        Assert.Equal("dbaf6b59751b8ad45c9ea5b038206ff2317a1a7c", Convert.ToHexStringLower(hash));
        Assert.Equal("90b501d05aa63b72175450c9b5f7343a94bb9c0f", Convert.ToHexStringLower(IkeNatDetection.Hash(0x0123456789abcdef, 0, IPAddress.Parse("2001:db8::7"), 4500)));
        Assert.Equal(500, IkeNatDetection.FindPort(hash, 0x0123456789abcdef, 0xfedcba9876543210, IPAddress.Parse("198.51.100.2")));
        Assert.Null(IkeNatDetection.FindPort(hash, 0x0123456789abcdef, 0xfedcba9876543210, IPAddress.Parse("198.51.100.3")));
        Assert.Null(IkeNatDetection.FindPort(hash.AsSpan(1), 0x0123456789abcdef, 0xfedcba9876543210, IPAddress.Parse("198.51.100.2")));
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        var message = Messages.Question();
        _ = Walker.Walk(message);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) _ = Walker.Walk(message);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
