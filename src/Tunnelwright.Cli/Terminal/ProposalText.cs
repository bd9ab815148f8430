using Tunnelwright.Model;

namespace Tunnelwright.Cli.Terminal;

/// <summary>Proposals as a person types them: strongSwan's notation, such as aes256-sha256-modp2048.</summary>
internal static class ProposalText
{
    public static IkeProposal ParseIke(string text)
    {
        var (encryption, integrity, group) = Parse("--ike-proposal", text);
        return new IkeProposal(encryption, encryption.IsAead() ? null : integrity ?? throw Unreadable("--ike-proposal", text), group ?? throw Unreadable("--ike-proposal", text), encryption.IsAead() ? integrity : null);
    }

    public static EspProposal ParseEsp(string text)
    {
        var (encryption, integrity, group) = Parse("--esp-proposal", text);
        return new EspProposal(encryption, encryption.IsAead() ? null : integrity ?? throw Unreadable("--esp-proposal", text), group);
    }

    private static (EncryptionAlgorithm Encryption, IntegrityAlgorithm? Integrity, DhGroup? Group) Parse(string option, string text)
    {
        var parts = text.Split('-');
        if (!Algorithms.TryParse(parts[0], out EncryptionAlgorithm encryption)) throw Unreadable(option, text);
        IntegrityAlgorithm? integrity = null;
        DhGroup? group = null;
        foreach (var part in parts.Skip(1))
        {
            if (Algorithms.TryParse(part.StartsWith("prf", StringComparison.Ordinal) ? part[3..] : part, out IntegrityAlgorithm hash)) integrity = hash;
            else if (DhGroup.TryParse(part, out var found)) group = found;
            else throw Unreadable(option, text);
        }

        return (encryption, integrity, group);
    }

    private static CliException Unreadable(string option, string text) =>
        new(ExitCodes.WrongCall, $"{option}: '{text}' is not a proposal", "write it as aes256-sha256-modp2048 or aes256gcm16-modp2048");
}
