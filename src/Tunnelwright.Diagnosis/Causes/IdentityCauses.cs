using static Tunnelwright.Diagnosis.FactKind;

namespace Tunnelwright.Diagnosis;

internal sealed class UnknownPeer() : Cause(
    "unknown-peer",
    Sure(NoConnectionForPeer, 0.86),
    Sure(EverythingRefused, 0.8),
    Perhaps(WideProposalRefused, 0.5),
    Perhaps(IkeProposalRefusedAlone, 0.28),
    Explains(FirstMessageUnanswered),
    Explains(KeyMissingAtPeer),
    Explains(NegotiationAbandoned),
    Explains(AuthenticationFailed),
    Explains(CertificateAuthRefused))
{
    public override string DecidedBy => "The responder's log: 'no config found' means an unknown peer or version, two lists of proposals mean that they differ.";
}

internal sealed class IkeVersionMismatch() : Cause("ike-version-mismatch", Sure(VersionRefused, 0.95), Perhaps(NoConnectionForPeer, 0.3), Explains(IkeProposalRefusedAlone), Explains(AuthenticationFailed))
{
    public override IReadOnlyList<string> Hides => ["ike-unreachable", "unknown-peer"];

    public override string DecidedBy => "The version in the responder's configuration for this address.";
}

internal sealed class IkeModeMismatch() : Cause("ike-mode-mismatch", Sure(ModeRefused, 0.94), Perhaps(AggressiveRefused, 0.72), Explains(AuthenticationFailed), Explains(FirstMessageUnanswered), Explains(RefusedAfterDecryption))
{
    public override IReadOnlyList<string> Hides => ["unknown-peer", "ike-unreachable"];

    public override string DecidedBy => "The responder's log says whether the mode, the identity or the key is refused.";
}

internal sealed class IdentityMismatch() : Cause(
    "identity-mismatch",
    Sure(IdentityDiffers, 0.94),
    Sure(NoConnectionForIdentity, 0.85),
    Perhaps(RefusedAfterDecryption, 0.75),
    Perhaps(AuthenticationFailed, 0.34),
    Perhaps(PrivateNameRefused, 0.66),
    Explains(CertificateAuthRefused),
    Perhaps(AggressiveRefused, 0.25))
{
    public override IReadOnlyList<string> Hides => ["unknown-peer"];

    public override IReadOnlyList<string> Twins => ["auth-method-unsupported"];

    public override string DecidedBy => "The log of the end that refused: it names the key, the identity or the method.";
}

internal sealed class PskMismatch() : Cause(
    "psk-mismatch",
    Sure(KeyDiffers, 0.97),
    Sure(Undecryptable, 0.93),
    Perhaps(AuthenticationFailed, 0.62),
    Perhaps(PrivateNameRefused, 0.5),
    Perhaps(EncryptedMessageUnanswered, 0.6),
    Perhaps(MalformedForPeer, 0.62),
    Perhaps(AggressiveRefused, 0.2),
    Explains(KeyMissingAtPeer),
    Explains(AuthUnanswered),
    Explains(HalfOpenExpired),
    Explains(NegotiationAbandoned),
    Explains(OfferRefused),
    Explains(NoConnectionForIdentity))
{
    public override IReadOnlyList<string> Hides => ["udp4500-blocked", "ike-unreachable", "esp-proposal-mismatch", "sa-desync"];

    public override IReadOnlyList<string> Twins => ["psk-missing", "auth-method-unsupported"];

    public override string DecidedBy => "The log of the end that refused: 'MAC mismatched' is the key, 'no matching peer config' the identity.";
}

internal sealed class PskMissing() : Cause("psk-missing", Sure(KeyMissing, 0.95), Perhaps(KeyMissingAtPeer, 0.66), Explains(OfferRefused), Explains(IkeProposalRefusedAlone), Explains(AuthenticationFailed), Explains(EncryptedMessageUnanswered))
{
    public override IReadOnlyList<string> Hides => ["psk-mismatch", "identity-mismatch", "daemon-not-running"];

    public override string DecidedBy => "The peer's log: 'no shared key found' there.";
}

internal sealed class CertificateProblem() : Cause("certificate-problem", Sure(CertificateRefused, 0.92), Sure(CertificateOutOfTime, 0.9), Perhaps(CertificateTooEarly, 0.6), Perhaps(CertificateAuthRefused, 0.6), Explains(AuthenticationFailed), Explains(NegotiationAbandoned))
{
    public override IReadOnlyList<string> Hides => ["psk-mismatch", "identity-mismatch"];

    public override IReadOnlyList<string> Twins => ["identity-mismatch", "auth-method-unsupported"];

    public override string DecidedBy => "The log of the end that refused: whether the certificate is not trusted, has expired or was revoked, or whether it names another identity.";
}

internal sealed class ClockSkew() : Cause("clock-skew", Sure(CertificateTooEarly, 0.88), Perhaps(CertificateOutOfTime, 0.3), Explains(CertificateRefused))
{
    public override IReadOnlyList<string> Hides => ["certificate-problem"];

    public override string DecidedBy => "The gateway's clock beside a good one.";
}

internal sealed class AuthMethodUnsupported() : Cause("auth-method-unsupported", Sure(MethodRefused, 0.9), Explains(AuthenticationFailed), Explains(CertificateAuthRefused))
{
    public override IReadOnlyList<string> Hides => ["identity-mismatch", "unknown-peer"];
}
