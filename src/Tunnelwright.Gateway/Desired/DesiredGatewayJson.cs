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
        try
        {
            return JsonSerializer.Deserialize(json, Context.DesiredGateway) ?? throw new FormatException("The desired state is empty.");
        }
        catch (JsonException problem)
        {
            throw new FormatException($"The desired state cannot be read: line {problem.LineNumber + 1}, {problem.Path}.", problem);
        }
    }

    private static readonly DesiredGatewayContext Context = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters =
        {
            new TextConverter<Ipv4Address>(Ipv4Address.Parse),
            new TextConverter<Cidr>(Cidr.Parse),
            new TextConverter<InterfaceAddress>(InterfaceAddress.Parse),
            new TextConverter<Asn>(Asn.Parse),
            new TextConverter<PreSharedKey>(text => new PreSharedKey(text), key => key.Reveal()),
            new ListConverter<DesiredConnection>(),
            new ListConverter<DesiredTunnel>(),
            new ListConverter<Cidr>(),
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
        public override ValueList<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            (JsonSerializer.Deserialize(ref reader, (System.Text.Json.Serialization.Metadata.JsonTypeInfo<T[]>)options.GetTypeInfo(typeof(T[]))) ?? []).ToValueList();

        public override void Write(Utf8JsonWriter writer, ValueList<T> value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value.ToArray(), (System.Text.Json.Serialization.Metadata.JsonTypeInfo<T[]>)options.GetTypeInfo(typeof(T[])));
    }
}

[JsonSerializable(typeof(DesiredGateway))]
[JsonSerializable(typeof(DesiredConnection[]))]
[JsonSerializable(typeof(DesiredTunnel[]))]
[JsonSerializable(typeof(Cidr[]))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true)]
internal sealed partial class DesiredGatewayContext : JsonSerializerContext;
