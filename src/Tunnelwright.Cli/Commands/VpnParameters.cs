using System.CommandLine;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cli.Commands;

/// <summary>Phase 1 and phase 2 of a request: what is not given is the service's default, and what cannot be the service says.</summary>
internal sealed class VpnParameters
{
    private const string Encryption = "aes128, aes256, aes128gcm16 or aes256gcm16";
    private const string Integrity = "sha1, sha256, sha384, sha512, or none with GCM";
    private const string None = "none";

    private readonly Option<int?> _version = new("--ike") { Description = "IKE version, 1 or 2" };
    private readonly Option<string?> _ikeEncryption = new("--ike-encryption") { Description = $"phase 1: {Encryption}" };
    private readonly Option<string?> _ikeIntegrity = new("--ike-integrity") { Description = $"phase 1: {Integrity}" };
    private readonly Option<int?> _ikeGroup = new("--ike-group") { Description = "phase 1: the Diffie-Hellman group's number" };
    private readonly Option<int?> _ikeLifetime = new("--ike-lifetime") { Description = "phase 1: lifetime in seconds", HelpName = "SECONDS" };
    private readonly Option<string?> _ipsecEncryption = new("--ipsec-encryption") { Description = $"phase 2: {Encryption}" };
    private readonly Option<string?> _ipsecIntegrity = new("--ipsec-integrity") { Description = $"phase 2: {Integrity}" };
    private readonly Option<int?> _pfsGroup = new("--pfs-group") { Description = "phase 2: the number of the group of perfect forward secrecy" };
    private readonly Option<int?> _ipsecLifetime = new("--ipsec-lifetime") { Description = "phase 2: lifetime in seconds", HelpName = "SECONDS" };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _version, _ikeEncryption, _ikeIntegrity, _ikeGroup, _ikeLifetime, _ipsecEncryption, _ipsecIntegrity, _pfsGroup, _ipsecLifetime }) command.Add(option);
    }

    /// <summary>Phase 1; null when nothing of it was given.</summary>
    public IkeParameters? Ike(ParseResult parsed)
    {
        var plain = new IkeParameters();
        var asked = plain with
        {
            Version = parsed.GetValue(_version) ?? plain.Version,
            Encryption = parsed.GetValue(_ikeEncryption) ?? plain.Encryption,
            Integrity = IntegrityOf(parsed.GetValue(_ikeIntegrity), parsed.GetValue(_ikeEncryption), plain.Integrity),
            DhGroup = parsed.GetValue(_ikeGroup) ?? plain.DhGroup,
            LifetimeSeconds = parsed.GetValue(_ikeLifetime) ?? plain.LifetimeSeconds,
        };
        return asked == plain ? null : asked;
    }

    /// <summary>Phase 2; null when nothing of it was given.</summary>
    public IpsecParameters? Ipsec(ParseResult parsed)
    {
        var plain = new IpsecParameters();
        var asked = plain with
        {
            Encryption = parsed.GetValue(_ipsecEncryption) ?? plain.Encryption,
            Integrity = IntegrityOf(parsed.GetValue(_ipsecIntegrity), parsed.GetValue(_ipsecEncryption), plain.Integrity),
            PfsGroup = parsed.GetValue(_pfsGroup) ?? plain.PfsGroup,
            LifetimeSeconds = parsed.GetValue(_ipsecLifetime) ?? plain.LifetimeSeconds,
        };
        return asked == plain ? null : asked;
    }

    /// <summary>GCM authenticates by itself: whoever asks for it and says nothing else means none.</summary>
    private static string? IntegrityOf(string? given, string? encryption, string? otherwise) =>
        given is not null ? given == None ? null : given : encryption?.Contains("gcm", StringComparison.OrdinalIgnoreCase) == true ? null : otherwise;
}
