namespace Tunnelwright.Ike;

/// <summary>
/// Finds out which algorithms a peer takes. Each question offers one algorithm with everything of the other kinds, so that a yes or a no speaks of that one alone.
/// </summary>
internal sealed class SuiteWalk(IkeProbeOptions options, Peer peer, Action<string>? progress)
{
    private const int SideBySide = 4;

    private readonly IkeSuiteSpace _space = options.Space;

    /// <summary>IKEv2: questions that leave nothing behind, a few at a time.</summary>
    internal async Task<IkeAcceptance> Version2Async(ProbeChannel channel, CancellationToken cancellationToken)
    {
        var plain = _space.Ciphers.Where(cipher => !cipher.IsAead).ToList();
        var asked = new List<(string Name, IkeSuiteSpace Space)>();
        asked.AddRange(_space.Ciphers.Select(cipher => (cipher.ToString(), _space with { Ciphers = [cipher] })));
        if (plain.Count > 0) asked.AddRange(_space.Integrities.Select(integrity => (IkeSuite.Name(integrity), _space with { Ciphers = plain, Integrities = [integrity] })));
        asked.AddRange(_space.Groups.Select(group => (IkeGroups.Name(group), _space with { Groups = [group] })));
        var answers = new bool?[asked.Count];
        await Parallel.ForAsync(0, asked.Count, new ParallelOptions { MaxDegreeOfParallelism = SideBySide, CancellationToken = cancellationToken }, async (i, token) =>
        {
            // An integrity algorithm alone must not narrow the pseudo-random functions: they are offered all.
            var functions = _space.Integrities.Select(IkeSuite.PrfOf).Distinct().ToList();
            var offers = Offer.Of(asked[i].Space).Select(offer => functions.Count > 0 ? offer with { Functions = functions } : offer).ToList();
            answers[i] = await AskAsync(channel, offers, token);
            progress?.Invoke($"{asked[i].Name}: {Word(answers[i])}");
        });
        var verdicts = asked.Select((one, i) => (one.Name, Answer: answers[i])).ToDictionary(one => one.Name, one => one.Answer, StringComparer.Ordinal);
        return Sum(verdicts);
    }

    /// <summary>IKEv1: every yes leaves a half-open SA behind, so what the first exchange told counts, and it stops at the limit.</summary>
    internal async Task<IkeAcceptance> Version1Async(ProbeChannel channel, IkeSuite? taken, CancellationToken cancellationToken)
    {
        var verdicts = new Dictionary<string, bool?>(StringComparer.Ordinal);
        // IKEv1 has no AEAD for its own SA.
        foreach (var aead in _space.Ciphers.Where(cipher => cipher.IsAead)) verdicts[aead.ToString()] = false;
        if (taken is not null) Learn(taken);
        var all = FirstExchange.MainModeSuites(options with { Suites = [] });
        var names = _space.Ciphers.Where(cipher => !cipher.IsAead).Select(cipher => cipher.ToString())
            .Concat(_space.Integrities.Select(IkeSuite.Name)).Concat(_space.Groups.Select(IkeGroups.Name)).ToList();
        foreach (var name in names.Where(name => !verdicts.ContainsKey(name)))
        {
            if (verdicts.ContainsKey(name) || peer.HalfOpen >= options.HalfOpenLimit) continue;
            var suites = all.Where(suite => suite.Cipher.ToString() == name || suite.Integrity is { } integrity && IkeSuite.Name(integrity) == name).ToList();
            if (suites.Count == 0 && IkeGroups.TryParse(name, out var group))
                suites = [.. all.Select(suite => suite with { Group = group }).Distinct()];
            var spi = ProbeMessages.NewSpi();
            var answer = await channel.AskAsync(spi, FirstExchange.Steps(ProbeMessages.MainMode(spi, suites), channel.RoundTrip, options), null, null, cancellationToken);
            peer.See(answer);
            if (answer?.Suite is { } chosen) Learn(chosen);
            verdicts[name] = answer switch
            {
                { HasSa: true } => true,
                not null when answer.Has(IkeNotifyType.NoProposalChosen) => false,
                _ => null,
            };
            progress?.Invoke($"{name}: {Word(verdicts[name])}");
        }

        return Sum(verdicts);

        void Learn(IkeSuite suite)
        {
            verdicts[suite.Cipher.ToString()] = true;
            if (suite.Integrity is { } integrity) verdicts[IkeSuite.Name(integrity)] = true;
            verdicts[IkeGroups.Name(suite.Group)] = true;
        }
    }

    private async Task<bool?> AskAsync(ProbeChannel channel, List<Offer> offers, CancellationToken cancellationToken)
    {
        var spi = ProbeMessages.NewSpi();
        var nonce = ProbeMessages.NewNonce();
        byte[]? cookie = null;
        for (var round = 0; round < 2; round++)
        {
            var message = ProbeMessages.Question(spi, nonce, offers, cookie, channel.Local, channel.Remote);
            var isFirst = cookie is null;
            var answer = await channel.AskAsync(spi, FirstExchange.Steps(message, channel.RoundTrip, options), one => isFirst || one.Cookie is null, null, cancellationToken);
            peer.See(answer);
            if (answer?.Cookie is not { } demanded) return Judge(answer);
            cookie = demanded;
        }

        return null;
    }

    private static bool? Judge(IkeAnswer? answer) => answer switch
    {
        null => null,
        { HasSa: true } or { WantedGroup: not null } => true,
        _ when answer.Has(IkeNotifyType.NoProposalChosen) => false,
        _ => null,
    };

    private IkeAcceptance Sum(Dictionary<string, bool?> verdicts) => new()
    {
        Ciphers = [.. _space.Ciphers.Where(cipher => verdicts.GetValueOrDefault(cipher.ToString()) == true)],
        Integrities = [.. _space.Integrities.Where(integrity => verdicts.GetValueOrDefault(IkeSuite.Name(integrity)) == true)],
        Groups = [.. _space.Groups.Where(group => verdicts.GetValueOrDefault(IkeGroups.Name(group)) == true)],
        Unknown = [.. _space.Ciphers.Select(cipher => cipher.ToString()).Concat(_space.Integrities.Select(IkeSuite.Name)).Concat(_space.Groups.Select(IkeGroups.Name)).Where(name => verdicts.GetValueOrDefault(name) is null)],
    };

    private static string Word(bool? answer) => answer switch
    {
        true => "taken",
        false => "refused",
        null => "no answer",
    };
}
