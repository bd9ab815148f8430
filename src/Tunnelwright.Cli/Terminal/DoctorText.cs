using Tunnelwright.Diagnosis;

namespace Tunnelwright.Cli;

/// <summary>What the doctor says while it looks.</summary>
internal static class DoctorText
{
    /// <summary>Tells each check as it is done.</summary>
    public static Action<Check> Progress(TextWriter output)
    {
        var colours = new Colours(output);
        return check => output.WriteLine($"{check.Result switch { "pass" => colours.Green("ok"), "fail" => colours.Red("no"), _ => colours.Dim("--") }}  {check.Name,-18} {check.Detail}");
    }
}
