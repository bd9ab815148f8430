using System.Runtime.InteropServices;

namespace Tunnelwright.Dns.Wire;

/// <summary>Where a resource record stands in its message (RFC 1035, section 4.1.3). Nothing is copied.</summary>
/// <param name="Owner">Offset of the owner's name.</param>
/// <param name="Type">The type.</param>
/// <param name="Class">The class; 1 is IN.</param>
/// <param name="Ttl">Time to live in seconds; above 2³¹ − 1 it counts as 0 (RFC 2181, section 8).</param>
/// <param name="Data">Offset of the data.</param>
/// <param name="DataLength">Bytes of data.</param>
/// <param name="Section">1 answer, 2 authority, 3 additional.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ResourceRecord(int Owner, RecordType Type, ushort Class, uint Ttl, int Data, int DataLength, int Section);
