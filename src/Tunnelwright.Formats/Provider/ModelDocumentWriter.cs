using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tunnelwright.Model;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Tunnelwright.Formats;

/// <summary>Writes a connection as Tunnelwright's own document: the <c>connection</c> object of <c>check --json</c> and what that leaves out, the keys among it.</summary>
public static class ModelDocumentWriter
{
    private static readonly JsonSerializerOptions Layout = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a connection as JSON. The text holds the keys: give it a file of mode 0600.</summary>
    /// <param name="connection">The connection.</param>
    /// <returns>The JSON, indented.</returns>
    public static string WriteJson(VpnConnection connection) => Document(connection).ToJsonString(Layout) + "\n";

    /// <summary>Writes a connection as YAML. The text holds the keys: give it a file of mode 0600.</summary>
    /// <param name="connection">The connection.</param>
    /// <returns>One YAML document in block style.</returns>
    public static string WriteYaml(VpnConnection connection)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var emitter = new Emitter(text, new EmitterSettings(2, 1024, isCanonical: false, 1024));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Emit(emitter, Document(connection));
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static JsonObject Document(VpnConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var document = JsonSerializer.SerializeToNode(ConnectionDocument.From(connection), ConnectionDocumentContext.Default.ConnectionDocument)!.AsObject();
        if (connection.CustomerRanges.Count > 0) document["customerRanges"] = Ranges(connection.CustomerRanges);
        if (connection.CloudRanges.Count > 0) document["cloudRanges"] = Ranges(connection.CloudRanges);
        var tunnels = document["tunnels"]!.AsArray();
        for (var index = 0; index < tunnels.Count; index++)
        {
            var tunnel = connection.Tunnels[index];
            var node = tunnels[index]!.AsObject();
            var ike = node["ike"]!.AsObject();
            if (tunnel.Ike.PreSharedKey is { } key) ike["preSharedKey"] = key.Reveal();
            if (tunnel.Ike.Proposal.PseudoRandomFunction is { } function) ike["prf"] = function.Name();
            if (!tunnel.FragmentBeforeEncryption) node["fragmentBeforeEncryption"] = false;
        }

        return document;
    }

    private static void Emit(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                emitter.Emit(new MappingStart());
                foreach (var (name, value) in members)
                {
                    emitter.Emit(new Scalar(name));
                    Emit(emitter, value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonArray items:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, SequenceStyle.Block));
                foreach (var item in items) Emit(emitter, item);
                emitter.Emit(new SequenceEnd());
                break;
            case null:
                emitter.Emit(new Scalar("null"));
                break;
            default:
                var isText = node.GetValueKind() == JsonValueKind.String;
                var text = node.ToString();
                if (!isText && node.GetValueKind() is JsonValueKind.True or JsonValueKind.False) text = node.GetValueKind() == JsonValueKind.True ? "true" : "false";
                emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, text, isText && !IsPlain(text) ? ScalarStyle.DoubleQuoted : ScalarStyle.Plain, isPlainImplicit: true, isQuotedImplicit: true));
                break;
        }
    }

    /// <summary>Whether a text can stand without quotes: a word that YAML does not take for something else, or an address.</summary>
    private static bool IsPlain(string text)
    {
        if (Ipv4Address.TryParse(text, out _) || InterfaceAddress.TryParse(text, out _)) return true;
        if (text.Length == 0 || !char.IsAsciiLetter(text[0]) || text.ToUpperInvariant() is "NULL" or "TRUE" or "FALSE" or "YES" or "NO" or "ON" or "OFF" or "Y" or "N") return false;
        return text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
    }

    private static JsonArray Ranges(ValueList<Cidr> ranges) => new([.. ranges.Select(range => (JsonNode)JsonValue.Create(range.ToString()))]);
}
