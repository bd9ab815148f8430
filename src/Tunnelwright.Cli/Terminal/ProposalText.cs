using Tunnelwright.Model;

namespace Tunnelwright.Cli.Terminal;

/// <summary>Proposals as a person types them: strongSwan's notation, such as aes256-sha256-modp2048.</summary>
internal static class ProposalText
{
    public static IkeProposal ParseIke(string text) => IkeProposal.TryParse(text, out var proposal) ? proposal : throw Unreadable("--ike-proposal", text);

    public static EspProposal ParseEsp(string text) => EspProposal.TryParse(text, out var proposal) ? proposal : throw Unreadable("--esp-proposal", text);

    private static CliException Unreadable(string option, string text) =>
        new(ExitCodes.WrongCall, $"{option}: '{text}' is not a proposal", "write it as aes256-sha256-modp2048 or aes256gcm16-modp2048");
}
