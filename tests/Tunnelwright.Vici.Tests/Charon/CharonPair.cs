using System.Diagnostics;

namespace Tunnelwright.Vici.Tests.Charon;

/// <summary>All tests of this collection share one pair of daemons, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class SharedCharons : ICollectionFixture<CharonPair>
{
    public const string Name = "charon";
}

/// <summary>
/// Two strongSwan daemons in network namespaces of their own, joined by a cable, and a third for tests that stop it. A guard process takes all of it away, also when this
/// process is killed: it waits for the end of its standard input.
/// </summary>
public sealed class CharonPair : IAsyncLifetime
{
    public const string LeftAddress = "198.51.100.1";
    public const string RightAddress = "198.51.100.2";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    private readonly string _id = $"vici{Environment.ProcessId}";
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"vici-test-{Environment.ProcessId}");
    private string? _problem;
    private Process? _guard;
    private CharonInstance? _left;
    private CharonInstance? _right;
    private CharonInstance? _spare;

    public CharonInstance Left => Started(_left);

    public CharonInstance Right => Started(_right);

    /// <summary>A daemon without peers. A test that stops it starts it again.</summary>
    public CharonInstance Spare => Started(_spare);

    public async ValueTask InitializeAsync()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            _problem = "needs root: starts private strongSwan daemons in network namespaces";
            return;
        }

        try
        {
            await StartAsync();
        }
        catch (Exception error)
        {
            _problem = $"the strongSwan daemons could not be started: {error.Message}";
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var daemon in new[] { _left, _right, _spare })
        {
            if (daemon is not null)
                await daemon.DisposeAsync();
        }

        if (_guard is not null)
        {
            _guard.StandardInput.Close();
            await _guard.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));
            _guard.Dispose();
        }
    }

    private CharonInstance Started(CharonInstance? daemon)
    {
        if (_problem is not null)
            Assert.Fail(_problem);
        return daemon!;
    }

    private async Task StartAsync()
    {
        string left = $"{_id}l", right = $"{_id}r", spare = $"{_id}s";
        Directory.CreateDirectory(_folder);
        var cleaning = $$"""
            trap '' INT TERM HUP
            read _
            for n in {{left}} {{right}} {{spare}}; do
              for p in $(ip netns pids $n 2>/dev/null); do kill -9 $p; done
              ip netns del $n 2>/dev/null
            done
            rm -rf {{_folder}}
            """;
        _guard = Process.Start(new ProcessStartInfo("sh", ["-c", cleaning]) { RedirectStandardInput = true, UseShellExecute = false });
        await RunAsync("ip", "netns", "add", left);
        await RunAsync("ip", "netns", "add", right);
        await RunAsync("ip", "netns", "add", spare);
        await RunAsync("ip", "-n", spare, "link", "set", "lo", "up");
        await RunAsync("ip", "link", "add", "cable0", "netns", left, "type", "veth", "peer", "name", "cable0", "netns", right);
        foreach (var (name, address, inner) in new[] { (left, LeftAddress, "10.91.1.1"), (right, RightAddress, "10.91.2.1") })
        {
            await RunAsync("ip", "-n", name, "link", "set", "lo", "up");
            await RunAsync("ip", "-n", name, "addr", "add", $"{inner}/24", "dev", "lo");
            await RunAsync("ip", "-n", name, "addr", "add", $"{address}/24", "dev", "cable0");
            await RunAsync("ip", "-n", name, "link", "set", "cable0", "up");
        }

        _left = new CharonInstance(left, Path.Combine(_folder, "l"));
        _right = new CharonInstance(right, Path.Combine(_folder, "r"));
        _spare = new CharonInstance(spare, Path.Combine(_folder, "s"));
        await Task.WhenAll(_left.StartAsync(), _right.StartAsync(), _spare.StartAsync()).WaitAsync(StartLimit);
    }

    internal static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync().WaitAsync(StartLimit);
        await process.WaitForExitAsync().WaitAsync(StartLimit);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {errors.Trim()}");
        return await output;
    }
}
