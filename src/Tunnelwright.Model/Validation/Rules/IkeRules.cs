namespace Tunnelwright.Model.Rules;

/// <summary>The IKE version is one that the provider speaks.</summary>
internal sealed class IkeVersionRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        if (profile.Ike.Versions.Contains(tunnel.Ike.Version)) yield break;
        var allowed = Text.Or(profile.Ike.Versions.Select(version => $"IKEv{(int)version}"));
        yield return Error(tunnel, Causes.IkeProposalMismatch, "ike.version", $"IKEv{(int)tunnel.Ike.Version} is not offered by {profile.Description}; it speaks {allowed}.");
    }
}

/// <summary>IKEv1 runs in a mode that the provider allows.</summary>
internal sealed class IkeModeRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        if (profile.Ike.Modes.Contains(tunnel.Ike.Mode)) yield break;
        yield return Error(tunnel, Causes.IkeModeMismatch, "ike.mode", $"Phase 1 uses {Name(tunnel.Ike.Mode)} mode; the provider takes {Text.Or(profile.Ike.Modes.Select(Name))} mode only.");
    }

    private static string Name(IkeMode mode) => mode == IkeMode.Main ? "main" : "aggressive";
}

/// <summary>The peers authenticate by pre-shared key.</summary>
internal sealed class AuthenticationRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        if (tunnel.Ike.Authentication == AuthenticationMethod.PreSharedKey) yield break;
        var offered = profile.Ike.Authentication.Contains(tunnel.Ike.Authentication) ? "which the provider offers but this program does not set up" : "which the provider does not offer";
        yield return Error(tunnel, Causes.AuthMethodUnsupported, "ike.authentication", $"The peers authenticate by certificate, {offered}: use a pre-shared key.");
    }
}

/// <summary>With pre-shared keys there is one.</summary>
internal sealed class PreSharedKeyMissingRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        if (tunnel.Ike is { Authentication: AuthenticationMethod.PreSharedKey, PreSharedKey: null })
        {
            yield return Error(tunnel, Causes.PskMissing, "ike.preSharedKey", "The pre-shared key is missing; copy it from the provider's file.");
        }
    }
}

/// <summary>The key has the length and the characters that the provider's keys have. Messages never hold the key.</summary>
internal sealed class PreSharedKeyShapeRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        if (tunnel.Ike.PreSharedKey is not { } preSharedKey) yield break;
        var key = preSharedKey.Reveal();
        var allowed = profile.PreSharedKey;
        if (!allowed.Characters.Contains(key.Length))
        {
            yield return Error(tunnel, Causes.PskMismatch, "ike.preSharedKey", $"The pre-shared key has {key.Length} characters; the provider's keys have {allowed.Characters}.");
        }

        if (key.Any(c => !char.IsAsciiLetterOrDigit(c) && !allowed.Punctuation.Contains(c)))
        {
            yield return Error(
                tunnel,
                Causes.PskMismatch,
                "ike.preSharedKey",
                $"The pre-shared key holds a character that the provider's keys never have; they are made of letters, digits and {string.Join(' ', allowed.Punctuation.Select(c => $"'{c}'"))}.");
        }

        if (allowed.NotFirst.Contains(key[0]))
        {
            yield return Error(tunnel, Causes.PskMismatch, "ike.preSharedKey", $"The pre-shared key starts with '{key[0]}', which the provider does not allow.");
        }
    }
}

/// <summary>Each tunnel has a key of its own: the provider makes two, so a shared one is often a copy in the wrong place.</summary>
internal sealed class SharedPreSharedKeyRule : IConnectionRule
{
    public IEnumerable<Problem> Check(VpnConnection connection, RequirementProfile profile)
    {
        var seen = new Dictionary<PreSharedKey, int>();
        foreach (var tunnel in connection.Tunnels)
        {
            if (tunnel.Ike.PreSharedKey is not { } key || seen.TryAdd(key, tunnel.Number)) continue;
            yield return new Problem(
                Severity.Warning,
                Causes.PskMismatch,
                tunnel.Number,
                $"Tunnels {seen[key]} and {tunnel.Number} have the same pre-shared key; the provider makes one for each tunnel, so check that neither was copied into the other's place.",
                "ike.preSharedKey");
        }
    }
}

/// <summary>Phase 1 encryption is allowed, and AEAD ciphers come with IKEv2 only (RFC 5282).</summary>
internal sealed class IkeEncryptionRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        var encryption = tunnel.Ike.Proposal.Encryption;
        if (!profile.Ike.Encryption.Contains(encryption))
        {
            yield return Error(
                tunnel,
                Causes.IkeProposalMismatch,
                "ike.encryption",
                $"Phase 1 encryption {encryption.Name()} is not allowed; the provider takes {Text.Or(profile.Ike.Encryption.Select(Algorithms.Name))}.");
        }

        if (encryption.IsAead() && tunnel.Ike.Version == IkeVersion.V1)
        {
            yield return Error(tunnel, Causes.IkeProposalMismatch, "ike.encryption", $"Phase 1 encryption {encryption.Name()} needs IKEv2 (RFC 5282); with IKEv1 use aes128 or aes256.");
        }
    }
}

/// <summary>Phase 1 integrity is allowed and there unless the cipher authenticates.</summary>
internal sealed class IkeIntegrityRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        var proposal = tunnel.Ike.Proposal;
        var allowed = Text.Or(profile.Ike.Integrity.Select(Algorithms.Name));
        if (proposal.Integrity is { } integrity)
        {
            if (!profile.Ike.Integrity.Contains(integrity))
            {
                yield return Error(tunnel, Causes.IkeProposalMismatch, "ike.integrity", $"Phase 1 integrity {integrity.Name()} is not allowed; the provider takes {allowed}.");
            }
        }
        else if (!proposal.Encryption.IsAead())
        {
            yield return Error(tunnel, Causes.IkeProposalMismatch, "ike.integrity", $"Phase 1 has no integrity algorithm, which {proposal.Encryption.Name()} needs: {allowed}.");
        }
    }
}

/// <summary>The phase 1 group is allowed.</summary>
internal sealed class IkeGroupRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        if (profile.Ike.Groups.Contains(tunnel.Ike.Proposal.Group)) yield break;
        yield return Error(
            tunnel,
            Causes.IkeProposalMismatch,
            "ike.dhGroup",
            $"Phase 1 Diffie-Hellman {tunnel.Ike.Proposal.Group} is not allowed; the provider takes {Text.Groups(profile.Ike.Groups)}.");
    }
}

/// <summary>The phase 1 lifetime is in range.</summary>
internal sealed class IkeLifetimeRule : TunnelRule
{
    protected override IEnumerable<Problem> Check(Tunnel tunnel, VpnConnection connection, RequirementProfile profile)
    {
        var allowed = profile.Ike.LifetimeSeconds;
        if (allowed.Contains(tunnel.Ike.Lifetime.Seconds)) yield break;
        yield return Error(
            tunnel,
            Causes.IkeLifetimeOutOfRange,
            "ike.lifetimeSeconds",
            $"The phase 1 lifetime is {tunnel.Ike.Lifetime.Seconds} s; the provider allows {allowed} s, by default {allowed.Default} s.");
    }
}
