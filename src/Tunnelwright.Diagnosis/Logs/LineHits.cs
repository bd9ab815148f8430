namespace Tunnelwright.Diagnosis;

/// <summary>The phrases that were found in one line, in the order of their places; at most sixteen.</summary>
internal ref struct LineHits(Span<Hit> room)
{
    private readonly Span<Hit> _room = room;

    public int Count { get; private set; }

    public readonly ReadOnlySpan<Hit> All => _room[..Count];

    /// <summary>Finds them. Of two that overlap the longer one counts.</summary>
    public void Find(PhraseMatcher matcher, ReadOnlySpan<byte> line)
    {
        Count = 0;
        var from = 0;
        while (Count < _room.Length)
        {
            var index = matcher.Find(line, ref from, out var at);
            if (index < 0) break;
            Add(new Hit(matcher[index], at, matcher[index].Words.Length));
        }
    }

    private void Add(Hit hit)
    {
        for (var i = 0; i < Count; i++)
        {
            if (_room[i].At >= hit.At + hit.Length || hit.At >= _room[i].At + _room[i].Length) continue;
            if (_room[i].Length < hit.Length) _room[i] = hit;
            return;
        }

        _room[Count++] = hit;
    }
}

/// <summary>A phrase in a line.</summary>
internal readonly record struct Hit(Phrase Phrase, int At, int Length);
