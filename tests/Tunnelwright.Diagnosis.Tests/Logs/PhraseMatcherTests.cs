using System.Text;

namespace Tunnelwright.Diagnosis.Tests;

public sealed class PhraseMatcherTests
{
    [Fact]
    public void Every_phrase_of_the_vocabulary_is_found_alone_and_in_a_line()
    {
        foreach (var phrase in Phrases())
        {
            foreach (var text in new[] { phrase.Words, $"Mar  1 10:00:00 gw daemon: {phrase.Words.ToUpperInvariant()} and more" })
            {
                Span<Hit> room = new Hit[16];
                var hits = new LineHits(room);
                hits.Find(Vocabulary.Matcher, Encoding.ASCII.GetBytes(text));
                var found = false;
                foreach (var hit in hits.All) found |= text.AsSpan(hit.At, hit.Length).Contains(phrase.Words, StringComparison.OrdinalIgnoreCase) || phrase.Words.Contains(hit.Phrase.Words, StringComparison.OrdinalIgnoreCase);
                Assert.True(found, phrase.Words);
            }
        }
    }

    [Fact]
    public void No_phrase_is_written_twice_with_two_meanings()
    {
        var twice = Phrases().GroupBy(phrase => phrase.Words, StringComparer.OrdinalIgnoreCase).Where(group => group.Select(phrase => (phrase.Kind, phrase.Detail)).Distinct().Count() > 1).Select(group => group.Key);
        Assert.Empty(twice);
    }

    [Fact]
    public void It_finds_what_a_plain_search_finds()
    {
        var phrases = new[] { "giving up", "give up after", "up after 5 retransmits", "N(NO_PROP)" }.Select(words => new Phrase(words, FactKind.GaveUp, Product.Charon)).ToArray();
        var matcher = new PhraseMatcher(phrases, "giving nothing up ever");
        var random = new Random(11);
        var alphabet = new[] { "giv", "ing ", "up", " after", " 5 ", "retransmits", "N(", "NO_PROP", ")", "\n", "x", "give", " " };
        for (var round = 0; round < 2000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 14)).Select(_ => alphabet[random.Next(alphabet.Length)]));
            var bytes = Encoding.ASCII.GetBytes(text);
            var ours = new HashSet<int>();
            var from = 0;
            while (matcher.Find(bytes, ref from, out var at) >= 0) ours.Add(at);
            var plain = phrases.SelectMany(phrase => Enumerable.Range(0, text.Length).Where(at => string.Compare(text, at, phrase.Words, 0, phrase.Words.Length, StringComparison.OrdinalIgnoreCase) == 0)).ToHashSet();
            Assert.Equal(plain.Order(), ours.Order());
        }
    }

    private static IEnumerable<Phrase> Phrases() =>
        [.. CharonPhrases.All, .. PlutoPhrases.All, .. PlutoRefusals.All, .. CloudPhrases.All, .. CiscoPhrases.All, .. FortinetPhrases.All, .. RacoonPhrases.All, .. JuniperPhrases.All, .. DevicePhrases.All, .. HuaweiPhrases.All, .. ComwarePhrases.All, .. WatchGuardPhrases.All, .. ProviderPhrases.All, .. BgpPhrases.All, .. GenericPhrases.All, .. PlainPhrases.All, .. TroublePhrases.All];
}
