using System.Text;

namespace Tunnelwright.Ike;

/// <summary>
/// Knows vendor IDs (RFC 7296 section 3.12, RFC 2408 section 3.16). Where an ID is defined as the hash of a text, the text stands here and the hash is
/// computed. Palo Alto Networks sends none of its own that is documented, and so cannot be told by one.
/// </summary>
public static class IkeVendorIds
{
    private const int LongestDetail = 64;

    private static readonly Lazy<VendorIdTable> Table = new(static () => new VendorIdTable(VendorIdList.All));

    /// <summary>What a vendor ID means, or null when it is not known. The longest match counts.</summary>
    /// <param name="id">The payload's body.</param>
    public static IkeVendorId? Identify(ReadOnlySpan<byte> id)
    {
        if (Table.Value.Find(id) is not { } entry) return null;
        var rest = id[entry.Bytes.Length..];
        return new IkeVendorId(entry.Name, entry.Vendor, entry.Source, entry.Detail?.Invoke(rest.ToArray()) is { Length: > 0 } detail ? detail : null);
    }

    /// <summary>The octets of a vendor ID, for sending it.</summary>
    /// <param name="name">A name as <see cref="IkeVendorId.Name"/> has it.</param>
    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    internal static byte[] Get(string name) => VendorIdList.All.FirstOrDefault(entry => entry.Name == name)?.Bytes ?? throw new KeyNotFoundException(name);

    /// <summary>Printable ASCII of what follows; anything else ends it.</summary>
    internal static string Printable(byte[] rest)
    {
        var text = rest.AsSpan(0, Math.Min(rest.Length, LongestDetail));
        var end = text.IndexOfAnyExceptInRange((byte)' ', (byte)'~');
        return Encoding.ASCII.GetString(end < 0 ? text : text[..end]).Trim();
    }
}

/// <summary>One known vendor ID.</summary>
internal sealed record VendorIdEntry(string Name, string? Vendor, byte[] Bytes, bool IsPrefix, string Source, Func<byte[], string?>? Detail = null, int? Length = null);

/// <summary>Finds entries by their first octets.</summary>
internal sealed class VendorIdTable
{
    private readonly ILookup<byte, VendorIdEntry> _byFirst;

    internal VendorIdTable(IEnumerable<VendorIdEntry> entries) =>
        _byFirst = entries.OrderByDescending(entry => entry.Bytes.Length).ToLookup(entry => entry.Bytes[0]);

    internal VendorIdEntry? Find(ReadOnlySpan<byte> id)
    {
        if (id.IsEmpty) return null;
        foreach (var entry in _byFirst[id[0]])
            if (entry.IsPrefix ? id.StartsWith(entry.Bytes) && (entry.Length ?? id.Length) == id.Length : id.SequenceEqual(entry.Bytes))
                return entry;
        return null;
    }
}
