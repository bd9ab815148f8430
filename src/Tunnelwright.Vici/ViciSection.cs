using System.Collections;
using System.Globalization;
using System.Text;

namespace Tunnelwright.Vici;

/// <summary>
/// A VICI message, or a section of one: an ordered list of named values, lists and sections.
/// <para>Build one with a collection initialiser:
/// <c>new ViciSection { { "version", 2 }, { "remote_addrs", ["192.0.2.1"] }, { "local", new ViciSection { { "auth", "psk" } } } }</c>.</para>
/// <para>Reading a missing key gives null (or an empty list, or false). When a name occurs twice, as a down event of a connection
/// called "up" has it, the first entry of the asked kind counts. Not safe for use by several threads while one of them adds.</para>
/// </summary>
public sealed class ViciSection : IEnumerable<ViciEntry>
{
    /// <summary>The longest value in bytes (its length field has 16 bits).</summary>
    public const int MaximumValueLength = ushort.MaxValue;

    /// <summary>The longest key in bytes (its length field has 8 bits).</summary>
    public const int MaximumKeyLength = byte.MaxValue;

    private const int IndexFrom = 24;

    private readonly List<ViciEntry> _entries = [];
    private Dictionary<(string Key, ViciEntryKind Kind), ViciEntry>? _index;

    /// <summary>How many entries there are.</summary>
    public int Count => _entries.Count;

    /// <summary>The sections in this one with their names, in order.</summary>
    public IEnumerable<KeyValuePair<string, ViciSection>> Sections
    {
        get
        {
            foreach (var entry in _entries)
            {
                if (entry.Section is { } section)
                    yield return new(entry.Key, section);
            }
        }
    }

    /// <summary>Adds a text value.</summary>
    /// <exception cref="ArgumentException">The key is not printable ASCII of at most 255 bytes, or the value is too long.</exception>
    public void Add(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        AddChecked(key, Encoding.UTF8.GetBytes(value));
    }

    /// <summary>Adds a number, as decimal text.</summary>
    /// <exception cref="ArgumentException">The key is not printable ASCII of at most 255 bytes.</exception>
    public void Add(string key, long value) => Add(key, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Adds <c>yes</c> or <c>no</c>.</summary>
    /// <exception cref="ArgumentException">The key is not printable ASCII of at most 255 bytes.</exception>
    public void Add(string key, bool value) => Add(key, value ? "yes" : "no");

    /// <summary>Adds raw bytes, which are copied.</summary>
    /// <exception cref="ArgumentException">The key is not printable ASCII of at most 255 bytes, or the value is too long.</exception>
    public void Add(string key, ReadOnlySpan<byte> value) => AddChecked(key, value.ToArray());

    /// <summary>Adds a list, which may be empty.</summary>
    /// <exception cref="ArgumentException">The key is not printable ASCII of at most 255 bytes, or an item passes 65,535 bytes.</exception>
    public void Add(string key, IEnumerable<string> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        CheckKey(key);
        var raw = items.Select(item => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(item)).ToArray();
        foreach (var item in raw)
            CheckLength(item.Length, nameof(items));
        AddEntry(new ViciEntry(key, raw));
    }

    /// <summary>Adds a section. It is not copied.</summary>
    /// <exception cref="ArgumentException">The key is not printable ASCII of at most 255 bytes.</exception>
    public void Add(string key, ViciSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        CheckKey(key);
        AddEntry(new ViciEntry(key, section));
    }

    /// <summary>Whether a value, list or section of this name exists.</summary>
    public bool ContainsKey(string key) =>
        Find(key, ViciEntryKind.Value) is not null
        || Find(key, ViciEntryKind.List) is not null
        || Find(key, ViciEntryKind.Section) is not null;

    /// <summary>A value as text (UTF-8), or null when there is no such value.</summary>
    public string? GetText(string key) => Find(key, ViciEntryKind.Value)?.Text;

    /// <summary>The bytes of a value, or null when there is no such value.</summary>
    public ReadOnlyMemory<byte>? GetBytes(string key) => Find(key, ViciEntryKind.Value)?.Bytes;

    /// <summary>A decimal number, or null when there is no such value.</summary>
    /// <exception cref="ViciProtocolException">The value is not a decimal number in the range of the type.</exception>
    public int? GetInt32(string key) => GetInt64(key) switch
    {
        null => null,
        { } number and >= int.MinValue and <= int.MaxValue => (int)number,
        _ => throw Unreadable(key, "a number of 32 bits"),
    };

    /// <summary>A decimal number, or null when there is no such value.</summary>
    /// <exception cref="ViciProtocolException">The value is not a decimal number in the range of the type.</exception>
    public long? GetInt64(string key)
    {
        if (Find(key, ViciEntryKind.Value) is not { } entry)
            return null;
        return long.TryParse(entry.Bytes.Span, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Unreadable(key, "a number");
    }

    /// <summary>
    /// A yes-or-no value; false when there is no such value. charon's own words count: yes, true, enabled, 1 and their opposites.
    /// </summary>
    /// <exception cref="ViciProtocolException">The value is none of these words.</exception>
    public bool GetBoolean(string key) => Find(key, ViciEntryKind.Value) is { } entry && (entry.Text.ToLowerInvariant() switch
    {
        "yes" or "true" or "enabled" or "1" => true,
        "no" or "false" or "disabled" or "0" or "" => false,
        _ => throw Unreadable(key, "yes or no"),
    });

    /// <summary>The items of a list as text; empty when there is no such list.</summary>
    public IReadOnlyList<string> GetList(string key) => Find(key, ViciEntryKind.List)?.Items ?? [];

    /// <summary>A section, or null when there is no such section.</summary>
    public ViciSection? GetSection(string key) => Find(key, ViciEntryKind.Section)?.Section;

    /// <summary>The entries in order.</summary>
    public IEnumerator<ViciEntry> GetEnumerator() => _entries.GetEnumerator();

    /// <summary>The section as text, for people. Values of secret keys (<c>data</c>, <c>secret</c>, <c>pin</c> …) are not shown.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        ViciText.Append(text, this, 0);
        return text.ToString();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>A hexadecimal number without prefix, as charon writes marks and interface identifiers.</summary>
    internal uint? GetHexadecimal(string key)
    {
        if (Find(key, ViciEntryKind.Value) is not { } entry)
            return null;
        return uint.TryParse(entry.Bytes.Span, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Unreadable(key, "a hexadecimal number of 32 bits");
    }

    /// <summary>
    /// A number of seconds. charon subtracts times of two clocks without a sign: what was a moment ago may come out a little below zero, and so as
    /// almost 2⁶⁴.
    /// </summary>
    internal TimeSpan? GetSeconds(string key)
    {
        const long limit = long.MaxValue / TimeSpan.TicksPerSecond;
        if (Find(key, ViciEntryKind.Value) is { } entry && ulong.TryParse(entry.Bytes.Span, NumberStyles.None, CultureInfo.InvariantCulture, out var wrapped) && wrapped > ulong.MaxValue - 60)
            return TimeSpan.Zero;
        return GetInt64(key) switch
        {
            null => null,
            { } seconds and > -limit and < limit => TimeSpan.FromTicks(seconds * TimeSpan.TicksPerSecond),
            _ => throw Unreadable(key, "a time in seconds"),
        };
    }

    internal uint? GetUInt32(string key) => GetInt64(key) switch
    {
        null => null,
        { } number and >= 0 and <= uint.MaxValue => (uint)number,
        _ => throw Unreadable(key, "a number of 32 bits"),
    };

    internal void AddOptional(string key, string? value)
    {
        if (value is not null)
            Add(key, value);
    }

    internal void AddOptional(string key, long? value)
    {
        if (value is { } number)
            Add(key, number);
    }

    /// <summary>Takes an entry as it came over the wire: any name, no copy.</summary>
    internal void AddEntry(ViciEntry entry)
    {
        _entries.Add(entry);
        _index = null;
    }

    private static ViciProtocolException Unreadable(string key, string expected) => new($"The value of '{key}' is not {expected}");

    private static void CheckKey(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Length > MaximumKeyLength || key.AsSpan().IndexOfAnyExceptInRange(' ', '~') >= 0)
            throw new ArgumentException("A VICI key is at most 255 characters of printable ASCII.", nameof(key));
    }

    private static void CheckLength(int length, string parameter)
    {
        if (length > MaximumValueLength)
            throw new ArgumentException($"A VICI value has at most {MaximumValueLength} bytes, this one has {length}.", parameter);
    }

    private void AddChecked(string key, byte[] value)
    {
        CheckKey(key);
        CheckLength(value.Length, nameof(value));
        AddEntry(new ViciEntry(key, value));
    }

    private ViciEntry? Find(string key, ViciEntryKind kind)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (_entries.Count < IndexFrom)
        {
            foreach (var entry in _entries)
            {
                if (entry.Kind == kind && string.Equals(entry.Key, key, StringComparison.Ordinal))
                    return entry;
            }

            return null;
        }

        if (_index is not { } index)
        {
            index = new(_entries.Count);
            foreach (var entry in _entries)
                index.TryAdd((entry.Key, entry.Kind), entry);
            _index = index;
        }

        return index.GetValueOrDefault((key, kind));
    }
}
