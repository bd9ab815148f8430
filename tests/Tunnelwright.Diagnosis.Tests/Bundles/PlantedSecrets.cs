using System.Text;

namespace Tunnelwright.Diagnosis.Tests;

/// <summary>Secrets, and every place and spelling in which a bundle may meet them.</summary>
internal static class PlantedSecrets
{
    public const string Psk = "Tunnel.One_Psk.Xq7ZpLw92KdRtY4u";
    public const string OtherPsk = "second-tunnel/psk!with+signs=5";
    public const string Quoted = "pa\"ss <word> & 'more' %41 ÄÖ";
    public const string Bird = "bgp md5 Pass-phrase 77";
    public const string Eap = "eap-User-Secret.9";
    public const string Xauth = "xauth$ecret#1";
    public const string Community = "snmpC0mmunity";
    public const string Token = "tok-4f1e9a77c2";
    public const string UrlPassword = "url-P4ssw0rd";
    public const string Passphrase = "key file passphrase 3";
    public const string Short = "ab1";
    public const string XfrmKey = "7f3a9c5512de04b8a1c6e7f00911d2e3b4a5968778695a4b3c2d1e0f10213243";
    public const string AuthKey = "00112233445566778899aabbccddeeff10203040";
    public const string PemBody = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7";
    public const string Unknown = "Zx81PqLm44TtUvWw02AaBbCc";

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Hex(string text) => Convert.ToHexString(Encoding.UTF8.GetBytes(text));

    /// <summary>Everything that may be nowhere in the archive.</summary>
    public static IEnumerable<string> Forbidden
    {
        get
        {
            foreach (var secret in (string[])[Psk, OtherPsk, Quoted, Bird, Eap, Xauth, Community, Token, UrlPassword, Passphrase])
            {
                yield return secret;
                yield return Base64(secret).TrimEnd('=');
                yield return Hex(secret);
                yield return Hex(secret).ToLowerInvariant();
                yield return Uri.EscapeDataString(secret);
                yield return System.Net.WebUtility.HtmlEncode(secret);
                yield return System.Text.Json.JsonEncodedText.Encode(secret).ToString();
                yield return string.Join(' ', Hex(secret).Chunk(2).Select(pair => new string(pair)));
                yield return Base64($"user:{secret}").TrimEnd('=')[8..^2];
            }

            foreach (var raw in (string[])[XfrmKey, AuthKey, PemBody, Unknown, Short]) yield return raw;
        }
    }

    /// <summary>Files of a machine's root.</summary>
    public static IReadOnlyDictionary<string, string> Files { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["/etc/tunnelwright/connections/vpn-0a1b2c3d4e5f60718"] = Configurations.Provider.Replace(Configurations.FirstKey, Psk, StringComparison.Ordinal),
        ["/etc/tunnelwright/connections/other.xml"] = $"<vpn_connection id=\"vpn-1\"><ipsec_tunnel><ike><pre_shared_key>{System.Net.WebUtility.HtmlEncode(Quoted)}</pre_shared_key></ike></ipsec_tunnel></vpn_connection>\n",
        ["/etc/tunnelwright/connections/third.json"] = $$"""{ "Options": { "PreSharedKey": {{System.Text.Json.JsonSerializer.Serialize(Quoted)}}, "note": "{{Base64("user:" + Quoted)}}" } }""" + "\n",
        ["/etc/tunnelwright/connections/fourth.yaml"] = $"tunnels:\n  - preSharedKey: '{OtherPsk}'\n    psk: {Psk}\n",
        ["/etc/swanctl/swanctl.conf"] = Configurations.Swanctl + $$"""

            secrets {
              ike-1 { id = 198.51.100.2
                secret = "{{Psk}}"
              }
              ike-2 { secret = 0s{{Base64(OtherPsk)}} }
              ike-3 {
                secret = 0x{{Hex(Psk)}}
              }
              ike-4 {
                secret = {{OtherPsk}}   # {{OtherPsk}}
              }
              eap-a { id = user
                secret = "{{Eap}}" }
              private-x { file = key.pem
                secret = "{{Passphrase}}" }
              pin-1 { pin = {{Short}} }
            }

            """,
        ["/etc/swanctl/conf.d/more.conf"] = $"secrets {{ ike-5 {{ secret = \"{Quoted.Replace("\"", "\\\"", StringComparison.Ordinal)}\" }} }}\n",
        ["/etc/swanctl/private/key.pem"] = $"-----BEGIN PRIVATE KEY-----\n{PemBody}\n-----END PRIVATE KEY-----\n",
        ["/etc/ipsec.secrets"] = $"""
            203.0.113.2 198.51.100.2 : PSK "{Psk}"
            203.0.113.2 192.0.2.2 : PSK 0s{Base64(OtherPsk)}
            user : EAP "{Eap}"
            admin : XAUTH "{Xauth}"
            : RSA key.pem "{Passphrase}"
            : PIN %smartcard:50 {Short}

            """,
        ["/etc/ipsec.conf"] = $"# the old key was {Psk}\nconn a\n  left=203.0.113.2\n  right=198.51.100.2\n  authby=secret\n",
        ["/etc/bird/bird.conf"] = $"protocol bgp a {{\n  local as 65000;\n  neighbor 169.254.10.1 as 64512;\n  password \"{Bird}\";\n  export where bgp_community.add((64512, 7));\n}}\n",
        ["/etc/frr/frr.conf"] = $"router bgp 65000\n neighbor 169.254.10.1 password {Token}\n neighbor 169.254.10.1 remote-as 64512\n",
        ["/etc/snmp/snmpd.conf"] = $"rocommunity {Community} 10.0.0.0/8\ncom2sec local localhost {Community}\n",
        ["/etc/resolv.conf"] = "nameserver 10.0.0.53\n",
        ["/run/tunnelwright/default/desired.json"] = "{\"connections\":[{\"tunnels\":[{\"ike\":{\"preSharedKey\":\"" + Psk + "\"}}]}]}\n",
        ["/run/tunnelwright/default/agent.log"] = $"GET https://user:{UrlPassword}@example.net/hook?token={Token}&x=1\nAuthorization: Bearer {Token}\nkey {Unknown} was loaded\n",
        ["/run/tunnelwright/default/charon-1/charon.log"] = $"""
            06[CFG] <aws-1|1> shared key for 'a' - 'b': {Psk}
            06[LIB] <aws-1|1> secret => 32 bytes @ 0x7f
            06[LIB] <aws-1|1>    0: {string.Join(' ', Hex(Psk[..16]).Chunk(2).Select(pair => new string(pair)))}  {Psk[..16]}
            06[IKE] <aws-1|1> received AUTHENTICATION_FAILED notify error
            07[IKE] <aws-1|1> tried 1 shared key for '203.0.113.2' - '198.51.100.2', but MAC mismatched

            """,
        ["/var/log/charon.log"] = $"-----BEGIN RSA PRIVATE KEY-----\n{PemBody}\n-----END RSA PRIVATE KEY-----\nurl-encoded {Uri.EscapeDataString(Quoted)} hex {Hex(Bird)} wrapped {Base64("user:" + OtherPsk)}\n",
        ["/var/lib/tunnelwright/default/history.jsonl"] = """{"at":"2024-01-02T03:04:05Z","kind":"tunnel-down","message":"tunnel 1 is down: dpd-timeout"}""" + "\n",
    };

    public const string Xfrm = $"""
        src 203.0.113.2 dst 198.51.100.2
        	proto esp spi 0xc0ffee01 reqid 1 mode tunnel
        	auth-trunc hmac(sha1) 0x{AuthKey} 96
        	enc cbc(aes) 0x{XfrmKey}
        src 198.51.100.2 dst 203.0.113.2
        	aead rfc4106(gcm(aes)) 0x{XfrmKey} 128

        """;
}
