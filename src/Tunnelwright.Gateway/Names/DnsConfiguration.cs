using System.Buffers;
using System.Text.Json;
using Tunnelwright.Model;

namespace Tunnelwright.Gateway;

/// <summary>The forwarder's configuration file (docs/names.md).</summary>
internal static class DnsConfiguration
{
    /// <summary>Megabytes of answers: some hundred thousand.</summary>
    private const int CacheMegabytes = 32;

    private static readonly JsonWriterOptions Layout = new() { Indented = true };

    /// <summary>The file's content. Rules are asked from this host's address in the ranges of their connection, so that no other one is ever shown to the other side.</summary>
    public static byte[] Render(DesiredGateway desired, DesiredDns dns, ObservedGateway observed)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Layout))
        {
            json.WriteStartObject();
            List(json, "listen", dns.Listen);
            List(json, "allow", dns.Allow);
            if (dns.Upstreams.Count > 0) List(json, "defaults", dns.Upstreams);
            json.WriteStartArray("rules");
            foreach (var rule in dns.Rules) Rule(json, rule, (rule.Source ?? HostSource(desired, rule, observed))?.ToString());
            json.WriteEndArray();
            json.WriteStartObject("cache");
            json.WriteNumber("megabytes", CacheMegabytes);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static Ipv4Address? HostSource(DesiredGateway desired, DesiredDnsRule rule, ObservedGateway observed) =>
        desired.Connections.FirstOrDefault(connection => connection.Id == rule.Connection) is { } connection ? observed.HostSource(connection) : null;

    private static void Rule(Utf8JsonWriter json, DesiredDnsRule rule, string? source)
    {
        json.WriteStartObject();
        json.WriteString("domain", rule.Domain);
        List(json, "servers", rule.Servers);
        if (source is not null) json.WriteString("source", source);
        if (rule.Tcp) json.WriteString("transport", "tcp");
        if (rule.Flatten) json.WriteBoolean("flatten", true);
        if (rule.Private) json.WriteBoolean("private", true);
        json.WriteEndObject();
    }

    private static void List<T>(Utf8JsonWriter json, string name, IEnumerable<T> items)
    {
        json.WriteStartArray(name);
        foreach (var item in items) json.WriteStringValue(item!.ToString());
        json.WriteEndArray();
    }
}
