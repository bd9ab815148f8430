using System.Globalization;

namespace Tunnelwright.Dns.Wire;

/// <summary>Types of resource records (IANA, "Resource Record (RR) TYPEs"). A type that is not named here is carried like any other (RFC 3597).</summary>
public enum RecordType : ushort
{
    /// <summary>No type.</summary>
    None = 0,

    /// <summary>IPv4 address (RFC 1035).</summary>
    A = 1,

    /// <summary>Authoritative server (RFC 1035).</summary>
    Ns = 2,

    /// <summary>The canonical name of an alias (RFC 1035).</summary>
    Cname = 5,

    /// <summary>Start of a zone of authority (RFC 1035).</summary>
    Soa = 6,

    /// <summary>Pointer, of reverse zones (RFC 1035).</summary>
    Ptr = 12,

    /// <summary>Mail exchange (RFC 1035).</summary>
    Mx = 15,

    /// <summary>Text (RFC 1035).</summary>
    Txt = 16,

    /// <summary>Responsible person (RFC 1183).</summary>
    Rp = 17,

    /// <summary>AFS data base location (RFC 1183).</summary>
    Afsdb = 18,

    /// <summary>Route through (RFC 1183).</summary>
    Rt = 21,

    /// <summary>Signature (RFC 2535).</summary>
    Sig = 24,

    /// <summary>X.400 mail mapping (RFC 2163).</summary>
    Px = 26,

    /// <summary>IPv6 address (RFC 3596).</summary>
    Aaaa = 28,

    /// <summary>Next domain (RFC 2535).</summary>
    Nxt = 30,

    /// <summary>Server selection (RFC 2782).</summary>
    Srv = 33,

    /// <summary>Naming authority pointer (RFC 3403).</summary>
    Naptr = 35,

    /// <summary>Key exchanger (RFC 2230).</summary>
    Kx = 36,

    /// <summary>Redirection of a subtree (RFC 6672).</summary>
    Dname = 39,

    /// <summary>EDNS pseudo record (RFC 6891).</summary>
    Opt = 41,

    /// <summary>Delegation signer (RFC 4034).</summary>
    Ds = 43,

    /// <summary>Signature of a record set (RFC 4034).</summary>
    Rrsig = 46,

    /// <summary>Proof of absence (RFC 4034).</summary>
    Nsec = 47,

    /// <summary>Key of a zone (RFC 4034).</summary>
    Dnskey = 48,

    /// <summary>Hashed proof of absence (RFC 5155).</summary>
    Nsec3 = 50,

    /// <summary>Service binding (RFC 9460).</summary>
    Svcb = 64,

    /// <summary>Service binding of HTTPS (RFC 9460).</summary>
    Https = 65,

    /// <summary>Transaction signature (RFC 8945).</summary>
    Tsig = 250,

    /// <summary>Incremental zone transfer (RFC 1995); in a question only.</summary>
    Ixfr = 251,

    /// <summary>Zone transfer (RFC 5936); in a question only.</summary>
    Axfr = 252,

    /// <summary>All types (RFC 8482); in a question only.</summary>
    Any = 255,
}

/// <summary>Names of record types as people write them.</summary>
public static class RecordTypes
{
    /// <summary>The type's mnemonic, or TYPE and its number (RFC 3597, section 5).</summary>
    /// <param name="type">The type.</param>
    /// <returns>Such as A, CNAME, TYPE4711.</returns>
    public static string Name(RecordType type) => Enum.IsDefined(type) && type != RecordType.None ? type.ToString().ToUpperInvariant() : $"TYPE{(ushort)type}";

    /// <summary>Whether servers are asked for a type: those of records, and all of them at once (RFC 6895, section 3.1). Transfers, keys of transactions and the like are between two neighbours.</summary>
    internal static bool IsForwarded(RecordType type) => type is not (RecordType.None or RecordType.Opt or (>= (RecordType)128 and < RecordType.Any));

    /// <summary>Reads a mnemonic or TYPE and a number, in any case.</summary>
    /// <param name="text">The text.</param>
    /// <param name="type">The type.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string text, out RecordType type)
    {
        ArgumentNullException.ThrowIfNull(text);
        type = RecordType.None;
        if (text.StartsWith("TYPE", StringComparison.OrdinalIgnoreCase) && ushort.TryParse(text.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            type = (RecordType)number;
            return true;
        }

        return text.Length > 0 && char.IsAsciiLetter(text[0]) && Enum.TryParse(text, ignoreCase: true, out type) && type != RecordType.None;
    }
}
