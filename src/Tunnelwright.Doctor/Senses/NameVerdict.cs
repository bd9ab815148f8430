using System.Net;
using Tunnelwright.Dns.Lookup;
using Tunnelwright.Dns.Wire;
using Tunnelwright.Model;

namespace Tunnelwright.Doctor;

/// <summary>What is made of what this host's resolvers say of a name, beside what the cloud says of it.</summary>
internal enum NameVerdict
{
    /// <summary>The cloud tells no private address: nothing can be compared. So for a name that does not exist.</summary>
    NothingToCompare,

    /// <summary>No resolver answered in time; slow is not wrong.</summary>
    Silent,

    /// <summary>The resolver could not find out, or would not: whom it asks does not show in that.</summary>
    Fails,

    /// <summary>The address is private here, too.</summary>
    Private,

    /// <summary>It is public, or none at all, and the resolver does not ask the cloud.</summary>
    Public,

    /// <summary>It is public, or none at all, and an alias that may be the cloud's leads there.</summary>
    AliasIsPublic,
}

/// <summary>Comes to a verdict on a name.</summary>
internal static class NameVerdicts
{
    /// <param name="here">What the resolvers of this host say; null for nothing.</param>
    /// <param name="there">What the cloud says; null for nothing.</param>
    /// <param name="elsewhere">What shows that the resolver has an alias from somebody else than the cloud; null for nothing.</param>
    public static NameVerdict Judge(LookupAnswer? here, LookupAnswer? there, string? elsewhere) => (here, there) switch
    {
        _ when there?.Addresses.Any(IsPrivate) != true => NameVerdict.NothingToCompare,
        (null, _) => NameVerdict.Silent,
        _ when here.Addresses.Any(IsPrivate) => NameVerdict.Private,
        _ when !Answers(here) => NameVerdict.Fails,
        _ => IsAlias(here) && elsewhere is null ? NameVerdict.AliasIsPublic : NameVerdict.Public,
    };

    /// <summary>What programs of this host get (resolver(3)): the next server of resolv.conf is asked when one is silent, fails or refuses, and not when it says that there is no such name.</summary>
    /// <param name="answers">In the order of resolv.conf.</param>
    /// <returns>Null when nobody answers.</returns>
    public static LookupAnswer? Choose(IReadOnlyList<LookupAnswer> answers) => answers.FirstOrDefault(Answers) ?? answers.FirstOrDefault(answer => answer.Code is not null);

    /// <summary>Whether it says something of the name.</summary>
    public static bool Answers(LookupAnswer answer) => answer.Code is ResponseCode.NoError or ResponseCode.NonExistentDomain;

    public static bool IsAlias(LookupAnswer answer) => answer.Chain.Any(record => record.Type == RecordType.Cname);

    public static bool IsPrivate(IPAddress address) =>
        Ipv4Address.TryParse(address.ToString(), out var four) && SpecialRanges.MeaningOf(four)?.StartsWith("private", StringComparison.Ordinal) == true;
}
