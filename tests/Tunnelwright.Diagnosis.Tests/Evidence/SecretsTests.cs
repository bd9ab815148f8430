using System.Text;
using System.Text.Json;

namespace Tunnelwright.Diagnosis.Tests;

public sealed class SecretsTests
{
    private const string Key = "xK7pQ2mVt9.Zr4_Lw8cN1bYs6eHd3GfJ";

    [Theory]
    [InlineData("06[CFG] loaded IKE shared key 'ike-1' secret = \"hunter2-hunter2\" x", "hunter2")]
    [InlineData("192.0.2.1 198.51.100.2 : PSK \"s3cret phrase of mine\"", "s3cret")]
    [InlineData("crypto isakmp key MyOldKey77 address 203.0.113.2", "MyOldKey77")]
    [InlineData("set psksecret Fortinet123!", "Fortinet123")]
    [InlineData("set psksecret ENC bm90IGEgcmVhbCBrZXk=", "bm90")]
    [InlineData("ikev1 pre-shared-key S0meKey!", "S0meKey")]
    [InlineData("pre-shared-key ascii-text \"$9$abcDEF\"; ", "abcDEF")]
    [InlineData("neighbor 169.254.10.1 password 7 0822455D0A16", "0822455D0A16")]
    [InlineData("the key is xK7pQ2mVt9.Zr4_Lw8cN1bYs6eHd3GfJ or not", "xK7pQ2")]
    [InlineData("secret: 0sTm90QVJlYWxLZXlBdEFsbA==", "Tm90QV")]
    public void A_key_is_taken_out(string line, string secret)
    {
        var clean = new Secrets().Clean(line);
        Assert.DoesNotContain(secret, clean, StringComparison.Ordinal);
        Assert.Contains("••••", clean, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("05[IKE] <cloud|1> no shared key found for '198.51.100.2' - '203.0.113.2'")]
    [InlineData("AWS tunnel detected a pre-shared key mismatch with cgw: 203.0.113.2")]
    [InlineData("ike 0:to-cloud:12: probable pre-shared secret mismatch")]
    [InlineData("tried 1 shared key for '198.51.100.2' - '203.0.113.2', but MAC mismatched")]
    [InlineData("configured proposals: IKE:AES_CBC_256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048")]
    [InlineData("no PSK found for '@west'")]
    [InlineData("probably due to mismatched pre-shared key.  Aborting")]
    [InlineData("received packet with SPI c1a2b3c4 in 30s")]
    public void A_message_stays_whole(string line) => Assert.Equal(line, new Secrets().Clean(line));

    [Fact]
    public void A_known_key_is_taken_out_wherever_it_stands()
    {
        var secrets = new Secrets();
        secrets.Know("plainword");
        Assert.Equal("x••••y", secrets.Clean("xplainwordy"));
    }

    [Fact]
    public void Planted_keys_never_reach_the_report()
    {
        const string weak = "tiny-secret-1";
        var log = $"06[IKE] <aws-1|1> received AUTHENTICATION_FAILED notify error (psk = {Key})\n06[CFG] loading connection 'x' failed: invalid value for: secret, {weak}\n05[IKE] no shared key found for '{weak}' - 'x'\n";
        var swanctl = $"connections {{\n c {{\n  remote_addrs = 198.51.100.2\n  bogus = {Key}\n  {Key}\n }}\n}}\nsecrets {{\n ike-1 {{\n  id = 198.51.100.2\n  secret = \"{weak}\"\n }}\n}}\n";
        var report = Fixture.DiagnoseTexts(("log", log), ("swanctl.conf", swanctl), ("ipsec.secrets", $"198.51.100.2 : PSK \"{weak}\n"));
        using var json = new MemoryStream();
        DiagnosisJson.Write(json, report);
        var text = Encoding.UTF8.GetString(json.ToArray());
        Assert.DoesNotContain(Key, text, StringComparison.Ordinal);
        Assert.DoesNotContain(weak, text, StringComparison.Ordinal);
        Assert.NotEmpty(report.Findings);
    }

    [Fact]
    public void The_document_is_that_of_the_contract()
    {
        var report = Fixture.Diagnose(Fixture.All["charon: v2 wrong key, responder"].Text);
        using var stream = new MemoryStream();
        DiagnosisJson.Write(stream, report);
        using var document = JsonDocument.Parse(stream.ToArray());
        Assert.Equal("faulty", document.RootElement.GetProperty("verdict").GetString());
        var finding = document.RootElement.GetProperty("findings")[0];
        Assert.Equal("psk-mismatch", finding.GetProperty("cause").GetString());
        Assert.Equal(JsonValueKind.Null, finding.GetProperty("tunnel").ValueKind);
        Assert.InRange(finding.GetProperty("certainty").GetDouble(), 0.9, 1);
        Assert.Equal("customer", finding.GetProperty("owner").GetString());
        Assert.Equal(4, finding.GetProperty("evidence")[0].GetProperty("line").GetInt32());
        Assert.Equal("log", finding.GetProperty("evidence")[0].GetProperty("source").GetString());
        Assert.All(new[] { "title", "remedy", "hides" }, name => Assert.True(finding.TryGetProperty(name, out _), name));
        var check = document.RootElement.GetProperty("checks")[0];
        Assert.All(new[] { "name", "result", "detail" }, name => Assert.True(check.TryGetProperty(name, out _), name));
    }
}
