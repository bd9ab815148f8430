using System.Text.Json;

namespace Tunnelwright.Cloud;

/// <summary>Enumerations as the words that the API and the database hold.</summary>
internal static class Words
{
    public static string Write<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    public static T Read<T>(string word)
        where T : struct, Enum => Enum.Parse<T>(word.Replace("-", "", StringComparison.Ordinal), ignoreCase: true);
}
