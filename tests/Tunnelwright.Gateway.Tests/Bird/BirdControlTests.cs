using System.Net.Sockets;
using System.Text;

namespace Tunnelwright.Gateway.Tests;

/// <summary>BIRD's control socket, played by a socket that behaves well or badly.</summary>
public sealed class BirdControlTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tunnelwright-test-").FullName;

    private string SocketPath => Path.Combine(_folder, "bird.ctl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task An_answer_of_many_lines_without_their_codes()
    {
        using var bird = new FakeBird(SocketPath, BirdOutput.Greeting, BirdOutput.Sessions);
        var lines = await new BirdControl(SocketPath).SendAsync("show protocols all", TestContext.Current.CancellationToken);
        Assert.Equal("show protocols all\n", await bird.Command);
        Assert.Equal(BirdOutput.Lines(BirdOutput.Sessions), lines);
    }

    [Fact]
    public async Task Sessions_over_the_wire()
    {
        using var bird = new FakeBird(SocketPath, BirdOutput.Greeting, BirdOutput.Troubled);
        var sessions = BirdProtocol.Parse(await new BirdControl(SocketPath).SendAsync("show protocols all", TestContext.Current.CancellationToken));
        Assert.Equal(["down", "idle"], sessions.Select(session => session.State));
    }

    [Fact]
    public async Task An_answer_that_comes_in_single_bytes()
    {
        using var bird = new FakeBird(SocketPath, BirdOutput.Greeting, "0009-one\n two\n+three\n0013 four\n", pieces: true);
        Assert.Equal(["one", "two", "three", "four"], await new BirdControl(SocketPath).SendAsync("show status", TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("9001 syntax error, unexpected CF_SYM_UNDEFINED\n", "syntax error")]
    [InlineData("0002-Reading configuration from /nope\n8002 /nope: No such file or directory\n", "/nope: No such file")]
    [InlineData("8003 No protocols match\n", "No protocols match")]
    public async Task A_refusal_in_BIRDs_own_words(string answer, string words)
    {
        using var bird = new FakeBird(SocketPath, BirdOutput.Greeting, answer);
        var problem = await Assert.ThrowsAsync<BirdException>(() => new BirdControl(SocketPath).SendAsync("frobnicate", TestContext.Current.CancellationToken));
        Assert.Contains(words, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData(BirdOutput.Greeting, "")]
    [InlineData(BirdOutput.Greeting, "1002-tunnel1 BGP\n")]
    [InlineData(BirdOutput.Greeting, "0000")]
    public async Task A_hang_up(string greeting, string answer)
    {
        using var bird = new FakeBird(SocketPath, greeting, answer);
        await Assert.ThrowsAsync<BirdException>(() => new BirdControl(SocketPath).SendAsync("show status", TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("")]
    [InlineData(BirdOutput.Greeting)]
    public async Task Silence(string greeting)
    {
        using var bird = new FakeBird(SocketPath, greeting, null);
        var problem = await Assert.ThrowsAsync<BirdException>(() => new BirdControl(SocketPath).SendAsync("show status", TestContext.Current.CancellationToken));
        Assert.Contains(SocketPath, problem.Message, StringComparison.Ordinal);
        Assert.Contains("5 s", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_who_gives_up_is_told_so()
    {
        using var bird = new FakeBird(SocketPath, BirdOutput.Greeting, null);
        using var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new BirdControl(SocketPath).SendAsync("show status", impatient.Token));
    }

    [Fact]
    public async Task No_daemon()
    {
        var problem = await Assert.ThrowsAsync<BirdException>(() => new BirdControl(SocketPath).SendAsync("show status", TestContext.Current.CancellationToken));
        Assert.Contains(SocketPath, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_endless_answer_is_refused_before_it_fills_the_memory(bool withLineEnds)
    {
        var flood = string.Concat(Enumerable.Repeat(withLineEnds ? $" {new string('x', 1022)}\n" : new string('x', 1024), 1024));
        using var bird = new FakeBird(SocketPath, BirdOutput.Greeting, flood, times: 64);
        var problem = await Assert.ThrowsAsync<BirdException>(() => new BirdControl(SocketPath).SendAsync("show status", TestContext.Current.CancellationToken));
        Assert.Contains("4 MiB", problem.Message, StringComparison.Ordinal);
        Assert.InRange(bird.Sent, 3L * 1024 * 1024, 16L * 1024 * 1024);
    }

    /// <summary>Answers one client and hangs up; with null for an answer it says nothing and waits.</summary>
    private sealed class FakeBird : IDisposable
    {
        private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        private readonly TaskCompletionSource<string> _command = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Socket? _client;
        private long _sent;

        public FakeBird(string path, string greeting, string? answer, bool pieces = false, int times = 1)
        {
            _listener.Bind(new UnixDomainSocketEndPoint(path));
            _listener.Listen();
            _ = Task.Run(() => ServeAsync(greeting, answer, pieces, times));
        }

        public Task<string> Command => _command.Task;

        /// <summary>Bytes that the client took, or that wait in the socket for it.</summary>
        public long Sent => Interlocked.Read(ref _sent);

        public void Dispose()
        {
            _listener.Dispose();
            _client?.Dispose();
        }

        private async Task ServeAsync(string greeting, string? answer, bool pieces, int times)
        {
            try
            {
                _client = await _listener.AcceptAsync();
                await SendAsync(greeting, pieces);
                if (greeting.Length > 0)
                {
                    var buffer = new byte[1024];
                    var count = await _client.ReceiveAsync(buffer);
                    _command.TrySetResult(Encoding.UTF8.GetString(buffer, 0, count));
                }

                if (answer is null) return;
                for (var i = 0; i < times; i++) await SendAsync(answer, pieces);
                _client.Shutdown(SocketShutdown.Both);
            }
            catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
            {
                // The client went first.
            }
        }

        private async Task SendAsync(string text, bool pieces)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            if (!pieces)
            {
                for (var sent = 0; sent < bytes.Length;)
                {
                    var count = await _client!.SendAsync(bytes.AsMemory(sent, Math.Min(65536, bytes.Length - sent)));
                    sent += count;
                    Interlocked.Add(ref _sent, count);
                }

                return;
            }

            foreach (var one in bytes) await _client!.SendAsync(new[] { one });
        }
    }
}
