using System.Text.RegularExpressions;

namespace Tunnelwright.Diagnosis;

/// <summary>Where secrets stand in configurations, logs, outputs of tools and documents; the group "v" of each expression is the secret.</summary>
internal static partial class SecretPlaces
{
    /// <summary>Milliseconds that one expression may take on one text: all are linear, this is for the unforeseen.</summary>
    private const int Patience = 20_000;

    private const RegexOptions Ordinary = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking;

    private const string Word = @"(pre[-_ ]?shared[-_ ]?(key|secret)|psk|secret|shared[-_]?key|password|passwd|passphrase|api[-_]?key|access[-_]?key|private[-_]?key|auth(entication)?[-_]?key|md5[-_]?key|token|credential|snmp[\w.-]*community)";

    private const string Value = """("(\\.|[^"\\\r\n])*"|"[^"\r\n]*"|'[^'\r\n]*'|[^\s"',;<>{}\[\]]+)""";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Regex> All { get; } = [Line(), Assigned(), Short(), Element(), SecretsFile(), SecretsPassphrase(), Exponent(), Statement(), Device(), Xfrm(), Url(), Query(), Bearer(), Snmp(), Generated(), Encoded()];

    /// <summary>A private key in PEM, to its end or to that of the text.</summary>
    [GeneratedRegex("-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(?s:.*?)(-----END [A-Z0-9 ]*PRIVATE KEY-----|\\z)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, Patience)]
    public static partial Regex PrivateKey();

    /// <summary>Bytes that a daemon dumps at its highest log levels: offset, hexadecimal, characters.</summary>
    [GeneratedRegex(@"^(?<head>.{0,120}?)\b[0-9]{1,5}: ([0-9A-F]{2} ){2,16}.*$", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, Patience)]
    public static partial Regex Dump();

    /// <summary>A line of its own: secret = x, to the end of the line or to a comment.</summary>
    [GeneratedRegex(@"^[ \t]*[\w.-]*" + Word + @"\w{0,12}[ \t]*=[ \t]*(?<v>[^""'\s#][^\r\n#]*[^\s#])", Ordinary | RegexOptions.Multiline, Patience)]
    private static partial Regex Line();

    /// <summary>secret = x, "preSharedKey": "x", psk: x, Pre-Shared Key : x.</summary>
    [GeneratedRegex(@"\b[\w.-]*" + Word + @"\w{0,12}[""']?[ \t]*(=|:)[ \t]*(?<v>" + Value + ")", Ordinary, Patience)]
    private static partial Regex Assigned();

    /// <summary>Words that are parts of others, such as mapping and bypass.</summary>
    [GeneratedRegex(@"\b([\w.-]*[_.-])?(pin|pass|pwd|ntlm)[""']?[ \t]*(=|:)[ \t]*(?<v>" + Value + ")", Ordinary, Patience)]
    private static partial Regex Short();

    /// <summary>XML elements.</summary>
    [GeneratedRegex(@"<([\w-]+:)?[\w-]*" + Word + @"[\w-]*(\s[^<>]*)?>\s*(?<v>[^<]+)<", Ordinary, Patience)]
    private static partial Regex Element();

    /// <summary>ipsec.secrets(5): selectors : PSK "x".</summary>
    [GeneratedRegex(@":[ \t]*(PSK|EAP|XAUTH|NTLM|PIN[ \t]+\S+)[ \t]+(?<v>" + Value + @")[ \t]*(#[^\r\n]*)?\r?$", Ordinary | RegexOptions.Multiline, Patience)]
    private static partial Regex SecretsFile();

    /// <summary>ipsec.secrets(5): the passphrase of a private key's file.</summary>
    [GeneratedRegex(@":[ \t]*(RSA|ECDSA|P12|PKCS8|PKCS12|BLISS|DSA)[ \t]+[^\s{]+[ \t]+(?<v>" + Value + @")[ \t]*(#[^\r\n]*)?\r?$", Ordinary | RegexOptions.Multiline, Patience)]
    private static partial Regex SecretsPassphrase();

    /// <summary>Numbers of an RSA key in the old ipsec.secrets.</summary>
    [GeneratedRegex(@"\b(PrivateExponent|Prime[12]|Exponent[12]|Coefficient)[ \t]*:[ \t]*(?<v>0x[0-9a-f]+)", Ordinary, Patience)]
    private static partial Regex Exponent();

    /// <summary>BIRD's and FRR's statement: password "x"; neighbor A password x.</summary>
    [GeneratedRegex(@"(\bpassword[ \t]+(?<v>""(\\.|[^""\\\r\n])*"")|\b(neighbor|username|user)[ \t]+\S+[ \t]+(password|secret)[ \t]+([0-9][ \t]+)?(?<v>" + Value + @")|\bauthentication[ \t]+(md5[ \t]+)?key(chain)?[ \t]+(?<v>" + Value + "))", Ordinary, Patience)]
    private static partial Regex Statement();

    /// <summary>Statements of routers and firewalls.</summary>
    [GeneratedRegex(@"(\bpre-shared-key[ \t]+((ascii-text|hexadecimal|local|remote|[0-9])[ \t]+)*(?<v>" + Value + @")|\bisakmp[ \t]+key[ \t]+([0-9][ \t]+)?(?<v>" + Value + @")|\bset[ \t]+(psksecret|passwd|password)[ \t]+(ENC[ \t]+)?(?<v>" + Value + @")|\benable[ \t]+(secret|password)[ \t]+([0-9][ \t]+)?(?<v>" + Value + "))", Ordinary, Patience)]
    private static partial Regex Device();

    /// <summary>ip-xfrm(8): algorithm and key.</summary>
    [GeneratedRegex(@"\b(auth-trunc|auth|enc|aead|comp)[ \t]+\S+[ \t]+(?<v>(0x)?[0-9a-f]{8,})", Ordinary, Patience)]
    private static partial Regex Xfrm();

    /// <summary>user:password@ in an address.</summary>
    [GeneratedRegex(@"://[^\s/:@""']*:(?<v>[^\s/@""']+)@", Ordinary, Patience)]
    private static partial Regex Url();

    /// <summary>Tokens among the arguments of an address.</summary>
    [GeneratedRegex(@"[?&;](token|access_token|refresh_token|key|api_?key|secret|password|passwd|pwd|pass|sig|signature|x-amz-signature|x-amz-security-token|auth|code)=(?<v>[^\s&""'<>#;]+)", Ordinary, Patience)]
    private static partial Regex Query();

    /// <summary>Headers of HTTP.</summary>
    [GeneratedRegex(@"\b(bearer|basic)[ \t]+(?<v>[a-z0-9._~+/-]{8,}=*)", Ordinary, Patience)]
    private static partial Regex Bearer();

    /// <summary>snmpd.conf(5) and routers. A BGP community is a number and stays.</summary>
    [GeneratedRegex(@"(\b(ro|rw)community6?[ \t]+(?<v>[^\s:]+)|\bcom2sec6?[ \t]+(-Cn[ \t]+\S+[ \t]+)?\S+[ \t]+\S+[ \t]+(?<v>\S+)|\bsnmp(-server)?[ \t]+community[ \t]+(?<v>" + Value + @")|\bcreateuser[ \t]+\S+[ \t]+\S+[ \t]+(?<v>" + Value + "))", Ordinary, Patience)]
    private static partial Regex Snmp();

    /// <summary>Words that are keys by their shape: of clouds and code forges, and signed tokens.</summary>
    [GeneratedRegex(@"\b(?<v>(AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{20,}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking, Patience)]
    private static partial Regex Generated();

    /// <summary>0s and base64, or 0x and the hexadecimal of at least 16 bytes: strongSwan's way to write keys.</summary>
    [GeneratedRegex(@"\b(?<v>0s[A-Za-z0-9+/]{12,}={0,2}|0x[0-9a-fA-F]{32,})", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking, Patience)]
    private static partial Regex Encoded();
}
