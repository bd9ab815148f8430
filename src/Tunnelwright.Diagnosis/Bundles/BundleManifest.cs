using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tunnelwright.Diagnosis;

/// <summary>What is in a support bundle.</summary>
/// <param name="Version">Of this document, 1.</param>
/// <param name="Host">The machine's name.</param>
/// <param name="CreatedAt">When it was collected, UTC.</param>
/// <param name="ElapsedMilliseconds">How long collecting took.</param>
/// <param name="IsRoot">Whether it was collected as root; without, much cannot be had.</param>
/// <param name="SecretsRemoved">How many different secrets were replaced.</param>
/// <param name="Items">Everything that was looked for, also in vain.</param>
public sealed record BundleManifest(int Version, string Host, DateTimeOffset CreatedAt, long ElapsedMilliseconds, bool IsRoot, int SecretsRemoved, IReadOnlyList<BundleEntry> Items);

/// <summary>One thing that was looked for.</summary>
/// <param name="Member">Its name in the archive; null when it could not be had.</param>
/// <param name="From">The file, command or socket it comes from.</param>
/// <param name="Bytes">Its size in the archive.</param>
/// <param name="ElapsedMilliseconds">How long it took.</param>
/// <param name="Problem">Why it could not be had, or not whole; null when nothing is wrong.</param>
public sealed record BundleEntry(string? Member, string From, long Bytes, long ElapsedMilliseconds, string? Problem);

/// <summary>The manifest as JSON.</summary>
[JsonSerializable(typeof(BundleManifest))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
public sealed partial class BundleJson : JsonSerializerContext;
