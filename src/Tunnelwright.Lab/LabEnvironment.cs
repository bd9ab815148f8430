namespace Tunnelwright.Lab;

/// <summary>The environment of commands in lab hosts: tunnelwright itself is on the PATH.</summary>
public static class LabEnvironment
{
    /// <summary>The folder of this program.</summary>
    public static string ProgramFolder => Path.GetDirectoryName(Program) ?? "/";

    /// <summary>The tunnelwright program that lab hosts run: TUNNELWRIGHT_PROGRAM when it is set (tests), else this process's own.</summary>
    public static string Program => Environment.GetEnvironmentVariable("TUNNELWRIGHT_PROGRAM") ?? Environment.ProcessPath ?? "tunnelwright";

    /// <summary>Variables to set for a command inside.</summary>
    public static IReadOnlyDictionary<string, string?> Inside { get; } = new Dictionary<string, string?>
    {
        ["PATH"] = $"{ProgramFolder}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ["TUNNELWRIGHT_MARK"] = null,
    };

    /// <summary>The same for a lab: with the provider's service in it, the vpn commands find it and the token of the customer whose host it is.</summary>
    /// <param name="lab">The lab's name.</param>
    /// <param name="host">The host's name.</param>
    public static IReadOnlyDictionary<string, string?> Of(string lab, string host)
    {
        var token = new LabFolder(lab).CustomerToken(ServiceCustomer.OfHost(host));
        return File.Exists(token) ? new Dictionary<string, string?>(Inside) { ["TUNNELWRIGHT_CLOUD"] = ServiceAddresses.ForCustomers, ["TUNNELWRIGHT_TOKEN_FILE"] = token } : Inside;
    }
}
