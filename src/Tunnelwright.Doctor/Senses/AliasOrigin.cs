using System.Security.Cryptography;
using Tunnelwright.Dns.Lookup;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Doctor;

/// <summary>
/// Where a resolver has an alias from whose end is public. From the cloud's DNS servers: then it looked for the end by itself (dns-cname-escapes). From the internet's: then
/// it does not ask the cloud at all (dns-no-forwarder). Both give the same addresses, so what lies before the end decides, and what is said of a name beside it that does not exist.
/// </summary>
internal static class AliasOrigin
{
    private const int RandomBytes = 6;

    /// <summary>A name under the same domain that nobody has.</summary>
    /// <param name="name">A name of at least two labels.</param>
    public static string Sibling(string name) => $"tw-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes))}.{name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..]}";

    /// <summary>Whether the resolver has the alias from somebody else than the cloud.</summary>
    /// <param name="here">What the resolver says of the name.</param>
    /// <param name="there">What the cloud says of it.</param>
    /// <param name="absentHere">What the resolver says of the sibling; null for nothing.</param>
    /// <param name="absentThere">What the cloud says of the sibling; null for nothing.</param>
    /// <returns>What shows it; null when it may be the cloud's.</returns>
    public static string? FromElsewhere(LookupAnswer here, LookupAnswer there, LookupAnswer? absentHere, LookupAnswer? absentThere)
    {
        if (Alias(here) is not { } ours) return null;
        if (Alias(there) is not { } theirs) return $"the cloud knows no alias of {ours.Owner}";
        if (!ours.Data.Equals(theirs.Data, StringComparison.OrdinalIgnoreCase)) return $"the cloud's alias leads to {theirs.Data}";
        if (absentHere?.Code is not (ResponseCode.NoError or ResponseCode.NonExistentDomain or ResponseCode.Refused) || absentThere?.Code is not (ResponseCode.NoError or ResponseCode.NonExistentDomain)) return null;
        var (said, known) = (Words(absentHere), Words(absentThere));
        return absentHere.Code != absentThere.Code || (absentHere.Zone is not null && absentThere.Zone is not null && absentHere.Zone != absentThere.Zone) ? $"of a name beside it that nobody has it says {said}, and the cloud {known}" : null;
    }

    private static LookupRecord? Alias(LookupAnswer answer) => answer.Chain.FirstOrDefault(record => record.Type == RecordType.Cname);

    private static string Words(LookupAnswer answer) => $"{ResponseCodes.Name(answer.Code!.Value)}{(answer.Zone is { } zone ? $" by {zone}" : "")}";
}
