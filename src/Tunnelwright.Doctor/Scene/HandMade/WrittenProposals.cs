using Tunnelwright.Ike;

namespace Tunnelwright.Doctor;

/// <summary>The phase 1 proposals of a person's configuration, each in a notation that names one suite.</summary>
internal static class WrittenProposals
{
    private const int Most = 48;

    /// <summary>Reads a setting such as aes128-aes256-sha1-modp1024,aes256-sha256-modp2048!.</summary>
    /// <returns>Empty where the daemon's defaults are meant, or where some part is not known here: then nothing can be said about what is offered.</returns>
    public static IReadOnlyList<string> Expand(string? text)
    {
        var found = new List<string>();
        foreach (var proposal in (text ?? "").Trim().TrimEnd('!').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (proposal is "default" or "%default" || Suites(proposal) is not { } suites) return [];
            found.AddRange(suites);
        }

        return [.. found.Distinct(StringComparer.Ordinal).Take(Most)];
    }

    private static List<string>? Suites(string proposal)
    {
        var (ciphers, hashes, functions, groups) = (new List<string>(), new List<string>(), new List<string>(), new List<string>());
        foreach (var raw in proposal.ToLowerInvariant().Split('-', ';'))
        {
            var word = raw.Replace("sha2_", "sha", StringComparison.Ordinal);
            if (IkeCipher.TryParse(word, out _)) ciphers.Add(word);
            else if (IkeGroups.TryParse(word, out _)) groups.Add(word);
            else if (word.StartsWith("prf", StringComparison.Ordinal)) functions.Add(word);
            else if (word.StartsWith("sha", StringComparison.Ordinal) || word == "md5") hashes.Add(word);
            else return null;
        }

        var middles = (hashes.Count, functions.Count) switch
        {
            (0, _) => functions,
            (_, 0) => hashes,
            _ => [.. hashes.SelectMany(hash => functions.Select(function => $"{hash}-{function}"))],
        };
        if (middles.Count == 0) middles = [""];
        var suites = (from cipher in ciphers from middle in middles from @group in groups select string.Join('-', new[] { cipher, middle, @group }.Where(part => part.Length > 0))).ToList();
        return suites.Count > 0 && suites.TrueForAll(suite => IkeSuite.TryParse(suite, out _)) ? suites : null;
    }
}
