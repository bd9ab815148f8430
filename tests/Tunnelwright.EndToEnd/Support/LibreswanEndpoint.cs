using Tunnelwright.Linux;

namespace Tunnelwright.EndToEnd;

/// <summary>The cloud's end of one tunnel as libreswan makes it (scripts/guest/libreswan). It only responds.</summary>
internal sealed class LibreswanEndpoint : IAsyncDisposable
{
    /// <summary>The tunnel's interface in the endpoint.</summary>
    private const string Interface = "ipsec1";

    private static readonly string Script = Path.Combine(TestMachine.Repository(), "scripts/guest/libreswan");

    private readonly string _folder;

    private LibreswanEndpoint(string folder) => _folder = folder;

    private string State => $"{_folder}/state";

    /// <summary>The last lines of pluto's log, for a test that fails.</summary>
    public string Log => File.Exists($"{State}/pluto.log") ? string.Join('\n', File.ReadLines($"{State}/pluto.log").TakeLast(40)) : "";

    /// <summary>Starts libreswan in an endpoint and waits until it listens.</summary>
    /// <param name="lab">A lab without endpoints of its own.</param>
    /// <param name="number">1 or 2.</param>
    /// <param name="version">IKE version.</param>
    /// <param name="ike">Phase 1 in libreswan's notation (ipsec.conf(5), "ike").</param>
    /// <param name="esp">Phase 2 in the same notation ("phase2alg").</param>
    public static async Task<LibreswanEndpoint> ServeAsync(TestLab lab, int number, int version, string ike, string esp)
    {
        var endpoint = new LibreswanEndpoint($"/run/libreswan-{lab.Name}-{number}");
        try
        {
            Directory.CreateDirectory(endpoint._folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var keyFile = $"{endpoint._folder}/key";
            AtomicFile.Write(keyFile, lab.Keys[number - 1]);
            var host = HandConfiguredNetwork.Endpoint(number);
            await RunAsync(
                "serve",
                "--netns", lab.Host(host).Namespace,
                "--local", HandConfiguredNetwork.Outside(number),
                "--peer", HandConfiguredNetwork.CustomerOutside,
                "--psk-file", keyFile,
                "--inside", $"{HandConfiguredNetwork.Inside(number).Cloud}/30",
                "--state", endpoint.State,
                "--ike-version", $"{version}",
                "--ike", ike,
                "--esp", esp);
            await HandConfiguredNetwork.RouteToCustomerAsync(lab, number, Interface);
            return endpoint;
        }
        catch
        {
            await endpoint.DisposeAsync();
            throw;
        }
    }

    /// <summary>What pluto says of its SAs that carry traffic.</summary>
    public Task<string> TrafficStatusAsync() => RunAsync("whack", "--state", State, "--trafficstatus");

    public async ValueTask DisposeAsync()
    {
        await RunAsync("stop", "--state", State);
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<string> RunAsync(params string[] arguments)
    {
        var result = await CommandRunner.Shared.RunAsync(Script, arguments, new CommandOptions { Timeout = TestMachine.Patience, ThrowOnFailure = false });
        Assert.True(result.Succeeded, $"libreswan {arguments[0]}: {result.ExitCode}: {result.Error}{result.Output}");
        return result.Output;
    }
}
