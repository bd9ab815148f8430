using System.Text;
using Tunnelwright.Dns.Control;
using Tunnelwright.Dns.Tests.Support;
using Tunnelwright.Dns.Wire;

namespace Tunnelwright.Dns.Tests.Control;

/// <summary>The service by its file and its control socket.</summary>
public sealed class ControlTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dns-control-").FullName;

    private string Socket => Path.Combine(_folder, "control");

    private string ConfigurationFile => Path.Combine(_folder, "dns.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_status_tells_rules_servers_and_counters_and_which_configuration_it_works_by()
    {
        await using var server = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1").Build());
        await using var service = await StartAsync(server, "cloud.example");
        await TestClient.AskAsync(service.Forwarder, "www.cloud.example");
        await TestClient.AskAsync(service.Forwarder, "www.cloud.example");

        var status = await new ControlClient(Socket).TryGetStatusAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);

        Assert.NotNull(status);
        Assert.Equal(ForwarderService.Fingerprint(File.ReadAllBytes(ConfigurationFile)), status.Configuration);
        Assert.Equal((2, 1, 1), (status.Counters.Queries, status.Counters.Hits, status.Counters.Misses));
        var rule = Assert.Single(status.Rules);
        Assert.Equal(("cloud.example", 1L), (rule.Domain, rule.Queries));
        Assert.Equal([server.EndPoint.ToString()], rule.Servers);
        Assert.True(Assert.Single(status.Servers).Up);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Socket));
    }

    [Fact]
    public async Task A_reload_takes_the_new_file_and_a_bad_one_changes_nothing()
    {
        await using var server = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1").Build());
        await using var service = await StartAsync(server, "cloud.example");
        var client = new ControlClient(Socket);
        Write(server, "other.example");

        await client.ReloadAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        Assert.Equal("other.example", Assert.Single((await client.TryGetStatusAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken))!.Rules).Domain);

        File.WriteAllText(ConfigurationFile, "{\n  \"lisn\": []\n}");
        var problem = await Assert.ThrowsAsync<IOException>(() => client.ReloadAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken));
        Assert.StartsWith($"{ConfigurationFile}:2: ", problem.Message, StringComparison.Ordinal);
        Assert.Equal(ResponseCode.NoError, (await TestClient.AskAsync(service.Forwarder, "www.other.example")).Code);
    }

    [Fact]
    public async Task Questions_are_told_as_long_as_somebody_asks_for_it()
    {
        await using var server = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1").Build());
        await using var service = await StartAsync(server, "cloud.example");
        using var ending = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var heard = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var listening = Task.Run(async () =>
        {
            await foreach (var line in new ControlClient(Socket).QueriesAsync(ending.Token)) heard.TrySetResult(line);
        });
        while (!heard.Task.IsCompleted)
        {
            await TestClient.AskAsync(service.Forwarder, "www.cloud.example");
            await Task.Delay(10, ending.Token);
        }

        Assert.Matches(@"^127\.0\.0\.1 www\.cloud\.example A NOERROR \S+ [0-9.]+ ms$", await heard.Task);
        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listening);
    }

    [Fact]
    public async Task Nobody_there_is_told_as_nobody() =>
        Assert.Null(await new ControlClient(Socket).TryGetStatusAsync(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken));

    [Theory]
    [InlineData("")]
    [InlineData("status")]
    [InlineData("nonsense\n")]
    [InlineData("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n")]
    public async Task Words_that_are_no_command_do_no_harm(string words)
    {
        await using var server = new FakeServer(query => query.Answer().A(query.Name, "10.8.2.1").Build());
        await using var service = await StartAsync(server, "cloud.example");
        using (var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified))
        {
            await socket.ConnectAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(Socket), TestContext.Current.CancellationToken);
            if (words.Length > 0) await socket.SendAsync(Encoding.ASCII.GetBytes(words));
        }

        Assert.NotNull(await new ControlClient(Socket).TryGetStatusAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken));
    }

    private async Task<ForwarderService> StartAsync(FakeServer server, string domain)
    {
        Write(server, domain);
        return await ForwarderService.StartAsync(ConfigurationFile, Socket, _ => { });
    }

    private void Write(FakeServer server, string domain) => File.WriteAllText(
        ConfigurationFile, $$"""{ "listen": ["127.0.0.1:0"], "threads": 1, "cache": { "megabytes": 4 }, "rules": [ { "domain": "{{domain}}", "servers": ["{{server.EndPoint}}"] } ] }""");
}
