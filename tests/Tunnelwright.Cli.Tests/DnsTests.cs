using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Tunnelwright.Cli.Tests;

/// <summary>dns serve and dns lookup as they are typed; what the forwarder does is tested in its own room.</summary>
public sealed class DnsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tunnelwright-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("dns lookup a..b", "'a..b'")]
    [InlineData("dns lookup a --via nonsense", "'nonsense'")]
    [InlineData("dns lookup a --via 127.0.0.1:0", "'127.0.0.1:0'")]
    [InlineData("dns lookup a --via 127.0.0.1 --type QQ", "'QQ'")]
    [InlineData("dns lookup a --via 127.0.0.1 --timeout 0", "--timeout")]
    [InlineData("dns serve --config /nonexistent/file", "/nonexistent/file")]
    [InlineData("dns serve", "--config")]
    [InlineData("dns export", "--for is missing")]
    [InlineData("dns export --for djbdns --server 10.1.0.1 --domain cloud.example", "'djbdns'")]
    [InlineData("dns export --for bind --server 10.1.0 --domain cloud.example", "'10.1.0'")]
    [InlineData("dns export --for bind --server 10.1.0.1 --domain a..b", "'a..b'")]
    [InlineData("dns export --for windows --server 10.1.0.1:5300 --domain cloud.example", "10.1.0.1:5300")]
    [InlineData("doctor --lookup a..b", "'a..b'")]
    public void A_wrong_call_is_2(string arguments, string words)
    {
        var run = Tool.Execute(arguments.Split(' '));
        Tool.AssertRefused(run, 2);
        Assert.Contains(words, run.ErrorLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Export_writes_for_each_software_of_its_list_to_the_output_or_a_file()
    {
        var list = Tool.Execute("dns", "export", "--list");
        Assert.Equal(0, list.ExitCode);
        var all = list.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0]).ToList();
        Assert.Equal(9, all.Count);

        // The program is run as nobody.
        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_111_111);
        foreach (var software in all)
        {
            var file = Path.Combine(_folder, software);
            var printed = Tool.Execute("dns", "export", "--for", software, "--server", "10.1.0.1", "--domain", "Cloud.Example.,rds.amazonaws.com");
            Assert.True(printed.ExitCode == 0, printed.ToString());
            Assert.Contains("cloud.example", printed.Output, StringComparison.Ordinal);
            Assert.Equal(0, Tool.Execute("dns", "export", "--for", software, "--server", "10.1.0.1", "--domain", "cloud.example,rds.amazonaws.com", "--out", file).ExitCode);
            Assert.Equal(printed.Output, File.ReadAllText(file));
        }
    }

    [Fact]
    public void A_wrong_configuration_is_2_with_file_and_line()
    {
        var file = Write("{\n  \"listen\": [\"127.0.0.1:0\"],\n  \"rules\": [\n    { \"domain\": \"a..b\", \"servers\": [\"127.0.0.1\"] }\n  ]\n}");
        var run = Tool.Execute("dns", "serve", "--config", file);
        Tool.AssertRefused(run, 2);
        Assert.StartsWith($"error: {file}:4: 'a..b' is not a domain", run.ErrorLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_good_configuration_is_told_so_and_an_address_that_is_not_ours_is_3()
    {
        var file = Write("""{ "listen": ["192.0.2.77:5353"], "allow": ["127.0.0.0/8"], "defaults": ["127.0.0.1"] }""");
        Assert.Equal(0, Tool.Execute("dns", "serve", "--check", "--config", file).ExitCode);
        var run = Tool.Execute("dns", "serve", "--config", file);
        Tool.AssertRefused(run, 3);
        Assert.Contains("192.0.2.77:5353", run.ErrorLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_silent_server_is_1()
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var run = Tool.Execute("dns", "lookup", "app.example", "--via", $"{silent.LocalEndPoint}", "--timeout", "0.3", "--json");
        Assert.True(run.ExitCode == 1, run.ToString());
        using var document = JsonDocument.Parse(run.Output);
        Assert.False(document.RootElement.GetProperty("healthy").GetBoolean());
        Assert.All(document.RootElement.GetProperty("answers").EnumerateArray(), answer => Assert.Contains("no answer", answer.GetProperty("problem").GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_forwarder_answers_a_chain_whole_that_its_server_gives_in_pieces_and_ends_when_it_is_told()
    {
        using var upstream = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        upstream.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _ = AnswerAsync(upstream);
        var file = Write($$"""{ "listen": ["127.0.0.1:0"], "rules": [ { "domain": "rds.example", "servers": ["{{upstream.LocalEndPoint}}"] } ] }""");
        using var serving = Process.Start(new ProcessStartInfo(Tool.Program, ["dns", "serve", "--config", file]) { RedirectStandardError = true, UseShellExecute = false })!;
        try
        {
            var line = await serving.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
            Assert.NotNull(line);
            var server = line.Split(' ')[2].TrimEnd(',');

            var pieces = Tool.Execute("dns", "lookup", "db.rds.example", "--via", $"{upstream.LocalEndPoint}", "--type", "A");
            Assert.Contains("in pieces", pieces.Output, StringComparison.Ordinal);
            var whole = Tool.Execute("dns", "lookup", "db.rds.example", "--via", server, "--type", "A", "--json");
            Assert.True(whole.ExitCode == 0, whole.ToString());
            using var document = JsonDocument.Parse(whole.Output);
            var answer = Assert.Single(document.RootElement.GetProperty("answers").EnumerateArray());
            Assert.True(answer.GetProperty("completeAtOnce").GetBoolean());
            Assert.Equal(["db.rds.example CNAME host.example ", "host.example A 10.8.2.20 private"], answer.GetProperty("chain").EnumerateArray().Select(record => $"{record.GetProperty("owner")} {record.GetProperty("type")} {record.GetProperty("data")} {record.GetProperty("scope")}"));

            using var ending = Process.Start("kill", ["-TERM", $"{serving.Id}"]);
            using var patience = new CancellationTokenSource(10_000);
            await serving.WaitForExitAsync(patience.Token);
            Assert.Equal(0, serving.ExitCode);
        }
        finally
        {
            if (!serving.HasExited) serving.Kill();
        }
    }

    /// <summary>An authority of two domains: for db.rds.example an alias alone, for host.example an address.</summary>
    private static async Task AnswerAsync(Socket socket)
    {
        var buffer = new byte[1500];
        while (true)
        {
            SocketReceiveFromResult received;
            try
            {
                received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0));
            }
            catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
            {
                return;
            }

            var end = 12;
            while (buffer[end] != 0) end += 1 + buffer[end];
            var question = buffer[..(end + 5)];
            byte[] record = buffer[12] == 2
                ? [0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 14, 4, .. "host"u8, 7, .. "example"u8, 0]
                : [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 8, 2, 20];
            byte[] answer = [.. question, .. record];
            (answer[2], answer[3]) = (0x84, 0);
            (answer[6], answer[7], answer[8], answer[9], answer[10], answer[11]) = (0, 1, 0, 0, 0, 0);
            await socket.SendToAsync(answer, SocketFlags.None, received.RemoteEndPoint);
        }
    }

    private string Write(string text)
    {
        var file = Path.Combine(_folder, "names.json");
        File.WriteAllText(file, text);
        return file;
    }
}
