using System.Text;

namespace Tunnelwright.Vici;

/// <summary>What an entry of a section holds.</summary>
public enum ViciEntryKind
{
    /// <summary>One value (KEY_VALUE).</summary>
    Value,

    /// <summary>A list of values (LIST_START … LIST_END).</summary>
    List,

    /// <summary>A section (SECTION_START … SECTION_END).</summary>
    Section,
}

/// <summary>One named entry of a <see cref="ViciSection"/>. Its text form hides values of secret keys.</summary>
public sealed class ViciEntry
{
    private readonly ReadOnlyMemory<byte> _value;
    private readonly ReadOnlyMemory<byte>[] _items = [];
    private readonly ViciSection? _section;

    internal ViciEntry(string key, ReadOnlyMemory<byte> value)
    {
        Key = key;
        Kind = ViciEntryKind.Value;
        _value = value;
    }

    internal ViciEntry(string key, ReadOnlyMemory<byte>[] items)
    {
        Key = key;
        Kind = ViciEntryKind.List;
        _items = items;
    }

    internal ViciEntry(string key, ViciSection section)
    {
        Key = key;
        Kind = ViciEntryKind.Section;
        _section = section;
    }

    /// <summary>The name of the entry.</summary>
    public string Key { get; }

    /// <summary>Which of the three kinds this is.</summary>
    public ViciEntryKind Kind { get; }

    /// <summary>The bytes of a value. Empty for the other kinds.</summary>
    public ReadOnlyMemory<byte> Bytes => _value;

    /// <summary>A value as text (UTF-8; bytes that are none become U+FFFD). Empty for the other kinds.</summary>
    public string Text => Encoding.UTF8.GetString(_value.Span);

    /// <summary>The items of a list as text. Empty for the other kinds.</summary>
    public IReadOnlyList<string> Items => Array.ConvertAll(_items, item => Encoding.UTF8.GetString(item.Span));

    /// <summary>The section; null for the other kinds.</summary>
    public ViciSection? Section => _section;

    internal ReadOnlyMemory<byte>[] RawItems => _items;

    /// <summary>The entry as text, for people. Values of secret keys are not shown.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        ViciText.Append(text, this, 0);
        return text.ToString();
    }
}
