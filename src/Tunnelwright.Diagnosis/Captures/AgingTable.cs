using System.Diagnostics.CodeAnalysis;

namespace Tunnelwright.Diagnosis;

/// <summary>A table that keeps what is used and forgets what is not: at most twice its size, in constant time for each look-up.</summary>
/// <param name="size">Entries of a generation. What is not looked up while a whole generation is filled is forgotten.</param>
/// <param name="forgotten">Told of each entry that is forgotten.</param>
internal sealed class AgingTable<TKey, TValue>(int size, Action<TKey, TValue>? forgotten = null)
    where TKey : notnull
    where TValue : class
{
    private Dictionary<TKey, TValue> _young = [];
    private Dictionary<TKey, TValue> _old = [];

    /// <summary>Entries, at most twice the size.</summary>
    public int Count => _young.Count + _old.Count;

    /// <summary>Everything that is kept, in no order.</summary>
    public IEnumerable<KeyValuePair<TKey, TValue>> All => _old.Concat(_young);

    public bool TryFind(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (_young.TryGetValue(key, out value)) return true;
        if (!_old.Remove(key, out value)) return false;
        Insert(key, value);
        return true;
    }

    public TValue FindOrAdd(TKey key, Func<TKey, TValue> make)
    {
        if (TryFind(key, out var known)) return known;
        var made = make(key);
        Insert(key, made);
        return made;
    }

    public void Remove(TKey key)
    {
        if (!_young.Remove(key)) _old.Remove(key);
    }

    private void Insert(TKey key, TValue value)
    {
        if (_young.Count >= size)
        {
            var gone = _old;
            _old = _young;
            _young = [];
            if (forgotten is not null)
            {
                foreach (var (oldKey, oldValue) in gone) forgotten(oldKey, oldValue);
            }
        }

        _young[key] = value;
    }
}
