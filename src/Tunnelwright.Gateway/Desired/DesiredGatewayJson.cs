using System.Text.Json;
using System.Text.Json.Serialization;
using Tunnelwright.Model;

namespace Tunnelwright.Gateway;

/// <summary>The desired state as JSON. The text holds the keys: it goes to files of mode 0600 and over the agent's own socket only.</summary>
public static class DesiredGatewayJson
{
    /// <summary>The JSON text, keys included.</summary>
    /// <param name="gateway">The desired state.</param>
    public static string Write(DesiredGateway gateway) => JsonSerializer.Serialize(gateway, Context.DesiredGateway);

    /// <summary>Reads the JSON text.</summary>
    /// <param name="json">The text.</param>
    /// <exception cref="FormatException">The text is not a desired state; the message says where, and never holds the text itself.</exception>
    public static DesiredGateway Read(string json)
    {
        string where;
        try
        {
            return Checked(JsonSerializer.Deserialize(json, Context.DesiredGateway) ?? throw new FormatException("The desired state is empty."));
        }
        catch (JsonException problem)
        {
            where = $"line {problem.LineNumber + 1}, {problem.Path}";
        }

        // Without the cause: its words quote the text, which holds keys.
        throw new FormatException($"The desired state cannot be read: {where}.");
    }

    /// <summary>What the types allow and no gateway can work with.</summary>
    private static DesiredGateway Checked(DesiredGateway gateway)
    {
        if (gateway.Name.Length is 0 or > 24 || !gateway.Name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            throw new FormatException("The desired state cannot be read: a gateway's name has 1 to 24 letters, digits and '-'.");
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var connection in gateway.Connections)
        {
            if (!DesiredConnection.IsUsableId(connection.Id)) throw new FormatException($"The desired state cannot be read: the id of a connection {DesiredConnection.IdRule}.");
            if (connection.HealthyEchoMilliseconds is < TunnelMonitor.LeastHealthyMilliseconds or > TunnelMonitor.MostHealthyMilliseconds)
                throw new FormatException($"The desired state cannot be read: the echo interval of {connection.Id} is not {TunnelMonitor.LeastHealthyMilliseconds} to {TunnelMonitor.MostHealthyMilliseconds} ms.");
            if (!ids.Add(connection.Id)) throw new FormatException($"The desired state cannot be read: {connection.Id} is there twice.");
            var numbers = new HashSet<int>();
            foreach (var tunnel in connection.Tunnels)
            {
                if (tunnel.Number is < 1 or > 9 || !numbers.Add(tunnel.Number)) throw new FormatException($"The desired state cannot be read: the tunnels of {connection.Id} are not numbered 1, 2 ….");
                if (tunnel.Ike.PreSharedKey is null) throw new FormatException($"The desired state cannot be read: tunnel {tunnel.Number} of {connection.Id} has no pre-shared key.");
                if (tunnel.RemoteIdentity.Length > MaximumIdentity || tunnel.LocalIdentity?.Length > MaximumIdentity)
                    throw new FormatException($"The desired state cannot be read: an identity of tunnel {tunnel.Number} of {connection.Id} is longer than {MaximumIdentity} characters.");
            }
        }

        if (gateway.Dns?.Complaint() is { } complaint) throw new FormatException($"The desired state cannot be read: {complaint}.");
        return gateway;
    }

    private const int MaximumIdentity = 1024;

    private static readonly DesiredGatewayContext Context = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters =
        {
            new JsonStringEnumConverter<GatewayRole>(allowIntegerValues: false),
            new JsonStringEnumConverter<DataPlane>(allowIntegerValues: false),
            new JsonStringEnumConverter<Tunnelwright.Model.Routing>(allowIntegerValues: false),
            new JsonStringEnumConverter<IkeVersion>(allowIntegerValues: false),
            new JsonStringEnumConverter<IkeMode>(allowIntegerValues: false),
            new JsonStringEnumConverter<AuthenticationMethod>(allowIntegerValues: false),
            new JsonStringEnumConverter<EncryptionAlgorithm>(allowIntegerValues: false),
            new JsonStringEnumConverter<IntegrityAlgorithm>(allowIntegerValues: false),
            new TextConverter<Ipv4Address>(Ipv4Address.Parse),
            new TextConverter<Ipv4EndPoint>(Ipv4EndPoint.Parse),
            new TextConverter<Cidr>(Cidr.Parse),
            new TextConverter<InterfaceAddress>(InterfaceAddress.Parse),
            new TextConverter<Asn>(Asn.Parse),
            new TextConverter<PreSharedKey>(text => new PreSharedKey(text), key => key.Reveal()),
            new ListConverter<DesiredConnection>(),
            new ListConverter<DesiredTunnel>(),
            new ListConverter<Cidr>(),
            new ListConverter<Ipv4Address>(),
            new ListConverter<Ipv4EndPoint>(),
            new ListConverter<DesiredDnsRule>(),
        },
    });

    private sealed class TextConverter<T>(Func<string, T> read, Func<T, string>? write = null) : JsonConverter<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            try
            {
                return read(reader.GetString() ?? "");
            }
            catch (Exception problem) when (problem is FormatException or ArgumentException or InvalidOperationException)
            {
                throw new JsonException();
            }
        }

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WriteStringValue(write is null ? value!.ToString() : write(value));
    }

    private sealed class ListConverter<T> : JsonConverter<ValueList<T>>
    {
        public override ValueList<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var items = JsonSerializer.Deserialize(ref reader, (System.Text.Json.Serialization.Metadata.JsonTypeInfo<T[]>)options.GetTypeInfo(typeof(T[]))) ?? [];
            return items.Any(item => item is null) ? throw new JsonException() : items.ToValueList();
        }

        public override void Write(Utf8JsonWriter writer, ValueList<T> value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value.ToArray(), (System.Text.Json.Serialization.Metadata.JsonTypeInfo<T[]>)options.GetTypeInfo(typeof(T[])));
    }
}

[JsonSerializable(typeof(DesiredGateway))]
[JsonSerializable(typeof(DesiredConnection[]))]
[JsonSerializable(typeof(DesiredTunnel[]))]
[JsonSerializable(typeof(Cidr[]))]
[JsonSerializable(typeof(Ipv4Address[]))]
[JsonSerializable(typeof(Ipv4EndPoint[]))]
[JsonSerializable(typeof(DesiredDnsRule[]))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
internal sealed partial class DesiredGatewayContext : JsonSerializerContext;
