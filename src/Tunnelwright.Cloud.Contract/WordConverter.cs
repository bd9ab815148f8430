using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tunnelwright.Cloud.Contract;

/// <summary>Writes an enumeration as words in lower case with hyphens, such as "rotate-keys"; numbers are refused.</summary>
/// <typeparam name="T">The enumeration.</typeparam>
public sealed class WordConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
