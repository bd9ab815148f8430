namespace Tunnelwright.Dns.Wire;

/// <summary>What a server says of a question (IANA, "DNS RCODEs").</summary>
public enum ResponseCode
{
    /// <summary>NOERROR: answered; without records the name has none of that type.</summary>
    NoError = 0,

    /// <summary>FORMERR: the question could not be read.</summary>
    FormatError = 1,

    /// <summary>SERVFAIL: the server could not find out.</summary>
    ServerFailure = 2,

    /// <summary>NXDOMAIN: the name does not exist.</summary>
    NonExistentDomain = 3,

    /// <summary>NOTIMP: the server does not do that.</summary>
    NotImplemented = 4,

    /// <summary>REFUSED: the server does not do that for the asker.</summary>
    Refused = 5,

    /// <summary>BADVERS: no such version of EDNS (RFC 6891).</summary>
    BadVersion = 16,

    /// <summary>BADCOOKIE: the server wants to see the cookie that it gives with this answer (RFC 7873).</summary>
    BadCookie = 23,
}

/// <summary>Names of response codes.</summary>
public static class ResponseCodes
{
    /// <summary>The code's mnemonic.</summary>
    /// <param name="code">The code.</param>
    /// <returns>Such as NOERROR, NXDOMAIN, RCODE11.</returns>
    public static string Name(ResponseCode code) => code switch
    {
        ResponseCode.NoError => "NOERROR",
        ResponseCode.FormatError => "FORMERR",
        ResponseCode.ServerFailure => "SERVFAIL",
        ResponseCode.NonExistentDomain => "NXDOMAIN",
        ResponseCode.NotImplemented => "NOTIMP",
        ResponseCode.Refused => "REFUSED",
        ResponseCode.BadVersion => "BADVERS",
        ResponseCode.BadCookie => "BADCOOKIE",
        _ => $"RCODE{(int)code}",
    };
}

/// <summary>Why an answer is not what was hoped for (RFC 8914; IANA, "Extended DNS Error Codes").</summary>
public enum ExtendedError : ushort
{
    /// <summary>Other: such as a chain that loops.</summary>
    Other = 0,

    /// <summary>An expired answer, because no server could be asked (RFC 8767).</summary>
    StaleAnswer = 3,

    /// <summary>It failed a moment ago and was not tried again (RFC 9520).</summary>
    CachedError = 13,

    /// <summary>The asker may not ask that.</summary>
    Prohibited = 18,

    /// <summary>An expired NXDOMAIN.</summary>
    StaleNonExistentDomain = 19,

    /// <summary>No server is known for the name.</summary>
    NotAuthoritative = 20,

    /// <summary>Not supported, such as a zone transfer.</summary>
    NotSupported = 21,

    /// <summary>None of the servers answered.</summary>
    NoReachableAuthority = 22,

    /// <summary>A server answered with an error, or with what cannot be used.</summary>
    NetworkError = 23,

    /// <summary>No extended error.</summary>
    None = 0xFFFF,
}
