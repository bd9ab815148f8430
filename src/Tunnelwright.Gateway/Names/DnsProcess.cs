using Tunnelwright.Dns.Control;
using Tunnelwright.Linux;

namespace Tunnelwright.Gateway;

/// <summary>The gateway's DNS forwarder, a process of its own that outlives the agent: "tunnelwright dns serve".</summary>
internal sealed class DnsProcess(string gateway)
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ReloadPatience = TimeSpan.FromSeconds(10);

    private readonly GatewayPaths _paths = new(gateway);

    private string ConfigurationFile => $"{_paths.DnsFolder}/dns.json";

    private string OutputFile => $"{_paths.DnsFolder}/output.log";

    /// <summary>The mark of its process.</summary>
    public static string Mark(string gateway) => GatewayNames.ProcessMark(gateway, "dns");

    /// <summary>What runs; null when nothing does.</summary>
    public async Task<ObservedDns?> ObserveAsync(IReadOnlyList<ServiceProcess> processes, CancellationToken cancellationToken) =>
        processes.FirstOrDefault(candidate => candidate.Mark == Mark(gateway)) is { } process
            ? new ObservedDns(process, await new ControlClient(_paths.DnsControl).TryGetStatusAsync(AnswerPatience, cancellationToken))
            : null;

    /// <summary>Starts it and waits until it answers.</summary>
    /// <exception cref="TimeoutException">It ended, or does not come up; the message holds its words.</exception>
    public async Task StartAsync(byte[] configuration, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_paths.DnsFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        AtomicFile.Write(ConfigurationFile, configuration);
        File.Delete(_paths.DnsControl);
        var said = File.Exists(OutputFile) ? new FileInfo(OutputFile).Length : 0;
        var process = await ServiceProcess.StartAsync(
            new ServiceProcessSpec
            {
                Program = Environment.ProcessPath ?? throw new TimeoutException("the path of this program is not known"),
                Arguments = ["dns", "serve", "--config", ConfigurationFile, "--control", _paths.DnsControl],
                MarkValue = Mark(gateway),
                LogFile = OutputFile,
            },
            cancellationToken);
        var started = TimeProvider.System.GetTimestamp();
        while (!File.Exists(_paths.DnsControl))
        {
            if (!process.IsAlive) throw new TimeoutException($"the DNS forwarder ended: {await LastWordsAsync(said, cancellationToken)}");
            if (TimeProvider.System.GetElapsedTime(started) > StartPatience) throw new TimeoutException($"the DNS forwarder did not come up; see {OutputFile}");
            await Task.Delay(TimeSpan.FromMilliseconds(2), cancellationToken);
        }
    }

    /// <summary>Lets it go on by another configuration; no question is lost.</summary>
    /// <exception cref="IOException">It goes on by the configuration of before; the message says why.</exception>
    public Task ReloadAsync(byte[] configuration, CancellationToken cancellationToken)
    {
        AtomicFile.Write(ConfigurationFile, configuration);
        return new ControlClient(_paths.DnsControl).ReloadAsync(ReloadPatience, cancellationToken);
    }

    private async Task<string> LastWordsAsync(long from, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(OutputFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Position = Math.Min(from, file.Length);
        using var reader = new StreamReader(file);
        var words = (await reader.ReadToEndAsync(cancellationToken)).Split('\n').FirstOrDefault(line => line.StartsWith("error: ", StringComparison.Ordinal));
        return words is null ? $"see {OutputFile}" : words["error: ".Length..];
    }
}
