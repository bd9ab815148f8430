using System.Net;

namespace Tunnelwright.Cli.Customer;

/// <summary>
/// Settings of the agent that its environment holds: TUNNELWRIGHT_METRICS and OpenTelemetry's own variables (OTEL_…). What the environment does
/// not say comes from /etc/tunnelwright/agent.env, one NAME=VALUE a line, whoever starts the agent: systemd, up, or a person.
/// </summary>
internal static class AgentEnvironment
{
    /// <summary>The variable that takes the place of --metrics.</summary>
    public const string Metrics = "TUNNELWRIGHT_METRICS";

    /// <summary>The file.</summary>
    public const string File = "/etc/tunnelwright/agent.env";

    /// <summary>Puts the file's settings into this process's environment.</summary>
    public static void Load()
    {
        if (!System.IO.File.Exists(File)) return;
        foreach (var (name, value) in Parse(System.IO.File.ReadLines(File)))
        {
            if (Environment.GetEnvironmentVariable(name) is null) Environment.SetEnvironmentVariable(name, value);
        }
    }

    /// <summary>The settings of a file's lines; comments, other variables and unreadable lines are passed over.</summary>
    internal static IEnumerable<(string Name, string Value)> Parse(IEnumerable<string> lines)
    {
        foreach (var line in lines.Select(line => line.Trim()))
        {
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || line.Contains('\0', StringComparison.Ordinal)) continue;
            var name = line[..equals].TrimEnd();
            if (name == Metrics || name.StartsWith("OTEL_", StringComparison.Ordinal)) yield return (name, line[(equals + 1)..].Trim().Trim('"'));
        }
    }

    /// <summary>ADDRESS:PORT of the option or the variable; null when neither asks for it.</summary>
    public static IPEndPoint? MetricsAddress(string? option)
    {
        var text = option ?? Environment.GetEnvironmentVariable(Metrics);
        if (string.IsNullOrEmpty(text)) return null;
        if (IPEndPoint.TryParse(text, out var address) && address.Port is > 0 and <= 65535 && text.EndsWith($":{address.Port}", StringComparison.Ordinal)) return address;
        throw new CliException(ExitCodes.WrongCall, $"{(option is null ? Metrics : "--metrics")}: '{text}' is not ADDRESS:PORT", "for example 127.0.0.1:9469, or [::1]:9469");
    }
}
