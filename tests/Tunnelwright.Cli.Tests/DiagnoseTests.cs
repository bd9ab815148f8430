using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Tunnelwright.Linux;

namespace Tunnelwright.Cli.Tests;

/// <summary>diagnose and explain, by their exit codes and documents.</summary>
public sealed class DiagnoseTests
{
    private const string Refused = "06[IKE] <aws-1|1> received TS_UNACCEPTABLE notify, no CHILD_SA built\n";
    private const string Up = "06[IKE] <aws-1|1> CHILD_SA aws-1{1} established with SPIs c1_i c2_o and TS 0.0.0.0/0 === 0.0.0.0/0\n";

    [Fact]
    public async Task A_faulty_log_is_one_document_and_exit_code_1()
    {
        var run = await Tool.ExecuteAsync(["diagnose", "-", "--json"], Encoding.UTF8.GetBytes(Refused));
        Assert.True(run.ExitCode == 1, run.ToString());
        using var document = JsonDocument.Parse(run.Output);
        Assert.Equal("faulty", document.RootElement.GetProperty("verdict").GetString());
        Assert.Equal("ts-mismatch", document.RootElement.GetProperty("findings")[0].GetProperty("cause").GetString());
    }

    [Theory]
    [InlineData(Up, 0, "healthy")]
    [InlineData("nothing of interest\n", 1, "unknown")]
    [InlineData(Refused, 1, "ts-mismatch")]
    public async Task A_person_reads_the_verdict_first(string log, int exitCode, string word)
    {
        var run = await Tool.ExecuteAsync(["diagnose", "-"], Encoding.UTF8.GetBytes(log));
        Assert.True(run.ExitCode == exitCode, run.ToString());
        Assert.Contains(word, run.Output, StringComparison.Ordinal);
        Assert.Empty(run.ErrorLines);
    }

    [Fact]
    public void A_folder_stands_for_its_files()
    {
        var folder = Directory.CreateTempSubdirectory("tunnelwright-diagnose");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "a.log"), Up);
            File.WriteAllText(Path.Combine(folder.FullName, "b.log"), Refused.Replace("aws-1", "aws-2"));
            File.SetUnixFileMode(folder.FullName, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
            var run = Tool.Execute("diagnose", folder.FullName);
            Assert.True(run.ExitCode == 1, run.ToString());
            Assert.Contains("b.log:1", run.Output, StringComparison.Ordinal);
        }
        finally
        {
            File.SetUnixFileMode(folder.FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_fifo_and_a_socket_in_a_folder_are_told_and_not_waited_for()
    {
        var folder = Directory.CreateTempSubdirectory("tunnelwright-diagnose");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "a.log"), Refused);
            await CommandRunner.Shared.RunAsync("mkfifo", [Path.Combine(folder.FullName, "pipe")]);
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder.FullName, "socket")));
            var run = await Tool.ExecuteAsync(["diagnose", folder.FullName, "--json"], []).WaitAsync(TimeSpan.FromSeconds(60));
            Assert.True(run.ExitCode == 1, run.ToString());
            using var document = JsonDocument.Parse(run.Output);
            Assert.Equal("ts-mismatch", document.RootElement.GetProperty("findings")[0].GetProperty("cause").GetString());
            var skipped = document.RootElement.GetProperty("checks").EnumerateArray().Where(check => check.GetProperty("result").GetString() == "skip").Select(check => Path.GetFileName(check.GetProperty("name").GetString())).Order();
            Assert.Equal(["pipe", "socket"], skipped);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void What_cannot_be_read_is_a_wrong_call() => Tool.AssertRefused(Tool.Execute("diagnose", "/nonexistent/charon.log"), 2);

    [Fact]
    public void Explain_says_what_to_do()
    {
        var run = Tool.Execute("explain", "psk-mismatch");
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Contains("What to do", run.Output, StringComparison.Ordinal);
        var unknown = Tool.Execute("explain", "psk");
        Tool.AssertRefused(unknown, 2);
        Assert.Contains("psk-missing", unknown.Errors, StringComparison.Ordinal);
    }
}
