using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Tunnelwright.Cloud.Tests;

/// <summary>The private PostgreSQL runs as a user of its own, who has to get to its folder.</summary>
public sealed class StateFolderTests : IDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Through = UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly string _folder = Directory.CreateTempSubdirectory("tw-umask-").FullName;

    public StateFolderTests() => File.SetUnixFileMode(_folder, Owner | Through);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_service_starts_under_a_umask_that_closes_everything()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "PostgreSQL has a user of its own when root starts it.");
        var state = Path.Combine(_folder, "var", "lib", "tw");
        var program = Path.Combine(AppContext.BaseDirectory, "tunnelwright-cloud");
        var start = new ProcessStartInfo("sh", ["-c", "umask 077; exec \"$0\" serve --listen http://127.0.0.1:0 --state-folder \"$1\"", program, state]) { RedirectStandardError = true, UseShellExecute = false };
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        using var service = Process.Start(start)!;
        try
        {
            var said = new List<string>();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
            while (await service.StandardError.ReadLineAsync(limit.Token) is { } line && !line.StartsWith("listening on ", StringComparison.Ordinal)) said.Add(line);
            Assert.False(service.WaitForExit(0), string.Join('\n', said));
            Assert.Equal(Owner | Through, File.GetUnixFileMode(state));
            Assert.Equal(Owner, File.GetUnixFileMode(Path.Combine(state, "postgresql")));
            Assert.Equal(Owner, File.GetUnixFileMode(Path.Combine(state, "keys")));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(state, FirstAdministrator.File)));
        }
        finally
        {
            using var stop = Process.Start("kill", ["-TERM", $"{service.Id}"]);
            await service.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_folder_that_was_closed_while_the_server_runs_is_opened_again()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "PostgreSQL has a user of its own when root starts it.");
        var state = Path.Combine(_folder, "state");
        StateFolder.Make(state);
        var cluster = new PrivateCluster(state, durable: false);
        Assert.True(await cluster.EnsureRunningAsync(TestContext.Current.CancellationToken));
        try
        {
            File.SetUnixFileMode(state, Owner);
            Assert.False(await new PrivateCluster(state, durable: false).EnsureRunningAsync(TestContext.Current.CancellationToken));
        }
        finally
        {
            Npgsql.NpgsqlConnection.ClearAllPools();
            await cluster.StopUnlessUsedAsync();
        }
    }
}
