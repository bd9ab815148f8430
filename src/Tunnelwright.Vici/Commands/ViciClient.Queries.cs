namespace Tunnelwright.Vici;

public sealed partial class ViciClient
{
    /// <summary>The IKE SAs with their CHILD SAs (<c>list-sas</c>).</summary>
    /// <param name="filter">Which, or null for all.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task<IReadOnlyList<IkeSaStatus>> ListSasAsync(SaFilter? filter = null, CancellationToken cancellationToken = default) =>
        ListAsync("list-sas", ViciEventNames.ListSa, filter?.ToSection(), EachNamed(IkeSaStatus.Read), cancellationToken);

    /// <summary>The installed trap, bypass and drop policies (<c>list-policies</c>).</summary>
    /// <param name="filter">Which, or null for all.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task<IReadOnlyList<PolicyDescription>> ListPoliciesAsync(
        PolicyFilter? filter = null, CancellationToken cancellationToken = default) =>
        ListAsync(
            "list-policies",
            ViciEventNames.ListPolicy,
            (filter ?? new PolicyFilter()).ToSection(),
            EachNamed((_, section) => PolicyDescription.Read(section)),
            cancellationToken);

    /// <summary>The loaded connections, those from other sources included (<c>list-conns</c>).</summary>
    /// <param name="name">The name of one connection, or null for all.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task<IReadOnlyList<ConnectionDescription>> ListConnectionsAsync(
        string? name = null, CancellationToken cancellationToken = default)
    {
        var arguments = new ViciSection();
        arguments.AddOptional("ike", name);
        return ListAsync(
            "list-conns", ViciEventNames.ListConnection, arguments, EachNamed(ConnectionDescription.Read), cancellationToken);
    }

    /// <summary>The loaded certificates, those from other sources included (<c>list-certs</c>).</summary>
    /// <param name="type">Which kind.</param>
    /// <param name="use">Which use, for X.509.</param>
    /// <param name="subject">Only this subject, or null for all.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task<IReadOnlyList<CertificateDescription>> ListCertificatesAsync(
        ViciCertificateType type = ViciCertificateType.Any,
        ViciCertificateUse use = ViciCertificateUse.Any,
        string? subject = null,
        CancellationToken cancellationToken = default)
    {
        var arguments = new ViciSection { { "type", Wire(type) }, { "flag", Wire(use) } };
        arguments.AddOptional("subject", subject);
        return ListAsync(
            "list-certs",
            ViciEventNames.ListCertificate,
            arguments,
            section => new[] { CertificateDescription.Read(section) },
            cancellationToken);
    }

    /// <summary>The loaded certification authorities (<c>list-authorities</c>).</summary>
    /// <param name="name">The name of one, or null for all.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task<IReadOnlyList<AuthorityDescription>> ListAuthoritiesAsync(
        string? name = null, CancellationToken cancellationToken = default)
    {
        var arguments = new ViciSection();
        arguments.AddOptional("name", name);
        return ListAsync(
            "list-authorities", ViciEventNames.ListAuthority, arguments, EachNamed(AuthorityDescription.Read), cancellationToken);
    }

    private static Func<ViciSection, IEnumerable<T>> EachNamed<T>(Func<string, ViciSection, T> read) =>
        message => message.Sections.Select(entry => read(entry.Key, entry.Value));

    private async Task<IReadOnlyList<T>> ListAsync<T>(
        string command,
        string eventName,
        ViciSection? arguments,
        Func<ViciSection, IEnumerable<T>> read,
        CancellationToken cancellationToken)
    {
        var result = new List<T>();
        await foreach (var message in StreamAsync(command, eventName, arguments, cancellationToken))
            result.AddRange(read(message));
        return result;
    }
}
