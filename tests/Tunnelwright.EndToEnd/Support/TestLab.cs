using Tunnelwright.Gateway;
using Tunnelwright.Lab;
using Tunnelwright.Linux;
using Tunnelwright.Vici;

namespace Tunnelwright.EndToEnd;

/// <summary>A lab that goes with its test, and what tests do with it.</summary>
public sealed class TestLab : IAsyncDisposable
{
    /// <summary>The customer's gateway, which most tests are about.</summary>
    public const string Gateway = "customer-gateway";

    private readonly LabInstance _lab;
    private bool _statusWasTyped;

    private TestLab(LabInstance lab) => _lab = lab;

    /// <summary>Its name.</summary>
    public string Name => _lab.Name;

    /// <summary>The file that its provider hands out.</summary>
    public string File => _lab.ProviderFile;

    /// <summary>The pre-shared keys in the provider's file, tunnel 1 first.</summary>
    public IReadOnlyList<string> Keys =>
    [
        .. System.IO.File.ReadLines(File).Where(line => line.Contains("Pre-Shared Key  ", StringComparison.Ordinal)).Select(line => line.Split(':', 2)[1].Trim()),
    ];

    /// <summary>The names of the files that the gateway keeps of its connections.</summary>
    public IReadOnlyList<string> Stored => Directory.Exists(StoreFolder) ? [.. Directory.EnumerateFileSystemEntries(StoreFolder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)] : [];

    private string StoreFolder => $"{Host(Gateway).Root}/etc/tunnelwright/connections";

    /// <summary>Stands a lab up as a person does.</summary>
    /// <param name="options">Options of lab up.</param>
    public static async Task<TestLab> UpAsync(params string[] options)
    {
        Assert.SkipUnless(RootCheck.IsRoot, "A lab makes network namespaces and needs root.");
        var name = TestMachine.NewLabName();
        var result = await TunnelwrightAsync(["lab", "up", "--name", name, .. options]);
        Assert.True(result.Succeeded, $"lab up: {result.Error}");
        return new TestLab(LabInstance.Open(name));
    }

    /// <summary>Runs the program itself on this machine.</summary>
    public static Task<CommandResult> TunnelwrightAsync(IReadOnlyList<string> arguments) =>
        CommandRunner.Shared.RunAsync(TestMachine.Program, arguments, new CommandOptions { Timeout = TestMachine.Patience, ThrowOnFailure = false });

    /// <summary>A host of the lab.</summary>
    public LabHost Host(string name) => _lab.Host(name);

    /// <summary>Runs a command on a host, whatever its exit code.</summary>
    public Task<CommandResult> RunAsync(string host, params string[] command) => Host(host).RunAsync(command, TestMachine.Patience);

    /// <summary>Runs a command on a host that has to succeed.</summary>
    /// <returns>What it printed, without white space around it.</returns>
    public async Task<string> OutputAsync(string host, params string[] command)
    {
        var result = await RunAsync(host, command);
        Assert.True(result.Succeeded, $"{host}: {string.Join(' ', command)}: {result.ExitCode}: {result.Error}{result.Output}");
        return result.Output.Trim();
    }

    /// <summary>What a customer types on the gateway: tunnelwright with these arguments.</summary>
    public Task<CommandResult> TypeAsync(params string[] arguments) => TypeOnAsync(Gateway, arguments);

    /// <summary>The same on another host.</summary>
    public Task<CommandResult> TypeOnAsync(string host, params string[] arguments) => TunnelwrightAsync(["lab", "exec", "--name", Name, host, "--", "tunnelwright", .. arguments]);

    /// <summary>Starts what a customer types, without waiting for its end.</summary>
    internal Background StartTyping(params string[] arguments) => Background.Start(TestMachine.Program, ["lab", "exec", "--name", Name, Gateway, "--", "tunnelwright", .. arguments]);

    /// <summary>Starts a command on a host, without waiting for its end.</summary>
    internal Background Start(string host, params string[] command) => Background.Start("nsenter", Host(host).EnterArguments(command));

    /// <summary>Brings the connection up; it has to succeed.</summary>
    public async Task<CommandResult> BringUpAsync(params string[] options)
    {
        var result = await TypeAsync(["up", File, "--wait", $"{TestMachine.Patience.TotalSeconds - 20}", .. options]);
        Assert.True(result.ExitCode == 0, $"up: {result.ExitCode}: {result.Error}{result.Output}");
        return result;
    }

    /// <summary>Takes everything off the gateway; it has to succeed.</summary>
    public async Task TakeDownAsync()
    {
        var result = await TypeAsync("down");
        Assert.True(result.ExitCode == 0, $"down: {result.ExitCode}: {result.Error}{result.Output}");
    }

    /// <summary>Takes everything off the gateway, and what it keeps of its connections, too.</summary>
    public async Task EmptyAsync()
    {
        await TakeDownAsync();
        if (Directory.Exists(StoreFolder)) Directory.Delete(StoreFolder, recursive: true);
    }

    /// <summary>The gateway's status as its JSON says, which is checked against the contract. The command is typed the first time, and where no agent answers; else the agent is asked as the command asks it.</summary>
    internal async Task<Status> StatusAsync()
    {
        if (_statusWasTyped)
        {
            using var agent = AgentClient.ForSocket($"{Host(Gateway).Root}/run/tunnelwright/default/agent.sock");
            if (agent.Listens() && await agent.TryGetStatusAsync(CancellationToken.None) is { } document) return Status.Of(document);
        }

        var status = Status.Read(await RunAsync(Gateway, "tunnelwright", "status", "--json"));
        _statusWasTyped = true;
        return status;
    }

    /// <summary>Every IKE SA of a host as charon tells, by its name ("vpn-…-1").</summary>
    public async Task<IReadOnlyList<IkeSaStatus>> SasAsync(string host = Gateway)
    {
        var found = new List<IkeSaStatus>();
        foreach (var folder in Directory.GetDirectories($"{Host(host).Root}/run/tunnelwright/default", "charon-*").Order(StringComparer.Ordinal))
        {
            await using var client = new ViciClient($"{folder}/vici");
            found.AddRange(await client.ListSasAsync());
        }

        return [.. found.OrderBy(sa => sa.Name, StringComparer.Ordinal)];
    }

    /// <summary>Talks to every charon of a host.</summary>
    internal async Task WithCharonsAsync(string host, Func<ViciClient, Task> talk)
    {
        foreach (var folder in Directory.GetDirectories($"{Host(host).Root}/run/tunnelwright/default", "charon-*").Order(StringComparer.Ordinal))
        {
            await using var client = new ViciClient($"{folder}/vici");
            await talk(client);
        }
    }

    /// <summary>What stays the same as long as nobody touches the SAs: names, unique ids and SPIs.</summary>
    public async Task<IReadOnlyList<string>> SaIdentitiesAsync(string host = Gateway) =>
    [
        .. (await SasAsync(host)).Select(sa => $"{sa.Name} #{sa.UniqueId} {sa.InitiatorSpi} {sa.ResponderSpi} {string.Join(' ', sa.Children.Select(child => $"{child.SpiIn}/{child.SpiOut}"))}"),
    ];

    /// <summary>Processes in a host's network namespace, by process id, without those that have ended.</summary>
    public Task<IReadOnlyList<ProcessStatistics>> ProcessesAsync(string host = Gateway) => Task.FromResult<IReadOnlyList<ProcessStatistics>>(
        [.. NetworkNamespace.ProcessesIn([Host(host).Namespace]).Order().Select(ProcessStatistics.TryRead).OfType<ProcessStatistics>().Where(process => !process.HasEnded)]);

    /// <summary>Kills every process of this name in a host (SIGKILL) and waits until they are gone.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> KillAsync(string name, string host = Gateway)
    {
        var killed = (await ProcessesAsync(host)).Where(process => process.Name == name).ToList();
        await Task.WhenAll(killed.Select(process => new ServiceProcess(process.Pid, process.StartTime).StopAsync(TimeSpan.Zero)));
        return killed.Count;
    }

    /// <summary>Cuts the path to an endpoint on the internet.</summary>
    public Task CutAsync(int tunnel) => OutputAsync("internet", "ip", "link", "set", $"endpoint-{tunnel}", "down");

    /// <summary>Mends the path to an endpoint.</summary>
    public Task MendAsync(int tunnel) => OutputAsync("internet", "ip", "link", "set", $"endpoint-{tunnel}", "up");

    /// <summary>Types "lab fault"; it has to succeed.</summary>
    public async Task FaultAsync(string verb, params string[] arguments)
    {
        var result = await TunnelwrightAsync(["lab", "fault", verb, "--name", Name, .. arguments]);
        Assert.True(result.ExitCode == 0, $"lab fault {verb} {string.Join(' ', arguments)}: {result.ExitCode}: {result.Error}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        var result = await TunnelwrightAsync(["lab", "down", "--name", Name]);
        Assert.True(result.Succeeded, $"lab down: {result.Error}");
    }
}
