using System.Globalization;
using Tunnelwright.Linux;

namespace Tunnelwright.Lab;

/// <summary>
/// A host that stands: a process that holds a network namespace, a host name and private /run, /etc/tunnelwright and /var/lib/tunnelwright,
/// so that programs inside find a machine of their own.
/// </summary>
/// <param name="Lab">The lab's name.</param>
/// <param name="Name">The host's name.</param>
/// <param name="Role">What it stands for.</param>
/// <param name="Addresses">Its addresses, inside addresses first.</param>
/// <param name="Pid">The process that holds it.</param>
public sealed record LabHost(string Lab, string Name, string Role, IReadOnlyList<string> Addresses, int Pid)
{
    /// <summary>The name of its network namespace (ip-netns(8)).</summary>
    public string Namespace => NamespaceName(Lab, Name);

    /// <summary>Its file system as seen from outside (proc(5), /proc/PID/root).</summary>
    public string Root => $"/proc/{Pid}/root";

    /// <summary>The name of a host's network namespace.</summary>
    internal static string NamespaceName(string lab, string host) => $"tw.{lab}.{host}";

    /// <summary>The mark of a host's own processes.</summary>
    internal static string Mark(string lab, string what) => $"tunnelwright-lab/{lab}/{what}";

    /// <summary>Arguments of nsenter(1) that run a command inside.</summary>
    /// <param name="command">Program and arguments.</param>
    internal IReadOnlyList<string> EnterArguments(IEnumerable<string> command) =>
        ["--target", Pid.ToString(CultureInfo.InvariantCulture), "--net", "--mount", "--uts", "--", .. command];

    /// <summary>Starts a service inside that lives until the lab is taken down.</summary>
    internal Task<ServiceProcess> StartServiceAsync(string service, IReadOnlyList<string> command, string logFile, CancellationToken cancellationToken) => ServiceProcess.StartAsync(
        new ServiceProcessSpec
        {
            Program = "nsenter",
            Arguments = EnterArguments(command),
            MarkValue = Mark(Lab, $"{Name}/{service}"),
            LogFile = logFile,
        },
        cancellationToken);

    /// <summary>Runs a command inside and waits for it.</summary>
    /// <param name="command">Program and arguments.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="cancellationToken">Ends the command.</param>
    /// <returns>Its exit code, output and errors.</returns>
    public Task<CommandResult> RunAsync(IReadOnlyList<string> command, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        CommandRunner.Shared.RunAsync("nsenter", EnterArguments(command), new CommandOptions { Timeout = timeout, ThrowOnFailure = false, Environment = LabEnvironment.Of(Lab, Name) }, cancellationToken);

    /// <summary>Turns this process into a command inside (execve(2)); it keeps the terminal, the signals and the exit status.</summary>
    /// <param name="command">Program and arguments.</param>
    /// <returns>Never, unless it fails.</returns>
    /// <exception cref="KernelException">It could not be executed.</exception>
    public int Become(IReadOnlyList<string> command)
    {
        foreach (var (name, value) in LabEnvironment.Of(Lab, Name)) Environment.SetEnvironmentVariable(name, value);
        return ProcessReplacement.Execute("nsenter", EnterArguments(command));
    }
}
