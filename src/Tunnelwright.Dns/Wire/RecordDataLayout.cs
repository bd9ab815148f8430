namespace Tunnelwright.Dns.Wire;

/// <summary>
/// Where names stand in a record's data, which may be compressed there by RFC 1035 or by habit (RFC 3597, section 4): so many bytes, so many
/// character strings, then the names, then the rest. Data of all other types holds no pointers and is copied as it is.
/// </summary>
/// <param name="Prefix">Bytes before.</param>
/// <param name="Strings">Character strings after those.</param>
/// <param name="Names">Names after those.</param>
/// <param name="MayCompress">Whether a writer may compress the names: the types of RFC 1035 only.</param>
internal readonly record struct RecordDataLayout(int Prefix, int Strings, int Names, bool MayCompress)
{
    public static RecordDataLayout Of(RecordType type) => type switch
    {
        RecordType.Ns or RecordType.Cname or RecordType.Ptr => new(0, 0, 1, true),
        (RecordType)3 or (RecordType)4 or (RecordType)7 or (RecordType)8 or (RecordType)9 => new(0, 0, 1, true), // MD, MF, MB, MG, MR
        RecordType.Soa or (RecordType)14 => new(0, 0, 2, true), // MINFO
        RecordType.Mx => new(2, 0, 1, true),
        RecordType.Rp => new(0, 0, 2, false),
        RecordType.Afsdb or RecordType.Rt or RecordType.Kx => new(2, 0, 1, false),
        RecordType.Px => new(2, 0, 2, false),
        RecordType.Sig => new(18, 0, 1, false),
        RecordType.Nxt or RecordType.Dname => new(0, 0, 1, false),
        RecordType.Srv => new(6, 0, 1, false),
        RecordType.Naptr => new(4, 3, 1, false),
        _ => default,
    };
}
