using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tunnelwright.Dns.Forwarding;
using Tunnelwright.Dns.Lookup;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Cli.Commands;

/// <summary>What dns lookup --json prints. Healthy: a record was found and no server failed; exit code 0.</summary>
internal sealed record DnsLookupDocument(string Name, bool Healthy, IReadOnlyList<DnsAnswerDocument> Answers, IReadOnlyList<DnsAnswerDocument>? Public, bool? DiffersFromPublic)
{
    private static readonly DnsLookupContext Context = new(new JsonSerializerOptions(DnsLookupContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public string ToJson() => JsonSerializer.Serialize(this, Context.DnsLookupDocument);

    public static DnsLookupDocument From(string name, LookupAnswer[] answers, LookupAnswer[] compared, IReadOnlyDictionary<IPAddress, string> tunnels)
    {
        var healthy = answers.Any(answer => answer.Chain.Any(record => record.Type == answer.Type)) && answers.All(answer => answer is { Code: ResponseCode.NoError, Loops: false });
        return new DnsLookupDocument(
            name,
            healthy,
            [.. answers.Select(answer => DnsAnswerDocument.From(answer, tunnels))],
            compared.Length == 0 ? null : [.. compared.Select(answer => DnsAnswerDocument.From(answer, new Dictionary<IPAddress, string>()))],
            compared.Length == 0 ? null : !answers.SelectMany(answer => answer.Addresses).ToHashSet().SetEquals(compared.SelectMany(answer => answer.Addresses)));
    }
}

internal sealed record DnsAnswerDocument(
    string Type,
    string Server,
    string Transport,
    double Milliseconds,
    string? Code,
    int? ExtendedError,
    IReadOnlyList<DnsRecordDocument> Chain,
    bool CompleteAtOnce,
    bool Loops,
    string? Problem)
{
    public static DnsAnswerDocument From(LookupAnswer answer, IReadOnlyDictionary<IPAddress, string> tunnels) => new(
        RecordTypes.Name(answer.Type),
        answer.Server.ToString(),
        answer.UsedTcp ? "tcp" : "udp",
        Math.Round(answer.Elapsed.TotalMilliseconds, 3),
        answer.Code is { } code ? ResponseCodes.Name(code) : null,
        answer.Error,
        [.. answer.Chain.Select(record => new DnsRecordDocument(record.Owner, RecordTypes.Name(record.Type), record.Ttl, record.Data, Scope(record.Address), record.Address is { } address ? tunnels.GetValueOrDefault(address) : null))],
        answer.IsComplete,
        answer.Loops,
        answer.Problem);

    private static string? Scope(IPAddress? address) => address is null ? null : PrivateAddresses.IsPrivate(address.GetAddressBytes()) ? "private" : "public";
}

/// <param name="Owner">Whose record it is.</param>
/// <param name="Type">Its type.</param>
/// <param name="TtlSeconds">Seconds that it may be kept.</param>
/// <param name="Data">An address, a name or text.</param>
/// <param name="Scope">private or public; null for what is no address.</param>
/// <param name="Tunnel">The tunnel's interface that packets to the address take; null when they take another.</param>
internal sealed record DnsRecordDocument(string Owner, string Type, uint TtlSeconds, string Data, string? Scope, string? Tunnel);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(DnsLookupDocument))]
internal sealed partial class DnsLookupContext : JsonSerializerContext;
