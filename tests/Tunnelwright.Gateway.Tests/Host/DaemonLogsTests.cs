namespace Tunnelwright.Gateway.Tests;

/// <summary>Logs in memory have a limit; what is put aside is the older part, whole.</summary>
public sealed class DaemonLogsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tunnelwright-logs").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_log_over_the_limit_is_put_aside_and_its_writer_goes_on_at_the_start()
    {
        var charon = Directory.CreateDirectory($"{_folder}/charon-0").FullName;
        using (var writer = new FileStream($"{charon}/charon.log", FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) writer.SetLength(DaemonLogs.Limit + 1);
        File.WriteAllText($"{_folder}/agent.log", "short");
        DaemonLogs.Trim(_folder);
        Assert.Equal(0, new FileInfo($"{charon}/charon.log").Length);
        Assert.Equal(DaemonLogs.Limit + 1, new FileInfo($"{charon}/charon.log.1").Length);
        Assert.Equal("short", File.ReadAllText($"{_folder}/agent.log"));
        Assert.False(File.Exists($"{_folder}/agent.log.1"));
        File.AppendAllText($"{charon}/charon.log", "next");
        Assert.Equal("next", File.ReadAllText($"{charon}/charon.log"));
    }

    [Fact]
    public void Without_a_state_folder_there_is_nothing_to_do() => DaemonLogs.Trim($"{_folder}/none");
}
