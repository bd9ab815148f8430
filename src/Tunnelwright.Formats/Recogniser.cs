using Tunnelwright.Model;

namespace Tunnelwright.Formats;

/// <summary>Finds out which format a text has and hands it to that format's reader.</summary>
internal static class Recogniser
{
    public static ReadResult Read(string text) => GenericTextReader.Read(text) ?? NotAConfiguration();

    private static ReadResult NotAConfiguration() => new(
        null,
        null,
        [new Problem(Severity.Error, Causes.ConfigSyntax, null, "The text is not a VPN configuration in a format that is known here; download the provider's file for the vendor Generic and give that.")],
        SourceMap.Empty);
}
