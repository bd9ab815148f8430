namespace Tunnelwright.Ike.Tests.Protocol;

/// <summary>What real answers say.</summary>
public sealed class RealMessageTests
{
    [Fact]
    public void The_answer_to_ike_sa_init()
    {
        var answer = Read(RealMessages.SaInit);
        Assert.Equal("aes256-sha256-modp2048", answer.Suite?.ToString());
        Assert.True(answer.HasSa && answer.Header.IsResponse);
        Assert.Equal(
            ["NAT_DETECTION_SOURCE_IP", "NAT_DETECTION_DESTINATION_IP", "IKEV2_FRAGMENTATION_SUPPORTED", "CHILDLESS_IKEV2_SUPPORTED", "MULTIPLE_AUTH_SUPPORTED"],
            answer.NotifyNames);
        Assert.Null(answer.Fault);
    }

    [Fact]
    public void The_answer_to_main_mode()
    {
        var answer = Read(RealMessages.MainMode);
        Assert.Equal("aes128-sha1-modp1024", answer.Suite?.ToString());
        Assert.Equal(["XAUTH", "DPD (RFC 3706) 1.0", "FRAGMENTATION 0x80000000", "NAT-T (RFC 3947)"], answer.VendorIds.Select(id => IkeVendorIds.Identify(id)?.ToString()));
        Assert.Null(answer.Fault);
    }

    [Fact]
    public void Refusals_and_the_cookie()
    {
        Assert.Equal(["NO_PROPOSAL_CHOSEN"], Read(RealMessages.NoProposalChosen2).NotifyNames);
        Assert.Equal(["NO_PROPOSAL_CHOSEN"], Read(RealMessages.NoProposalChosen1).NotifyNames);
        Assert.Equal(["NO_PROPOSAL_CHOSEN"], Read(RealMessages.NoProposalChosen1WithSpi).NotifyNames);
        Assert.Equal(14, Read(RealMessages.InvalidKeyExchange).WantedGroup);
        Assert.Equal(24, Read(RealMessages.Cookie).Cookie?.Length);
    }

    private static IkeAnswer Read(byte[] message)
    {
        Assert.True(IkeHeader.TryRead(message, out var header, out _));
        return IkeAnswer.Read(message, header, TimeSpan.Zero);
    }
}
