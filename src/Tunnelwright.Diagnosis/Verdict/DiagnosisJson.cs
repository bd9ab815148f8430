using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tunnelwright.Diagnosis;

/// <summary>The contract's JSON of a diagnosis.</summary>
public static class DiagnosisJson
{
    private static readonly DiagnosisContext Context = new(new JsonSerializerOptions(DiagnosisContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Writes a report as one document.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="report">The report.</param>
    public static void Write(Stream output, DiagnosisReport report)
    {
        ArgumentNullException.ThrowIfNull(output);
        JsonSerializer.Serialize(output, report, Context.DiagnosisReport);
        output.WriteByte((byte)'\n');
    }
}

[JsonSerializable(typeof(DiagnosisReport))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
internal sealed partial class DiagnosisContext : JsonSerializerContext;
