namespace Tunnelwright.Doctor.Tests;

public sealed class DnsAnswerTests
{
    private static readonly byte[] Answer =
    [
        0x12, 0x34, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0,
        3, (byte)'a', (byte)'p', (byte)'p', 0, 0, 1, 0, 1,
        0xc0, 0x0c, 0, 5, 0, 1, 0, 0, 0, 60, 0, 2, 0xc0, 0x0c,
        0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 8, 2, 10,
    ];

    [Fact]
    public void Addresses_behind_an_alias_are_found() => Assert.Equal(["10.8.2.10"], DnsAnswer.Addresses(Answer, 0x1234)!.Select(address => address.ToString()));

    [Fact]
    public void An_answer_to_another_question_is_none() => Assert.Null(DnsAnswer.Addresses(Answer, 0x1235));

    [Fact]
    public void A_question_is_no_answer() => Assert.Null(DnsAnswer.Addresses(DnsAnswer.Question(7, "app.cloud.example"), 7));

    /// <summary>Any bytes end in a value: with a fixed seed, cut and changed answers.</summary>
    [Fact]
    public void Reading_is_total()
    {
        var random = new Random(20261125);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = Answer.Take(random.Next(Answer.Length + 1)).ToArray();
            for (var change = random.Next(4); change > 0 && bytes.Length > 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            _ = DnsAnswer.Addresses(bytes, 0x1234);
        }
    }
}
