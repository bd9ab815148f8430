namespace Tunnelwright.Ike.Tests.Protocol;

/// <summary>Payloads that the probe does not write, octet by octet as their RFCs draw them.</summary>
public sealed class PayloadTests
{
    [Fact]
    public void Notifies_of_both_versions()
    {
        var second = Messages.Build(2, (IkePayloadType.Notify, [3, 4, 0x40, 0x09, 1, 2, 3, 4, 5, 6]));
        Assert.True(IkeNotifyPayload.TryRead(Messages.Find(second, IkePayloadType.Notify), out var notify, out _));
        Assert.Equal((IkeProtocol.Esp, 16393, "REKEY_SA"), (notify.Protocol, notify.Type, IkeNotifyNames.Name(2, notify.Type)));
        Assert.Equal([1, 2, 3, 4], notify.Spi.ToArray());
        Assert.Equal([5, 6], notify.Data.ToArray());
        var first = Messages.Build(1, (IkePayloadType.NotificationV1, [0, 0, 0, 1, 1, 0, 0, 18]));
        Assert.True(IkeNotifyPayload.TryRead(Messages.Find(first, IkePayloadType.NotificationV1), out var old, out _));
        Assert.Equal("INVALID_ID_INFORMATION", IkeNotifyNames.Name(1, old.Type));
        Assert.True(IkeNotifyNames.IsError(old.Type));
        Assert.Equal("notify 40000", IkeNotifyNames.Name(2, 40_000));

        Refused(second, IkePayloadType.Notify, [3, 9, 0x40, 0x09, 1, 2], 1);
        Refused(first, IkePayloadType.NotificationV1, [0, 0, 0, 1, 1, 0, 0], 7);

        static void Refused(byte[] template, IkePayloadType type, byte[] body, int offset)
        {
            var message = Messages.Build(template[17] >> 4, (type, body));
            Assert.False(IkeNotifyPayload.TryRead(Messages.Find(message, type), out _, out var fault));
            Assert.Equal(32 + offset, fault.Offset);
        }
    }

    [Fact]
    public void Identities_deletes_certificates_and_authentication()
    {
        var second = Messages.Build(
            2,
            (IkePayloadType.IdentificationInitiator, [2, 0, 0, 0, .. "left.example"u8]),
            (IkePayloadType.Delete, [3, 4, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2]),
            (IkePayloadType.Authentication, [2, 0, 0, 0, 7, 7]),
            (IkePayloadType.CertificateRequest, [4, .. new byte[20]]));
        Assert.True(IkeIdentificationPayload.TryRead(Messages.Find(second, IkePayloadType.IdentificationInitiator), out var id, out _));
        Assert.Equal((2, 0, 0), (id.Type, id.Protocol, id.Port));
        Assert.Equal("left.example"u8.ToArray(), id.Data.ToArray());
        Assert.True(IkeDeletePayload.TryRead(Messages.Find(second, IkePayloadType.Delete), out var delete, out _));
        Assert.Equal((IkeProtocol.Esp, 4, 2), (delete.Protocol, delete.SpiBytes, delete.Count));
        Assert.True(IkeKindAndData.TryRead(Messages.Find(second, IkePayloadType.Authentication), out var auth, out _));
        Assert.Equal((2, 2), (auth.Kind, auth.Data.Length));
        Assert.True(IkeKindAndData.TryRead(Messages.Find(second, IkePayloadType.CertificateRequest), out var request, out _));
        Assert.Equal((4, 20), (request.Kind, request.Data.Length));

        var first = Messages.Build(1, (IkePayloadType.IdentificationV1, [1, 17, 0x01, 0xf4, 192, 0, 2, 1]), (IkePayloadType.DeleteV1, [0, 0, 0, 1, 1, 16, 0, 1, .. new byte[16]]));
        Assert.True(IkeIdentificationPayload.TryRead(Messages.Find(first, IkePayloadType.IdentificationV1), out var old, out _));
        Assert.Equal((1, 17, 500), (old.Type, old.Protocol, old.Port));
        Assert.True(IkeDeletePayload.TryRead(Messages.Find(first, IkePayloadType.DeleteV1), out var cookies, out _));
        Assert.Equal(16, cookies.Spis.Length);

        var wrong = Messages.Build(2, (IkePayloadType.Delete, [3, 4, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2]));
        Assert.False(IkeDeletePayload.TryRead(Messages.Find(wrong, IkePayloadType.Delete), out _, out var fault));
        Assert.Equal(34, fault.Offset);
    }

    [Fact]
    public void Traffic_selectors()
    {
        byte[] any = [7, 0, 0, 16, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 255, 255, 255, 255];
        byte[] web = [7, 6, 0, 16, 0, 80, 0, 80, 10, 0, 0, 0, 10, 0, 0, 255];
        var message = Messages.Build(2, (IkePayloadType.TrafficSelectorInitiator, [2, 0, 0, 0, .. any, .. web]));
        var selectors = new IkeTrafficSelectorReader(Messages.Find(message, IkePayloadType.TrafficSelectorInitiator));
        Assert.True(selectors.Read());
        Assert.Equal("0.0.0.0..255.255.255.255", selectors.Current.ToString());
        Assert.True(selectors.Read());
        Assert.Equal("10.0.0.0..10.0.0.255[6/80-80]", selectors.Current.ToString());
        Assert.False(selectors.Read());
        Assert.Null(selectors.Fault);

        var missing = Messages.Build(2, (IkePayloadType.TrafficSelectorInitiator, [3, 0, 0, 0, .. any, .. web]));
        selectors = new IkeTrafficSelectorReader(Messages.Find(missing, IkePayloadType.TrafficSelectorInitiator));
        while (selectors.Read()) Assert.Equal(7, selectors.Current.Type);
        Assert.Equal(32 + 4 + 32, selectors.Fault?.Offset);
    }

    [Fact]
    public void Configuration_attributes_of_both_versions()
    {
        var second = Messages.Build(2, (IkePayloadType.Configuration, [2, 0, 0, 0, 0, 1, 0, 4, 10, 0, 0, 1, 0x80, 3, 0, 0]));
        Assert.True(IkeConfigurationPayload.TryRead(Messages.Find(second, IkePayloadType.Configuration), out var reply, out _));
        var attributes = reply.ReadAttributes();
        Assert.True(attributes.Read());
        Assert.Equal((1, 4), (attributes.Current.Type, attributes.Current.Value.Length));
        Assert.True(attributes.Read());
        // The reserved bit is not the short form here.
        Assert.Equal((3, false, 0), (attributes.Current.Type, attributes.Current.IsFixed, attributes.Current.Value.Length));
        Assert.False(attributes.Read());
        Assert.Null(attributes.Fault);
        var first = Messages.Build(1, (IkePayloadType.AttributesV1, [1, 0, 0, 7, 0xc0, 0x88, 0, 0]));
        Assert.True(IkeConfigurationPayload.TryRead(Messages.Find(first, IkePayloadType.AttributesV1), out var request, out _));
        var old = request.ReadAttributes();
        Assert.True(old.Read());
        Assert.Equal((7, 0x4088, true), (request.Identifier, old.Current.Type, old.Current.IsFixed));
    }

    [Theory]
    [InlineData("0200002c", "a proposal is missing")]
    [InlineData("0100002c", "a proposal is followed by something else")]
    [InlineData("0000002d", "a proposal's length does not fit")]
    [InlineData("00000007", "a proposal's length does not fit")]
    [InlineData("00000028", "bytes follow the last proposal")]
    public void Broken_proposals_are_refused_where_they_break(string head, string reason)
    {
        var body = Convert.FromHexString("0000002c010100040300000c0100000c800e0080030000080300000203000008020000020000000804000002");
        Convert.FromHexString(head).CopyTo(body, 0);
        var message = Messages.Build(2, (IkePayloadType.Sa, body));
        var (_, fault) = Walker.Walk(message);
        Assert.NotNull(fault);
        var proposals = new IkeProposalReader(Messages.Find(message, IkePayloadType.Sa));
        while (proposals.Read()) Assert.Equal(1, proposals.Current.Number);
        Assert.Equal(reason, proposals.Fault?.Reason);
    }

    [Theory]
    [InlineData(7, 5, "a proposal has another number of transforms than it says")]
    [InlineData(6, 200, "a proposal's SPI is cut short")]
    [InlineData(8, 1, "a transform is followed by something else")]
    [InlineData(11, 7, "a transform's length does not fit")]
    [InlineData(11, 200, "a transform's length does not fit")]
    [InlineData(8, 0, "bytes follow the last transform")]
    [InlineData(36, 3, "a transform is missing")]
    [InlineData(16, 0, "an attribute's value is cut short")]
    public void Broken_transforms_are_refused(int at, int value, string reason)
    {
        var body = Convert.FromHexString("0000002c010100040300000c0100000c800e0080030000080300000203000008020000020000000804000002");
        body[at] = (byte)value;
        Assert.Equal(reason, Walker.Walk(Messages.Build(2, (IkePayloadType.Sa, body))).Fault?.Reason);
    }
}
