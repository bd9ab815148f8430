using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Tunnelwright.Diagnosis;

/// <summary>
/// Finds hundreds of phrases in bytes at once. Each phrase is known by two neighbouring grams of four bytes, chosen so that they do not occur in the
/// lines that daemons write all day. One of the two stands at an even place, so only every second place of a text is looked at; there a bitmap of
/// 64 Kbit says nearly always that no phrase can be there.
/// </summary>
internal sealed class PhraseMatcher
{
    private const int GramLength = 4;
    private const uint CaseMask = 0x20202020;

    private readonly Phrase[] _phrases;
    private readonly byte[][] _words;
    private readonly (int Phrase, int Offset, int Next)[] _entries;
    private readonly ulong[] _bitmap = new ulong[1024];
    private readonly Dictionary<uint, int> _heads = [];

    /// <param name="phrases">The phrases.</param>
    /// <param name="chatter">Lines of no interest that are written all the time.</param>
    public PhraseMatcher(IEnumerable<Phrase> phrases, string chatter)
    {
        var common = new Dictionary<uint, int>();
        var noise = Encoding.ASCII.GetBytes(chatter);
        for (var i = 0; i + GramLength <= noise.Length; i++) CollectionsMarshal.GetValueRefOrAddDefault(common, Gram(noise, i), out _)++;
        _phrases = [.. phrases];
        _words = [.. _phrases.Select(phrase => Encoding.ASCII.GetBytes(phrase.Words))];
        _entries = new (int, int, int)[_phrases.Length * 2];
        for (var index = 0; index < _phrases.Length; index++)
        {
            var words = _words[index];
            if (words.Length < GramLength + 2) throw new ArgumentException($"The phrase '{_phrases[index].Words}' is too short to be looked for.", nameof(phrases));
            var best = int.MaxValue;
            var chosen = 0;
            for (var offset = 0; offset + GramLength < words.Length; offset++)
            {
                var count = common.GetValueOrDefault(Gram(words, offset)) + common.GetValueOrDefault(Gram(words, offset + 1));
                if (count >= best) continue;
                best = count;
                chosen = offset;
                if (count == 0) break;
            }

            Enter(index * 2, index, chosen);
            Enter((index * 2) + 1, index, chosen + 1);
        }
    }

    private void Enter(int entry, int phrase, int offset)
    {
        var gram = Gram(_words[phrase], offset);
        _entries[entry] = (phrase, offset, _heads.GetValueOrDefault(gram, -1));
        _heads[gram] = entry;
        var bit = Hash(gram);
        _bitmap[bit >> 6] |= 1UL << (int)(bit & 63);
    }

    /// <summary>The phrase of an index that <see cref="Find"/> gave.</summary>
    public Phrase this[int index] => _phrases[index];

    /// <summary>Finds the next phrase.</summary>
    /// <param name="text">The bytes; line ends are bytes like others, and no phrase has one.</param>
    /// <param name="from">Where the search begins; afterwards where the next one has to begin.</param>
    /// <param name="at">Where the phrase stands.</param>
    /// <returns>The phrase's index; −1 when there is none.</returns>
    public int Find(ReadOnlySpan<byte> text, ref int from, out int at)
    {
        ref var start = ref MemoryMarshal.GetReference(text);
        ref var bitmap = ref MemoryMarshal.GetArrayDataReference(_bitmap);
        var end = text.Length - GramLength;
        for (var i = from; i <= end; i += 2)
        {
            var gram = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, i)) | CaseMask;
            var bit = Hash(gram);
            if ((Unsafe.Add(ref bitmap, (int)(bit >> 6)) >> (int)(bit & 63) & 1) == 0) continue;
            var longest = -1;
            at = -1;
            for (var entry = _heads.GetValueOrDefault(gram, -1); entry >= 0; entry = _entries[entry].Next)
            {
                var (phrase, offset, _) = _entries[entry];
                var begin = i - offset;
                var words = _words[phrase];
                if (begin < 0 || begin + words.Length > text.Length || !Ascii.EqualsIgnoreCase(text.Slice(begin, words.Length), words)) continue;
                if (longest >= 0 && words.Length <= _words[longest].Length) continue;
                (longest, at) = (phrase, begin);
            }

            if (longest < 0) continue;
            from = i + 1;
            return longest;
        }

        from = text.Length;
        at = -1;
        return -1;
    }

    private static uint Gram(ReadOnlySpan<byte> text, int at) => MemoryMarshal.Read<uint>(text[at..]) | CaseMask;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Hash(uint gram) => (gram * 0x9E3779B1u) >> 16;
}
